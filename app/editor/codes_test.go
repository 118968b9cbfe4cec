package editor

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"starling/app/highlight"
)

func TestTokensAreCarried(t *testing.T) {
	// if x { "s" }
	tokens := []highlight.Token{{From: 0, To: 2, Kind: highlight.Keyword}, {From: 7, To: 10, Kind: highlight.String}}
	for _, c := range []struct {
		after string
		want  [][2]int
	}{
		{"if x { \"s\" }", [][2]int{{0, 2}, {7, 10}}},
		{"if xy { \"s\" }", [][2]int{{0, 2}, {8, 11}}},
		{"if x { \"st\" }", [][2]int{{0, 2}, {7, 11}}},
		{"iff x { \"s\" }", [][2]int{{0, 3}, {8, 11}}},
		{"x { \"s\" }", [][2]int{{4, 7}}},
		{"if x", [][2]int{{0, 2}}},
		{"", nil},
	} {
		var got [][2]int
		for _, token := range carryTokens(tokens, "if x { \"s\" }", c.after) {
			got = append(got, [2]int{token.From, token.To})
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("to %q they are carried to %v, want %v", c.after, got, c.want)
		}
	}
}

// Carried tokens are ascending, apart, and inside of the line.
func TestCarriedTokensAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return string(b)
	}
	for range 20_000 {
		before, after := text(), text()
		var tokens []highlight.Token
		for at := 0; at < len(before); {
			end := min(at+1+r.IntN(4), len(before))
			tokens = append(tokens, highlight.Token{From: at, To: end})
			at = end + r.IntN(3)
		}
		last := 0
		for _, token := range carryTokens(tokens, before, after) {
			if token.From < last || token.To <= token.From || token.To > len(after) {
				t.Fatalf("from %q to %q %v are carried to %v", before, after, tokens, carryTokens(tokens, before, after))
			}
			last = token.To
		}
	}
}
