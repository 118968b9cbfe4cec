package window

import (
	"fmt"
	"image"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"starling/assets"
	"starling/packaging/lab"
)

// twoAtOneText are two people whose windows show one document with a text.
func twoAtOneText(t *testing.T, title, text string) (a, b *person, doc string) {
	t.Helper()
	a, b = newPerson(t, "Ada"), newPerson(t, "Grace")
	space, doc := a.settleIn("# " + title + "\n" + text)
	b.settleIn("# Elsewhere\n")
	for _, p := range []*person{a, b} {
		p.open()
	}
	a.awaitTitle(title + " - Starling")
	a.Must("connect", b.listen)
	lab.Pair(a.Home, b.Home, space)
	b.awaitText(doc, "# "+title+"\n"+text)
	b.press(link) // the space is shared: open it
	b.awaitTitle(title + " - Starling")
	a.into()
	b.into()
	return a, b, doc
}

// Each writes with letters of their own, and a last one that comes once, so that
// it can be told who wrote what. The text itself is digits.
var (
	atA = []string{typed + "tideturnsatten", "Return", typed + "wecountxx", "BackSpace", "BackSpace", typed + "terns;"}
	atB = []string{typed + "NETSANDXX", "BackSpace", "BackSpace", typed + "BUCKETS", "Return", typed + "TAPE:"}
)

const (
	allOfA, allOfB = "tideturnsattenwecountterns;", "NETSANDBUCKETSTAPE:"
	digits         = "1\n2\n3\n"
)

func lettersOfA(r rune) bool { return r >= 'a' && r <= 'z' || r == ';' }
func lettersOfB(r rune) bool { return r >= 'A' && r <= 'Z' || r == ':' }

// Two people type at once: at the same place, above and below each other, with
// new lines and backspaces. Nothing is lost, doubled or reordered, both have the
// same text, and each caret stands behind what its owner wrote last.
func TestTypingTogether(t *testing.T) {
	t.Parallel()
	a, b, doc := twoAtOneText(t, "0", digits)
	for n, round := range []struct {
		name   string
		ka, kb []string // lead to the place
	}{
		{"at the same place", line(2, "End"), line(2, "End")},
		{"at the text's end", []string{"ctrl+End"}, []string{"ctrl+End"}},
		{"one above the other", line(1, "Home"), line(3, "End")},
		{"one below the other", line(3, "End"), line(1, "Home")},
		{"before and behind a word", line(2, "Home"), line(2, "End")},
	} {
		title := strconv.Itoa(n + 1)
		base := "# " + title + "\n" + digits
		a.rewrite(doc, base)
		a.awaitTitle(title + " - Starling")
		b.awaitTitle(title + " - Starling")
		a.keys(round.ka...)
		b.keys(round.kb...)
		atOnce(t, func() error { return a.tryAll(atA) }, func() error { return b.tryAll(atB) })
		got := agree(t, a, b, doc, len(base)+len(allOfA)+len(allOfB)+2)
		for _, who := range []struct {
			of         func(r rune) bool
			name, want string
		}{
			{lettersOfA, "Ada's", allOfA},
			{lettersOfB, "Grace's", allOfB},
			{func(r rune) bool { return !lettersOfA(r) && !lettersOfB(r) && r != '\n' }, "the old", "# " + title + "123"},
			{func(r rune) bool { return r == '\n' }, "the new lines", strings.Repeat("\n", 4+2)},
		} {
			if only := keep(got, who.of); only != who.want {
				t.Errorf("%s: of %q, %s are %q, want %q", round.name, got, who.name, only, who.want)
			}
		}
		a.write("<")
		b.write(">")
		want := strings.Replace(strings.Replace(got, ";", ";<", 1), ":", ":>", 1)
		a.awaitText(doc, want)
		b.awaitText(doc, want)
		a.shot("together-" + title + "-ada")
		b.shot("together-" + title + "-grace")
	}
	a.close()
	b.close()
}

// agree waits until both have the same text of so many bytes.
func agree(t *testing.T, a, b *person, doc string, size int) string {
	t.Helper()
	var left, right string
	if !lab.Until(lab.Soon, func() bool {
		left, _ = a.Cat(doc)
		right, _ = b.Cat(doc)
		return left == right && len(left) == size
	}) {
		t.Fatalf("%s has %q, %s has %q, neither or not both of %d bytes", a.Name, left, b.Name, right, size)
	}
	return left
}

func keep(text string, of func(r rune) bool) string {
	return strings.Map(func(r rune) rune {
		if of(r) {
			return r
		}
		return -1
	}, text)
}

// atOnce does two things at once.
func atOnce(t *testing.T, one, two func() error) {
	t.Helper()
	var both errgroup.Group
	both.Go(one)
	both.Go(two)
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
}

// tryAll is follow for goroutines other than the test's.
func (s *screen) tryAll(keys []string) error {
	for _, key := range keys {
		args := []string{"key", key}
		if text, ok := strings.CutPrefix(key, typed); ok {
			args = []string{"type", "--delay", "25", "--", text}
		}
		if out, err := s.try(args...); err != nil {
			return fmt.Errorf("xdotool %q: %w: %s", args, err, out)
		}
	}
	return nil
}

// What one has selected stays selected while the other writes in it, and what was
// written there belongs to it.
func TestWritingInASelection(t *testing.T) {
	t.Parallel()
	a, b, doc := twoAtOneText(t, "Selected", "one two\nend\n")
	a.keys(line(1, "Home", "shift+End")...)
	b.keys(line(1, "Home", "ctrl+Right")...)
	b.write(" and a half")
	const both = "# Selected\none and a half two\nend\n"
	a.awaitText(doc, both)
	a.shot("selected-1-ada")
	a.keys("ctrl+b")
	a.awaitText(doc, "# Selected\n**one and a half two**\nend\n")
	b.awaitText(doc, "# Selected\n**one and a half two**\nend\n")
	a.close()
	b.close()
}

// The text that one reads stays where it is while the other writes above it.
func TestReadingWhileOthersWrite(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for n := range 100 {
		fmt.Fprintf(&long, "line %d, to be read\n\n", n)
	}
	a, b, doc := twoAtOneText(t, "Long", long.String())
	a.keys("ctrl+Home", "ctrl+Next", "ctrl+Next", "ctrl+Next") // where no caret blinks
	b.keys("ctrl+Home", "End")
	column := image.Rect(page.X-assets.PageWidth/2, 2*assets.BarHeight, page.X+assets.PageWidth/2, full.Max.Y-2*assets.StatusHeight)
	before := a.still().SubImage(column).(*image.RGBA)
	b.follow([]string{"Return", typed + "more, and more", "Return", "Return", typed + "still more"})
	a.awaitText(doc, "# Long\nmore, and more\n\nstill more\n"+long.String())
	lab.Eventually(t, "what was above is still where it was", func() bool { return alike(before, a.picture().SubImage(column).(*image.RGBA)) })
	a.shot("reading-1-ada")
	a.close()
	b.close()
}
