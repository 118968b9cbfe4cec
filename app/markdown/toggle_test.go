package markdown

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestToggleProperty toggles styles on random words of random lines: first all
// that is selected has the style and the words are the same, then, toggled again
// with the selection as it came back, none of it has.
func TestToggleProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	styles := []Style{Bold, Italic, Strike}
	for range 5000 {
		line := randomLine(r)
		fields := wordPlaces(line)
		i := r.IntN(len(fields))
		j := i + r.IntN(len(fields)-i)
		from, to := Pos{Offset: fields[i][0]}, Pos{Offset: fields[j][1]}
		style := styles[r.IntN(len(styles))]
		before := selection(newText(line), from, to, style)
		on := Toggle(newText(line), to, from, style)
		first := newText(apply(t, newText(line), on.Changes))
		after := selection(first, on.Anchor, on.Caret, style)
		if after.words != before.words || after.all == before.all || after.none == (before.none || !before.all) {
			t.Fatalf("%v of %q:\n%q", style, placed(line, to, from), placed(first.text[0], on.Caret, on.Anchor))
		}
		if !before.all {
			continue
		}
		for _, outside := range [...][4]Pos{
			{{}, from, {}, on.Anchor}, {to, {Offset: len(line)}, on.Caret, {Offset: len(first.text[0])}},
		} {
			was, is := selection(newText(line), outside[0], outside[1], style), selection(first, outside[2], outside[3], style)
			if was.styled != is.styled {
				t.Fatalf("%v off %q changes more:\n%q", style, placed(line, to, from), placed(first.text[0], on.Caret, on.Anchor))
			}
		}
	}
}

// randomLine is a line of words of which some have styles.
func randomLine(r *rand.Rand) string {
	var words []string
	for range 1 + r.IntN(4) {
		words = append(words, "one", "zwei")
		sign := []string{"**", "*", "~~", "_", "***"}[r.IntN(5)]
		inner := "три **四** five"
		if sign != "*" {
			inner = "six *sieben* acht"
		}
		words = append(words, sign+inner+sign)
	}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return strings.Join(words, " ")
}

// wordPlaces are the bounds of the words, without signs.
func wordPlaces(line string) (out [][2]int) {
	at := 0
	for _, f := range strings.Split(line, " ") {
		word := strings.Trim(f, "*_~")
		from := at + strings.Index(f, word)
		out = append(out, [2]int{from, from + len(word)})
		at += len(f) + 1
	}
	return out
}

// selected is what is between two places of a line.
type selected struct {
	words     string // without signs
	all, none bool   // whether they have the style
	styled    string // those letters that have it
}

func selection(l *lines, from, to Pos, style Style) selected {
	s := selected{all: true, none: true}
	for _, span := range Parse(0, 0, l.text[0]).Spans {
		a, b := max(span.From, from.Offset), min(span.To, to.Offset)
		if a >= b || span.Style&Mark != 0 {
			continue
		}
		s.words += l.text[0][a:b]
		if strings.TrimSpace(l.text[0][a:b]) == "" {
			continue
		}
		if span.Style&style != 0 {
			s.none = false
			s.styled += strings.ReplaceAll(l.text[0][a:b], " ", "")
		} else {
			s.all = false
		}
	}
	return s
}
