package markdown

// MaxInline is the longest line, in bytes, in which emphasis, code and links
// are looked for.
const MaxInline = 8 << 10

// Kind is what a line is as a whole.
type Kind uint8

// The kinds of lines.
const (
	Paragraph Kind = iota
	Blank
	Heading
	Underline // of the heading in the line above
	Fence     // opens or closes a code block
	Code      // within a fence, or indented
	Rule
	Quote     // a line of a paragraph within quotes
	Item      // the first line of a list's item
	TableRow  // of level 1 if it is the header
	TableRule // a table's delimiter row
	FrontMatter
	Footnote   // the first line of a footnote's text
	Definition // of a reference link
	HTML
)

var kindNames = [...]string{
	"paragraph", "blank", "heading", "underline", "fence", "code", "rule", "quote", "item",
	"row", "delimiters", "front", "footnote", "definition", "html",
}

func (k Kind) String() string { return kindNames[k] }

// Style is a set of what a piece of a line is.
type Style uint16

// The styles. A span may have several.
const (
	Bold Style = 1 << iota
	Italic
	Strike
	CodeSpan
	Link    // a link's text, or a link that is its own text
	Mark    // a sign of the syntax, to be dimmed
	Dim     // within a quote, or of a task that is done
	URL     // where a link goes
	NoteRef // a reference to a footnote
	Comment // HTML
	Label   // what follows a fence: the language
)

var styleNames = [...]string{
	"bold", "italic", "strike", "code", "link", "mark", "dim", "url", "note", "comment", "label",
}

func (s Style) String() string {
	out := ""
	for i, name := range styleNames {
		if s&(1<<i) != 0 {
			if out != "" {
				out += " "
			}
			out += name
		}
	}
	return out
}

// Sign is what may be drawn in place of a span that can be hidden.
type Sign uint8

// The signs.
const (
	NoSign Sign = iota
	Bullet
	Box    // of a task
	Ticked // of a task that is done
	Bar    // beside a quote
	Stroke // across the column: a rule
)

// Span is a piece of a line that is styled alike.
type Span struct {
	From, To int // bytes of the line, at the bounds of grapheme clusters
	Style    Style
	// Hide says that the span is syntax which the text reads well without. Then
	// Sign, if any, takes its place.
	Hide bool
	Sign Sign
	// Cell is the number of the table's cell that the span is in, from 1; the
	// pipes between cells have none.
	Cell int
}

// LinkAt is a link of a line, with all its signs.
type LinkAt struct {
	From, To int    // bytes
	URL      string // empty if Label says where it is defined
	Label    string
}

// Line is a line as it is to be shown.
type Line struct {
	Kind Kind
	// Level is a heading's, 1 to 6, or how deep an item, or else a quote, is
	// nested. The header of a table has 1.
	Level int
	// Quotes is how many quotes the line lies in.
	Quotes int
	// Spans cover the line, in order; an empty line has none.
	Spans []Span
	// Content is the byte at which the line's own text begins, behind the signs
	// and the indentation of all that it lies in.
	Content int
	// Dent is the byte up to which the line is indented for the items that those
	// above it hold: as far as the marker of its own item.
	Dent int
	// Hang is how many bytes at the start later rows are indented by.
	Hang int
	// Lang is the language that an opening fence names, in lower case.
	Lang string
	// Break says that the line's end is a hard break.
	Break bool
	Links []LinkAt
}
