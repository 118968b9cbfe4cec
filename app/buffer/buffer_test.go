package buffer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"starling/crdt"
)

func TestLikeModel(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			s := newScript(t, r, randomText(r, 12))
			for range 120 {
				s.step()
			}
		})
	}
}

// FuzzScript takes its input as the random numbers of a script.
func FuzzScript(f *testing.F) {
	f.Add("some text\nto start with", []byte("abcdefghijklmnop"))
	f.Add("", []byte{0, 255, 7, 9})
	f.Fuzz(func(t *testing.T, text string, choices []byte) {
		if len(text) > 200 || len(choices) > 200 || strings.ToValidUTF8(text, "") != text {
			return
		}
		s := newScript(t, rand.New(&bytesSource{data: choices}), text)
		for range len(choices) / 4 {
			s.step()
		}
	})
}

// bytesSource draws from data until it ends, then counts.
type bytesSource struct {
	data []byte
	n    uint64
}

func (s *bytesSource) Uint64() uint64 {
	s.n++
	if len(s.data) < 4 {
		return s.n * 0x9e3779b97f4a7c15
	}
	v := binary.LittleEndian.Uint32(s.data)
	s.data = s.data[4:]
	return uint64(v)<<32 | uint64(v)
}

func TestApply(t *testing.T) {
	d, b := view("one\ntwo")
	d.put(3, 0, "!")
	d.put(0, 1, "O")
	if err := b.Apply(d.since(1)); !errors.Is(err, ErrReload) || b.Text() != "one\ntwo" {
		t.Errorf("a gap: %v, text %q", err, b.Text())
	}
	for range 2 { // the second time they are known
		if err := b.Apply(d.since(0)); err != nil || b.Text() != "One!\ntwo" || b.Seen() != 2 {
			t.Errorf("%v, text %q, seen %d", err, b.Text(), b.Seen())
		}
	}
	for _, p := range []crdt.Patch{{Num: 3, At: 9}, {Num: 3, At: -1}, {Num: 3, At: 8, Delete: 1}, {Num: 3, Delete: -1}} {
		if err := b.Apply([]crdt.Patch{p}); !errors.Is(err, ErrReload) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestFailedEdit(t *testing.T) {
	d, b := view("text")
	b.MoveTo(4, false)
	if err := b.Insert("s"); err != nil {
		t.Fatal(err)
	}
	d.err = errNo
	for name, act := range map[string]func() error{
		"insert":    func() error { return b.Insert("x") },
		"backspace": func() error { return b.Backspace(Character) },
		"undo":      func() error { _, err := b.Undo(); return err },
	} {
		if err := act(); !errors.Is(err, errNo) || b.Text() != "texts" || b.Caret() != 5 {
			t.Errorf("%s: %v, %q, caret %d", name, err, b.Text(), b.Caret())
		}
	}
	d.err = nil
	if ok, err := b.Undo(); !ok || err != nil || b.Text() != "text" {
		t.Errorf("undo later: %v %v %q", ok, err, b.Text())
	}
}

func TestEditBehindOthers(t *testing.T) {
	d, b := view("end")
	b.MoveTo(3, false)
	d.put(0, 0, "the ")
	if err := b.Insert("ing"); err != nil {
		t.Fatal(err)
	}
	if b.Text() != "the ending" || b.Caret() != 10 || b.Seen() != 2 {
		t.Errorf("%q, caret %d, seen %d", b.Text(), b.Caret(), b.Seen())
	}
}

func TestPaste(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc\n": "a\nb\nc\n",
		"a\xffb":      "a\uFFFDb",
		"\r\r\n\n":    "\n\n\n",
	} {
		_, b := view("")
		if err := b.Paste(in); err != nil || b.Text() != want {
			t.Errorf("%q: %v, %q, want %q", in, err, b.Text(), want)
		}
	}
}

// TestShift tells the text with marks: | the caret, < the anchor, { and } a
// remote's caret and anchor.
func TestShift(t *testing.T) {
	for _, c := range []struct {
		before    string
		at, n     int
		text      string
		wantAfter string
	}{
		{"ab|cd", 0, 0, "x", "xab|cd"},
		{"ab|cd", 2, 0, "x", "ab|xcd"},
		{"ab|cd", 1, 2, "", "a|d"},
		{"a<bc|d", 1, 0, "x", "ax<bc|d"},
		{"a<bc|d", 3, 0, "x", "a<bc|xd"},
		{"a|bc<d", 2, 0, "x", "a|bxc<d"},
		{"a<bc|d", 0, 4, "x", "|x"},
		{"a{b}c", 2, 0, "x", "|a{b}xc"},
		{"a{b}c", 1, 0, "x", "|ax{b}c"},
		{"a}b{c", 2, 0, "x", "|a}b{xc"},
		{"ab{}c", 2, 0, "x", "|ab{}xc"},
		{"a{b}c", 0, 1, "", "|{b}c"},
	} {
		text, places := parseMarks(c.before)
		d, b := view(text)
		anchor, ok := places['<']
		if !ok {
			anchor = places['|']
		}
		b.Select(anchor, places['|'])
		_, remote := places['{']
		if remote {
			b.SetRemotes([]Remote{{Caret: places['{'], Anchor: places['}']}})
		}
		d.put(c.at, c.n, c.text)
		if err := b.Apply(d.since(0)); err != nil {
			t.Fatal(err)
		}
		got := map[rune]int{'|': b.Caret()}
		if b.Anchor() != b.Caret() {
			got['<'] = b.Anchor()
		}
		if remote {
			got['{'], got['}'] = b.Remotes()[0].Caret, b.Remotes()[0].Anchor
		}
		wantText, want := parseMarks(c.wantAfter)
		if b.Text() != wantText || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q with %d at %d replaced by %q: %q %v, want %q %v", c.before, c.n, c.at, c.text, b.Text(), got, wantText, want)
		}
	}
}

// parseMarks takes the marks out of a text and tells where they were.
func parseMarks(s string) (text string, places map[rune]int) {
	places = map[rune]int{'|': 0}
	n := 0
	for _, r := range s {
		if strings.ContainsRune("|<{}", r) {
			places[r] = n
			continue
		}
		text += string(r)
		n++
	}
	return text, places
}

func TestReset(t *testing.T) {
	_, b := view("one two three")
	b.Select(4, 7)
	m := &Mark{At: 8}
	b.Track(m)
	if err := b.Insert("2"); err != nil {
		t.Fatal(err)
	}
	b.Select(4, 5)
	b.Reset("zero one 2 three", 40)
	if b.Selected() != "2" || m.At != 11 || b.Seen() != 40 {
		t.Errorf("selected %q, mark %d, seen %d", b.Selected(), m.At, b.Seen())
	}
	b.Reset("zero one 2 three", 41)
	if b.Selected() != "2" || m.At != 11 || b.Seen() != 41 {
		t.Errorf("the same again: selected %q, mark %d, seen %d", b.Selected(), m.At, b.Seen())
	}
	b.Reset("", 42)
	if b.Len() != 0 || b.Lines() != 1 || b.Caret() != 0 {
		t.Errorf("emptied: %d, %d lines, caret %d", b.Len(), b.Lines(), b.Caret())
	}
}
