package assets

import "image/color"

// Tokens are the colours of one variant of the look. Opaque unless said
// otherwise.
type Tokens struct {
	// Page is behind the text, Side behind the outer columns, Panel behind
	// dialogs and menus.
	Page, Side, Panel color.NRGBA
	// Line is a hairline between columns and around fields.
	Line color.NRGBA
	// Text is for reading, Dim for what is secondary but must still be read
	// (section labels, too), Faint only for marks that carry no meaning of
	// their own: it does not reach the contrast that text needs.
	Text, Dim, Faint color.NRGBA
	// Accent is for the one thing to press, links and the caret; OnAccent is
	// for text on it.
	Accent, OnAccent color.NRGBA
	// Selected and Hover are behind a row.
	Selected, Hover color.NRGBA
	// Code is behind code.
	Code color.NRGBA
	// Arrived is behind text that has just come from someone else.
	Arrived color.NRGBA
	// Saved is the chip that says that all is safe, OnSaved its text.
	Saved, OnSaved color.NRGBA
	// Selection is behind one's own selected text, Halo is the ring around
	// the focused field. Both are translucent.
	Selection, Halo color.NRGBA
	// Found is behind what was searched for; translucent. Wrong is below words
	// that are not spelt right.
	Found, Wrong color.NRGBA
	// The colours of code, to be read on Code.
	Keyword, String, Comment, Number, Function, Type color.NRGBA
	// Scrim is laid over the window under a dialog, Shadow around the dialog.
	// Both are translucent.
	Scrim, Shadow color.NRGBA
	// People are the colours that a person can choose from. The order is the
	// same in both variants.
	People [PeopleColours]Person
}

// PeopleColours is how many colours a person can choose from.
const PeopleColours = 8

// Person is how one person's colour shows.
type Person struct {
	// Fill is behind white text: the initial, the name at the caret.
	Fill color.NRGBA
	// Caret is for what stands on the page itself, and for a name in colour.
	Caret color.NRGBA
	// Selection is behind the text that the person has selected. Translucent.
	Selection color.NRGBA
}

// OnPerson is the text on a person's Fill.
var OnPerson = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}

// Person returns the n-th colour for people. Any n is good: it comes from
// other computers, so it is taken modulo the number of colours.
func (t *Tokens) Person(n int) Person {
	n %= PeopleColours
	if n < 0 {
		n += PeopleColours
	}
	return t.People[n]
}

// Light is the look by day. It must not be written to.
var Light = Tokens{
	Page:  hex(0xFCFBF8),
	Side:  hex(0xF4F2ED),
	Panel: hex(0xFFFFFF),
	Line:  hex(0xE5E1D8),
	Text:  hex(0x22262C),
	// Drawn as 6A6F76, which has only 4.1 to 4.4 on hovered and selected rows
	// and on code; WCAG AA asks for 4.5.
	Dim:       hex(0x646970),
	Faint:     hex(0xA9A79F),
	Accent:    hex(0x1F6F78),
	OnAccent:  hex(0xFCFBF8),
	Selected:  hex(0xE4EEEF),
	Hover:     hex(0xEBE8E1),
	Code:      hex(0xF1EFE9),
	Arrived:   hex(0xFBE9C8),
	Saved:     hex(0xEEF3EC),
	OnSaved:   hex(0x2F6A3C),
	Selection: fade(hex(0x1F6F78), 0x33),
	Found:     fade(hex(0xE8B64A), 0x66),
	Wrong:     hex(0xC0392B),
	Keyword:   hex(0x7A4FB5),
	String:    hex(0x2F6A3C),
	Comment:   hex(0x646970),
	Number:    hex(0x94500F),
	Function:  hex(0x2F5CA8),
	Type:      hex(0x1F6F78),
	Halo:      fade(hex(0x1F6F78), 0x24),
	Scrim:     fade(hex(0x000000), 0x52),
	Shadow:    fade(hex(0x000000), 0x30),
	// As the fills, but the orange is a shade darker: B2621B has only 4.4 on
	// the page.
	People: people([PeopleColours]color.NRGBA{
		hex(0x1F6F78), hex(0x3867B7), hex(0x7A4FB5), hex(0xB4436C),
		hex(0xA23B3B), hex(0xAD5E19), hex(0x5B6B1E), hex(0x2E7D5B),
	}),
}

// Dark is the look by night. It must not be written to.
var Dark = Tokens{
	Page:  hex(0x16191D),
	Side:  hex(0x1B1F24),
	Panel: hex(0x1F242A),
	Line:  hex(0x2A2F36),
	Text:  hex(0xE7E3DA),
	// Drawn as 959BA3, which has only 4.3 on text that has just arrived.
	Dim:       hex(0x9BA1A9),
	Faint:     hex(0x5F656D),
	Accent:    hex(0x6CC3C6),
	OnAccent:  hex(0x16191D),
	Selected:  hex(0x21343A),
	Hover:     hex(0x242930),
	Code:      hex(0x20242A),
	Arrived:   hex(0x3F3520),
	Saved:     hex(0x1F3226),
	OnSaved:   hex(0x8CCB9A),
	Selection: fade(hex(0x6CC3C6), 0x33),
	Found:     fade(hex(0xD9A441), 0x55),
	Wrong:     hex(0xE8756B),
	Keyword:   hex(0xB999E8),
	String:    hex(0x8CCB9A),
	Comment:   hex(0x9BA1A9),
	Number:    hex(0xE2A568),
	Function:  hex(0x8AAFEB),
	Type:      hex(0x6CC3C6),
	Halo:      fade(hex(0x6CC3C6), 0x33),
	Scrim:     fade(hex(0x000000), 0x80),
	Shadow:    fade(hex(0x000000), 0x60),
	People: people([PeopleColours]color.NRGBA{
		hex(0x6CC3C6), hex(0x8AAFEB), hex(0xB999E8), hex(0xE58FB0),
		hex(0xE58D8D), hex(0xE2A568), hex(0xADBE68), hex(0x7FC7A5),
	}),
}

// people joins the fills, which are alike by day and by night, with the
// colours that are drawn straight on the page.
func people(carets [PeopleColours]color.NRGBA) [PeopleColours]Person {
	fills := [PeopleColours]color.NRGBA{
		hex(0x1F6F78), hex(0x3867B7), hex(0x7A4FB5), hex(0xB4436C),
		hex(0xA23B3B), hex(0xB2621B), hex(0x5B6B1E), hex(0x2E7D5B),
	}
	var all [PeopleColours]Person
	for i, f := range fills {
		all[i] = Person{Fill: f, Caret: carets[i], Selection: fade(f, 0x33)}
	}
	return all
}

// hex is the opaque colour 0xRRGGBB.
func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xFF}
}

func fade(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}
