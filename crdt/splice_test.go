package crdt

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// splices must make one text of the other, and not say more than they must.
func checkDiff(t *testing.T, from, to string) {
	t.Helper()
	text := []rune(from)
	for _, s := range diff(from, to) {
		if s.at < 0 || s.at+s.del > len(text) {
			t.Fatalf("diff(%q, %q): %+v is outside", from, to, s)
		}
		if s.del == 0 && s.ins == "" {
			t.Fatalf("diff(%q, %q): a splice that does nothing", from, to)
		}
		text = append(text[:s.at:s.at], append([]rune(s.ins), text[s.at+s.del:]...)...)
	}
	if string(text) != to {
		t.Fatalf("diff(%q, %q) gives %q", from, to, string(text))
	}
}

func TestDiffGivesTheText(t *testing.T) {
	alphabet := []string{"a", "b", " ", "\n", "é", "世", "word", "🙂"}
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var parts []string
		for range rng.IntN(30) {
			parts = append(parts, alphabet[rng.IntN(len(alphabet))])
		}
		from := strings.Join(parts, "")
		for range rng.IntN(5) {
			at := rng.IntN(len(parts) + 1)
			switch {
			case rng.IntN(2) == 0 && at < len(parts):
				parts = append(parts[:at:at], parts[at+1:]...)
			default:
				parts = append(parts[:at:at], append([]string{alphabet[rng.IntN(len(alphabet))]}, parts[at:]...)...)
			}
		}
		checkDiff(t, from, strings.Join(parts, ""))
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("one two\nthree\n", "one 2\nthree\nfour")
	f.Add("", "é")
	f.Add("é", "è")
	f.Add("aaa", "aa")
	f.Fuzz(func(t *testing.T, from, to string) {
		if utf8.ValidString(from) && utf8.ValidString(to) {
			checkDiff(t, from, to)
		}
	})
}

func TestDiffOfTextsWithNothingInCommonIsOnePiece(t *testing.T) {
	from := strings.Repeat("a b c\n", 20_000)
	to := strings.Repeat("x y z\n", 20_000)
	if n := len(diff(from, to)); n > 3 {
		t.Errorf("%d splices", n)
	}
	checkDiff(t, from, to)
}
