package buffer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLineActions is what a person sees: | is the caret and < the anchor.
func TestLineActions(t *testing.T) {
	up := func(do func(b *Buffer, up bool) error) func(b *Buffer) error {
		return func(b *Buffer) error { return do(b, true) }
	}
	down := func(do func(b *Buffer, up bool) error) func(b *Buffer) error {
		return func(b *Buffer) error { return do(b, false) }
	}
	indent := func(b *Buffer) error { return b.Indent("\t") }
	outdent := func(b *Buffer) error { return b.Outdent(4) }
	move := func(to int, copies bool) func(b *Buffer) error {
		return func(b *Buffer) error { return b.MoveText(to, copies) }
	}
	for _, c := range []struct {
		name          string
		do            func(b *Buffer) error
		before, after string
	}{
		{"move up", up((*Buffer).MoveLines), "one\ntw|o\nthree", "tw|o\none\nthree"},
		{"move up the last", up((*Buffer).MoveLines), "one\ntw|o", "tw|o\none"},
		{"move up the first", up((*Buffer).MoveLines), "o|ne\ntwo", "o|ne\ntwo"},
		{"move down", down((*Buffer).MoveLines), "o|ne\ntwo\nthree", "two\no|ne\nthree"},
		{"move down past the last", down((*Buffer).MoveLines), "o<n|e\ntwo", "two\no<n|e"},
		{"move down the last", down((*Buffer).MoveLines), "one\nt|wo", "one\nt|wo"},
		{"move several", up((*Buffer).MoveLines), "0\na<1\nb|2\n3", "a<1\nb|2\n0\n3"},
		{"move several, backwards", down((*Buffer).MoveLines), "a|1\nb<2\n3\n4", "3\na|1\nb<2\n4"},
		{"an end at a line's start", up((*Buffer).MoveLines), "0\n<1\n2\n|3", "<1\n2\n|0\n3"},
		{"past an empty one", down((*Buffer).MoveLines), "a|b\n\nc", "\na|b\nc"},
		{"an empty one", up((*Buffer).MoveLines), "ab\n|\nc", "|\nab\nc"},
		{"duplicate down", down((*Buffer).DuplicateLines), "o|ne\ntwo", "one\no|ne\ntwo"},
		{"duplicate up", up((*Buffer).DuplicateLines), "o|ne\ntwo", "o|ne\none\ntwo"},
		{"duplicate the last", down((*Buffer).DuplicateLines), "one\nt<wo|", "one\ntwo\nt<wo|"},
		{"join", (*Buffer).JoinLines, "o|ne\n  two\nthree", "one| two\nthree"},
		{"join with a space there", (*Buffer).JoinLines, "one| \ntwo", "one |two"},
		{"join with an empty one", (*Buffer).JoinLines, "one|\n  \ntwo", "one|\ntwo"},
		{"join an empty one", (*Buffer).JoinLines, "|\ntwo", "|two"},
		{"join several", (*Buffer).JoinLines, "o<ne\ntwo\n\n\tth|ree\nfour", "o<ne two th|ree\nfour"},
		{"join the last", (*Buffer).JoinLines, "one\ntwo|", "one\ntwo|"},
		{"delete a line", (*Buffer).DeleteLines, "one\ntw|o\nthree", "one\nth|ree"},
		{"delete the last", (*Buffer).DeleteLines, "o\ntw|o", "o|"},
		{"delete the only one", (*Buffer).DeleteLines, "tw|o", "|"},
		{"delete several", (*Buffer).DeleteLines, "0\n1<\n2|\n3", "0\n3|"},
		{"the column is in a cluster", (*Buffer).DeleteLines, "ab|c\ne\u0301e\u0301", "e\u0301|e\u0301"},
		{"to the end", (*Buffer).DeleteToLineEnd, "o|ne\ntwo", "o|\ntwo"},
		{"to the end, from there", (*Buffer).DeleteToLineEnd, "one|\ntwo", "one|two"},
		{"to the end, selected", (*Buffer).DeleteToLineEnd, "o<n|e\ntwo", "o|e\ntwo"},
		{"transpose", (*Buffer).Transpose, "a|bc", "ba|c"},
		{"transpose at the end", (*Buffer).Transpose, "abc|\n", "acb|\n"},
		{"transpose at the start", (*Buffer).Transpose, "a\n|bc", "a\n|bc"},
		{"transpose one", (*Buffer).Transpose, "a|\nb", "a|\nb"},
		{"transpose clusters", (*Buffer).Transpose, "👩‍👩‍👧|🇫🇷", "🇫🇷👩‍👩‍👧|"},
		{"transpose the selected", (*Buffer).Transpose, "a<b|c", "a<b|c"},
		{"indent", indent, "on|e", "\ton|e"},
		{"indent an empty line", indent, "|", "\t|"},
		{"indent several", indent, "<one\n\ntw|o\nthree", "<\tone\n\n\ttw|o\nthree"},
		{"indent from within", indent, "o|ne\n<two", "\to|ne\n<two"},
		{"outdent", outdent, "      on|e", "  on|e"},
		{"outdent a tab", outdent, "\t\ton|e", "\ton|e"},
		{"outdent within", outdent, "  |  one", "|one"},
		{"outdent several", outdent, "  o<ne\ntwo\n\tthr|ee", "o<ne\ntwo\nthr|ee"},
		{"outdent nothing", outdent, "on|e", "on|e"},
		{"move text up", move(0, false), "one <two| three", "<two|one  three"},
		{"move text down", move(8, false), "<one| two three", " two <one|three"},
		{"move text into itself", move(2, false), "o<ne| two", "o<ne| two"},
		{"copy text", move(0, true), "one |two<", "<two|one two"},
		{"copy text into itself", move(2, true), "a<bc|d", "ab<bc|cd"},
		{"move nothing", move(0, false), "one|", "one|"},
	} {
		text, places := parseMarks(c.before)
		_, b := view(text)
		b.MoveTo(places['|'], false)
		if anchor, ok := places['<']; ok {
			b.Select(anchor, places['|'])
		}
		must(t, c.do(b))
		if got := shown(b); got != c.after {
			t.Errorf("%s: %q became %q, want %q", c.name, c.before, got, c.after)
		}
		changed := b.Text() != text
		if ok, err := b.Undo(); ok != changed || err != nil || b.Text() != text {
			t.Errorf("%s: one undo left %q, %v", c.name, b.Text(), err)
		}
	}
}

// shown is the text with caret and anchor.
func shown(b *Buffer) string {
	text := []rune(b.Text())
	marks := []struct {
		at   int
		mark rune
	}{{b.Caret(), '|'}, {b.Anchor(), '<'}}
	if b.Caret() < b.Anchor() {
		slices.Reverse(marks)
	}
	for _, m := range marks {
		if m.mark == '|' || b.Caret() != b.Anchor() {
			text = slices.Insert(text, m.at, m.mark)
		}
	}
	return string(text)
}

// TestShorterMoves says that a line moved past a long one is what is written anew,
// and the other way round.
func TestShorterMoves(t *testing.T) {
	long := strings.Repeat("long ", 20)
	for _, text := range []string{"short\n" + long, long + "\nshort"} {
		for _, up := range []bool{true, false} {
			d, b := view(text)
			if up {
				b.MoveTo(b.Len(), false)
			}
			must(t, b.MoveLines(up))
			written := 0
			for _, s := range d.splices {
				written += len(s.Insert)
			}
			if written != len("short\n") {
				t.Errorf("%.10q: wrote %d", text, written)
			}
		}
	}
}

// TestLineActionsBehind does them while others write unseen: the view must come
// to have the document's text, and one undo each must leave only what others did.
func TestLineActionsBehind(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 8))
		d, b := view(strings.Repeat("ii\n iii\n", 4))
		for range 30 {
			a := lineActions[r.IntN(len(lineActions))]
			b.Select(r.IntN(b.Len()+1), r.IntN(b.Len()+1))
			for range r.IntN(3) {
				n := len([]rune(d.text()))
				at := r.IntN(n + 1)
				d.put(at, r.IntN(min(3, n-at)+1), "o\n"[:r.IntN(3)])
			}
			must(t, a.do(b, r.IntN(b.Len()+1), r.IntN(2) == 0))
			must(t, b.Apply(d.since(b.Seen())))
			from, to := b.Selection()
			if b.Text() != d.text() || from < 0 || to > b.Len() {
				t.Fatalf("seed %d, %s: text %q, document %q, selected %d to %d", seed, a.name, b.Text(), d.text(), from, to)
			}
		}
		checkLines(t, b)
		for again(t, b.Undo) {
		}
		if b.Text() != d.text() {
			t.Fatalf("seed %d: undone to %q, document %q", seed, b.Text(), d.text())
		}
	}
}

func TestDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 3000 {
		common := strings.Repeat("ñ漢a", r.IntN(40))
		before := common + randomHard(r, r.IntN(5)) + common
		after := common + randomHard(r, r.IntN(5)) + common
		p := difference(before, after)
		in := []rune(before)
		got := string(in[:p.At]) + p.Insert + string(in[p.At+p.Delete:])
		if got != after || p.Inserted != len([]rune(p.Insert)) || p.Delete > 5 || p.Inserted > 5 {
			t.Fatalf("%q to %q: %+v", before, after, p)
		}
	}
}
