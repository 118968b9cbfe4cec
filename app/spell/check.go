package spell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSteps bounds the affixes and parts that are tried for one word, so that a
// hostile dictionary can't make one take seconds. Honest ones need some
// hundred.
const maxSteps = 5_000

// Has reports whether the dictionary has a word, in its spelling and with
// capitals where they may stand: at the beginning, or all. A number is a word.
// It is safe for concurrent use.
func (d *Dictionary) Has(word string) bool {
	_, ok := d.look(word)
	return ok
}

// look is Has, and tells a word's flags.
func (d *Dictionary) look(word string) (set, bool) {
	if word == "" || len(word) > maxWord || !utf8.ValidString(word) {
		return nil, false
	}
	word = d.rules.strip(replaceAll(word, d.rules.iconv))
	if len(word) > maxWord {
		return nil, false
	}
	c := check{d: d, steps: maxSteps}
	if flags, ok := c.broken(word, 0); ok {
		return flags, true
	}
	if strings.Contains(word, "’") {
		return c.broken(strings.ReplaceAll(word, "’", "'"), 0)
	}
	return nil, false
}

// check is the work for one word.
type check struct {
	d         *Dictionary
	steps     int  // left
	initial   bool // only the first letter was a capital
	forbidden bool // the word was found, as one that is none
}

// step counts a step; false: there were too many.
func (c *check) step() bool {
	c.steps--
	return c.steps > 0
}

// broken looks for a word whole, then in parts at the places where the
// dictionary breaks words.
func (c *check) broken(word string, depth int) (set, bool) {
	if flags, ok := c.cased(word); ok {
		return flags, true
	}
	if c.forbidden || depth == 10 {
		return nil, false
	}
	for _, at := range c.d.rules.breaks {
		if flags, ok := c.breakAt(word, at, depth); ok {
			return flags, true
		}
	}
	return nil, false
}

// breakAt looks for the parts of a word around one kind of place.
func (c *check) breakAt(word, at string, depth int) (set, bool) {
	if !c.step() {
		return nil, false
	}
	if head, ok := strings.CutPrefix(at, "^"); ok {
		if rest, ok := strings.CutPrefix(word, head); ok && rest != "" {
			return c.broken(rest, depth+1)
		}
		return nil, false
	}
	if tail, ok := strings.CutSuffix(at, "$"); ok {
		if rest, ok := strings.CutSuffix(word, tail); ok && rest != "" {
			return c.broken(rest, depth+1)
		}
		return nil, false
	}
	left, right, ok := strings.Cut(word, at)
	if !ok || left == "" || right == "" {
		return nil, false
	}
	if _, ok := c.broken(left, depth+1); !ok {
		return nil, false
	}
	return c.broken(right, depth+1)
}

// cased looks for a word in the ways its capitals may have come about.
func (c *check) cased(word string) (set, bool) {
	c.initial, c.forbidden = false, false
	if isNumber(word) {
		return nil, true
	}
	caps := capsOf(word)
	if caps != initCap {
		if flags, ok := c.plain(word); ok {
			return flags, true
		}
	}
	if caps == noCaps || caps == innerCaps || c.forbidden {
		return nil, false
	}
	lower := strings.ToLower(word)
	if flags, ok := c.lowered(capital(lower), lower, caps); ok {
		return flags, true
	}
	if caps != allCaps {
		return nil, false
	}
	if i := strings.IndexByte(lower, '\''); i > 0 { // L'ÉTÉ, D'ARTAGNAN, O'NEILL
		name := lower[:i+1] + capital(lower[i+1:])
		for _, w := range []string{name, capital(name)} {
			if flags, ok := c.plain(w); ok {
				return flags, true
			}
		}
	}
	if !c.d.rules.sharps {
		return nil, false
	}
	for i := 0; i+1 < len(lower); i++ { // STRASSE; one ß is all that words have
		if lower[i:i+2] != "ss" {
			continue
		}
		sharp := lower[:i] + "ß" + lower[i+2:]
		if flags, ok := c.lowered(capital(sharp), sharp, initCap); ok {
			return flags, true
		}
	}
	return nil, false
}

// lowered looks for a word with a capital at its beginning and without. What
// keeps its case is found in that only.
func (c *check) lowered(title, lower string, caps capitals) (set, bool) {
	keep := c.d.rules.keepCase
	c.initial = caps == initCap
	flags, ok := c.plain(title)
	c.initial = false
	if c.forbidden {
		return nil, false
	}
	if ok && (caps == initCap || !flags.has(keep)) {
		return flags, true
	}
	flags, ok = c.plain(lower)
	if ok && flags.has(keep) && (caps == allCaps || !c.d.rules.sharps || !strings.Contains(lower, "ß")) {
		return nil, false
	}
	return flags, ok
}

// plain looks for a word as it is written: a stem, a stem with affixes, or
// several stems.
func (c *check) plain(word string) (set, bool) {
	if len(word) > maxWord {
		return nil, false // small letters may take more bytes than capitals
	}
	w := []byte(word)
	if flags, ok := c.affixed(w, alone); ok || c.forbidden {
		return flags, ok
	}
	return c.compounded(w)
}

// place is where a part of a word stands.
type place uint8

const (
	alone place = iota
	first
	middle
	last
)

// affixed looks for a word as a stem with at most one prefix and two suffixes.
func (c *check) affixed(word []byte, at place) (set, bool) {
	if flags, ok := c.stem(word, found{at: at}); ok || c.forbidden {
		return flags, ok
	}
	if flags, ok := c.suffixed(word, found{at: at}); ok || c.forbidden {
		return flags, ok
	}
	var room buffer
	list := &c.d.rules.prefixes
	for n := 0; n <= min(list.longest, len(word)); n++ {
		for _, x := range list.byAdd[string(word[:n])] {
			if !c.step() {
				return nil, false
			}
			if at == last && !x.cont.has(c.d.rules.permit) {
				continue // as joins says, but without looking for the stem
			}
			rest, ok := x.offPrefix(word, &room, c.d.rules.fullStrip)
			if !ok {
				continue
			}
			f := found{at: at, prefix: x}
			if flags, ok := c.stem(rest, f); ok || c.forbidden {
				return flags, ok
			}
			if !x.cross {
				continue
			}
			if flags, ok := c.suffixed(rest, f); ok || c.forbidden {
				return flags, ok
			}
		}
	}
	return nil, false
}

// suffixed takes a suffix off word, or a second one, and looks for the rest.
func (c *check) suffixed(word []byte, f found) (set, bool) {
	var room buffer
	list := &c.d.rules.suffixes
	for n := 0; n <= min(list.longest, len(word)); n++ {
		for _, x := range list.byAdd[string(word[len(word)-n:])] {
			if !c.step() {
				return nil, false
			}
			if f.prefix != nil && !x.cross || f.suffix != nil && !x.cont.has(f.suffix.flag) {
				continue
			}
			if (f.at == first || f.at == middle) && f.suffix == nil &&
				!x.cont.has(c.d.rules.permit) && !c.d.rules.carried(x.flag) {
				continue // as joins says, but without looking for the stem
			}
			rest, ok := x.offSuffix(word, &room, c.d.rules.fullStrip)
			if !ok {
				continue
			}
			inner := found{at: f.at, prefix: f.prefix, suffix: x, outer: f.suffix}
			if flags, ok := c.stem(rest, inner); ok || c.forbidden {
				return flags, ok
			}
			if f.suffix != nil || !c.d.rules.carried(x.flag) {
				continue
			}
			if flags, ok := c.suffixed(rest, inner); ok || c.forbidden {
				return flags, ok
			}
		}
	}
	return nil, false
}

// found is what was taken off a word to get a stem: nil is none. outer was
// added after suffix.
type found struct {
	at                    place
	prefix, suffix, outer *affix
}

// stem looks for a stem that the affixes taken off fit.
func (c *check) stem(word []byte, f found) (flags set, ok bool) {
	c.d.table.find(word, func(id uint32) bool {
		flags = c.d.sets[id]
		if flags.has(c.d.rules.forbidden) && f.at == alone && c.d.rules.allows(flags, f) {
			c.forbidden = true
			return false
		}
		ok = !(c.initial && flags.has(onlyUpper)) && c.d.rules.fits(flags, f)
		return !ok
	})
	return flags, ok && !c.forbidden
}

// isNumber reports whether a word is digits, with single points, commas or
// hyphens between.
func isNumber(word string) bool {
	digit := false
	for _, r := range word {
		switch {
		case unicode.IsDigit(r):
			digit = true
		case (r == '.' || r == ',' || r == '-') && digit:
			digit = false
		default:
			return false
		}
	}
	return digit
}
