package typeset

import (
	"math/rand/v2"
	"testing"

	"fyne.io/fyne/v2/test"
	"github.com/rivo/uniseg"
)

// TestSimple holds that simple characters are taken apart as uniseg would.
func TestSimple(t *testing.T) {
	test.NewTempApp(t)
	s := New(Fonts{})
	var all []rune
	for r := rune(0x80); r < 0x10000; r++ {
		if simpleOf(r) != notSimple && (r < 0x3400 || r%97 == 0) {
			all = append(all, r)
		}
	}
	r := rand.New(rand.NewPCG(4, 4))
	for range 400 {
		text := make([]rune, 100)
		for i := range text {
			text[i] = all[r.IntN(len(all))]
			switch r.IntN(6) {
			case 0:
				text[i] = ' '
			case 1:
				text[i] = 'e'
			}
		}
		l := s.Lay(page(string(text), 1e6), nil)
		sc := s.scan(l, 0)
		var c cluster
		rest, state := l.Text, -1
		for sc.next(&c) {
			var want string
			var bounds int
			want, rest, bounds, state = uniseg.StepString(rest, state)
			breaks := bounds&uniseg.MaskLine != uniseg.LineDontBreak
			if got := l.Text[c.from:c.to]; got != want || c.breaks != breaks {
				t.Fatalf("%q: %q breaks %t, want %q %t before %q", l.Text, got, c.breaks, want, breaks, rest)
			}
		}
	}
}
