package editor

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"starling/app/find"
)

// pieces are what the random texts are made of.
var pieces = []string{
	"a", "word ", " ", "\n", "\n\n", "- item\n", "1. one\n2. two\n", "- [ ] task\n", "- [x] done\n", "> quote ", "# Head\n",
	"**bold** ", "`code` ", "```go\nx\n```\n", "| a | b |\n|---|---|\n| 1 | 2 |\n", "[link](https://a.example) ", "---\n",
	"é", "e\u0301", "👩‍👩‍👧", "漢字", "שלום ", "مرحبا ", "🇫🇷", "\t", "  ", "\u200d", "\\", "*", "_", "~~",
}

func randomText(r *rand.Rand, n int) string {
	var out strings.Builder
	for range r.IntN(n + 1) {
		out.WriteString(pieces[r.IntN(len(pieces))])
	}
	return out.String()
}

// act is something random that the person or somebody else does.
func (s *stage) act(t testing.TB, r *rand.Rand) {
	place := func() int { return r.IntN(s.buf.Len() + 1) }
	switch r.IntN(16) {
	case 0, 1:
		for _, c := range pieces[r.IntN(len(pieces))] {
			s.TypedRune(c)
		}
	case 2:
		s.buf.Select(place(), place())
	case 3: // comes with the next action
		s.doc.put(s.somewhere(r), 0, pieces[r.IntN(len(pieces))])
	case 4:
		at := s.somewhere(r)
		s.doc.put(at, min(r.IntN(4), len(s.doc.text)-at), "")
	case 5:
		s.Apply(s.doc.patches[s.buf.Seen():])
	case 6:
		s.Find(find.Query{Text: pieces[r.IntN(len(pieces))], Regexp: r.IntN(4) == 0, Word: r.IntN(4) == 0})
	case 7:
		if r.IntN(2) == 0 {
			s.Replace(pieces[r.IntN(len(pieces))])
		} else {
			s.ReplaceAll(pieces[r.IntN(4)])
		}
	case 8:
		s.mouseStep(t, []string{"click", "double", "press", "drag", "release", "right"}[r.IntN(6)], "below")
	case 9:
		p := s.at(place())
		s.press(p, 0)
		s.drag(s.at(place()))
		if r.IntN(3) > 0 {
			s.release(modifiers[r.IntN(len(modifiers))].mod)
		}
	case 10:
		s.clock = s.clock.Add(time.Second)
		s.fire(recountTime)
	default:
		a := &actions[r.IntN(len(actions))]
		s.Do(a.name)
	}
}

func (s *stage) somewhere(r *rand.Rand) int { return r.IntN(len(s.doc.text) + 1) }

// Whatever is done, the editor has the document's text and its caret lies in it.
func FuzzActions(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(seed, 30)
	}
	f.Fuzz(func(t *testing.T, seed uint64, steps int) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := newStage(t, randomText(r, 20))
		s.useKeysOf(systems[r.IntN(len(systems))])
		for range min(max(steps, 0), 100) {
			s.act(t, r)
		}
		s.Apply(s.doc.patches[s.buf.Seen():])
		s.agree(t)
		if c, a := s.Caret(); c < 0 || a < 0 || c > s.buf.Len() || a > s.buf.Len() {
			t.Errorf("caret %d and anchor %d in %d", c, a, s.buf.Len())
		}
	})
}

// What a person types while others write comes out once and in order, wherever
// the others write and however late the person's editor hears of it.
func TestTypingAmongOthers(t *testing.T) {
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyz"
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := newStage(t, "")
		s.focus()
		typed := 0
		put := make(map[rune]int)
		for range 200 {
			switch r.IntN(8) {
			case 0, 1, 2:
				s.TypedRune(rune(digits[typed%len(digits)]))
				typed++
			case 3, 4, 5:
				// At the caret as often as elsewhere.
				at := s.somewhere(r)
				if r.IntN(2) == 0 && s.buf.Seen() == uint64(len(s.doc.patches)) {
					at = s.buf.Caret()
				}
				c := rune(letters[r.IntN(len(letters))])
				s.doc.put(at, 0, string(c))
				put[c]++
			case 6:
				s.Apply(s.doc.patches[s.buf.Seen():])
			case 7:
				s.Do([]Command{"enter", "tab"}[r.IntN(2)])
			}
		}
		s.Apply(s.doc.patches[s.buf.Seen():])
		s.agree(t)
		found := 0
		for _, c := range s.Text() {
			switch i := strings.IndexRune(digits, c); {
			case i >= 0 && i != found%len(digits):
				t.Fatalf("seed %d: %q comes after %d others", seed, c, found)
			case i >= 0:
				found++
			case c >= 'a':
				put[c]--
			}
		}
		if found != typed {
			t.Fatalf("seed %d: %d of %d typed", seed, found, typed)
		}
		for c, n := range put {
			if n != 0 {
				t.Fatalf("seed %d: %d times %q too few", seed, n, c)
			}
		}
	}
}
