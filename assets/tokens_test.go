package assets

import (
	"image/color"
	"math"
	"testing"
)

// readable is the contrast that WCAG 2.1 AA asks for in text, visible the one
// for the parts of a control (success criteria 1.4.3 and 1.4.11).
const (
	readable = 4.5
	visible  = 3.0
)

func TestContrasts(t *testing.T) {
	for _, variant := range []struct {
		name string
		Tokens
	}{{"light", Light}, {"dark", Dark}} {
		k := variant.Tokens
		grounds := map[string]color.NRGBA{
			"page": k.Page, "side": k.Side, "panel": k.Panel, "selected": k.Selected,
			"hover": k.Hover, "code": k.Code, "just arrived": k.Arrived,
		}
		for name, ground := range grounds {
			atLeast(t, variant.name+" text on "+name, readable, k.Text, ground)
			atLeast(t, variant.name+" dim on "+name, readable, k.Dim, ground)
			atLeast(t, variant.name+" accent on "+name, readable, k.Accent, ground)
		}
		atLeast(t, variant.name+" on accent", readable, k.OnAccent, k.Accent)
		atLeast(t, variant.name+" on saved", readable, k.OnSaved, k.Saved)
		atLeast(t, variant.name+" text on selection", readable, k.Text, over(k.Selection, k.Page))
		atLeast(t, variant.name+" text on what was found", readable, k.Text, over(k.Found, k.Page))
		atLeast(t, variant.name+" line below a wrong word", visible, k.Wrong, k.Page)
		for name, ink := range map[string]color.NRGBA{
			"keyword": k.Keyword, "string": k.String, "comment": k.Comment,
			"number": k.Number, "function": k.Function, "type": k.Type,
		} {
			atLeast(t, variant.name+" "+name+" on code", readable, ink, k.Code)
		}
		for _, p := range k.People {
			atLeast(t, variant.name+" white on a person", readable, OnPerson, p.Fill)
			atLeast(t, variant.name+" name of a person", readable, p.Caret, k.Page)
			atLeast(t, variant.name+" text on a person's selection", readable, k.Text, over(p.Selection, k.Page))
			atLeast(t, variant.name+" caret on its selection", visible, p.Caret, over(p.Selection, k.Page))
		}
	}
}

func TestContrastOfBlackAndWhite(t *testing.T) {
	black, white := hex(0), hex(0xFFFFFF)
	if c := contrast(black, white); math.Abs(c-21) > 1e-9 {
		t.Errorf("black on white has contrast %v, not 21", c)
	}
	if c := contrast(white, white); c != 1 {
		t.Errorf("white on white has contrast %v, not 1", c)
	}
}

func TestPeopleDiffer(t *testing.T) {
	for _, k := range []*Tokens{&Light, &Dark} {
		seen := map[color.NRGBA]bool{}
		for _, p := range k.People {
			if seen[p.Caret] {
				t.Errorf("two people have the colour %v", p.Caret)
			}
			seen[p.Caret] = true
		}
	}
}

func TestPersonTakesAnyNumber(t *testing.T) {
	for n, want := range map[int]int{0: 0, 7: 7, 8: 0, 17: 1, -1: 7, -8: 0, math.MaxInt: 7, math.MinInt: 0} {
		if got := Light.Person(n); got != Light.People[want] {
			t.Errorf("Person(%d) is %v, want the colour %d", n, got, want)
		}
	}
}

func atLeast(t *testing.T, what string, want float64, ink, ground color.NRGBA) {
	t.Helper()
	if c := contrast(ink, ground); c < want {
		t.Errorf("%s: contrast %.2f is below %.1f (%v on %v)", what, c, want, ink, ground)
	}
}

// contrast is WCAG's contrast ratio of two opaque colours, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// over lays a translucent colour on an opaque one.
func over(top, ground color.NRGBA) color.NRGBA {
	a := float64(top.A) / 255
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*a + float64(y)*(1-a))) }
	return color.NRGBA{mix(top.R, ground.R), mix(top.G, ground.G), mix(top.B, ground.B), 0xFF}
}
