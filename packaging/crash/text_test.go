package crash

import (
	"fmt"
	"strconv"
	"testing"
)

// split cuts a text under test into its counter and its characters.
func split(text string) (counter uint64, runes []rune, err error) {
	if len(text) < counterDigits {
		return 0, nil, fmt.Errorf("the text %q has no counter", text)
	}
	if counter, err = strconv.ParseUint(text[:counterDigits], 10, 64); err != nil {
		return 0, nil, fmt.Errorf("the text begins with %q, not a counter", text[:counterDigits])
	}
	return counter, []rune(text[counterDigits:]), nil
}

// audit says what is wrong with a text that must hold certain characters and
// at least a certain count.
func audit(text string, held map[rune]bool, least uint64) error {
	counter, runes, err := split(text)
	if err != nil {
		return err
	}
	if counter < least {
		return fmt.Errorf("the counter is back at %d from %d", counter, least)
	}
	seen := make(map[rune]bool, len(runes))
	for i, c := range runes {
		if c < firstRune {
			return fmt.Errorf("%q at %d was never written there", c, counterDigits+i)
		}
		if seen[c] {
			return fmt.Errorf("%U is there twice", c)
		}
		seen[c] = true
	}
	var lost []rune
	for c := range held {
		if !seen[c] {
			lost = append(lost, c)
		}
	}
	if len(lost) > 0 {
		return fmt.Errorf("%d of %d characters are lost, %U among them", len(lost), len(held), lost[0])
	}
	return nil
}

// grewFrom says whether a text may have come from an older one by insertions
// alone: what stood there stands there in the same order.
func grewFrom(older, text string) error {
	_, before, err := split(older)
	if err != nil {
		return err
	}
	_, after, err := split(text)
	if err != nil {
		return err
	}
	for _, c := range after {
		if len(before) > 0 && before[0] == c {
			before = before[1:]
		}
	}
	if len(before) > 0 {
		return fmt.Errorf("%U does not stand where it stood, or not at all", before[0])
	}
	return nil
}

// The checks must find what they are there for.
func TestAudit(t *testing.T) {
	const a, b, c = "\U00010000", "\U00010001", "\U00010002"
	held := map[rune]bool{0x10000: true, 0x10001: true}
	for text, ok := range map[string]bool{
		"0000000007" + b + c + a:   true,
		"0000000008" + a + b:       true,
		"0000000006" + a + b:       false,
		"0000000007" + a + c:       false,
		"0000000007" + a + b + a:   false,
		"0000000007" + a + "7" + b: false,
		"000000007" + a + b:        false,
		"":                         false,
	} {
		if err := audit(text, held, 7); (err == nil) != ok {
			t.Errorf("audit of %q: %v", text, err)
		}
	}
	for text, ok := range map[string]bool{
		"0000000009" + a + b: true, "0000000009" + a + c + b: true, "0000000009" + c + a + b: true,
		"0000000009" + b + a: false, "0000000009" + b: false, "0000000009": false, "": false,
	} {
		if err := grewFrom("0000000007"+a+b, text); (err == nil) != ok {
			t.Errorf("%q from the older text: %v", text, err)
		}
	}
}
