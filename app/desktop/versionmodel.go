package desktop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"starling/crdt"
)

// author is who made a version or wrote a piece of text, as it is shown.
type author struct {
	Name   string
	Figure figure
}

// authors tells who an actor is.
type authors map[crdt.ActorID]author

// of is the author that an actor is.
func (a authors) of(actor crdt.ActorID) author {
	if who, ok := a[actor]; ok {
		return who
	}
	return author{Name: "Someone", Figure: figure{Initial: "?"}}
}

// versionRow is a version as the list shows it.
type versionRow struct {
	Author author
	Time   string
	Named  string // what people call it, "" for nothing
	deed          // zero until it is known
}

// deed is what the author of a version did, in few words.
type deed struct {
	Words  string
	Counts string
}

// versionDay is a day as a title above versions. Clocks that are not set say
// nothing.
func versionDay(at, now time.Time) string {
	at = at.In(now.Location())
	day := func(t time.Time) string { return t.Format("2006-01-02") }
	switch {
	case at.Unix() <= 0:
		return "Undated"
	case day(at) == day(now):
		return "Today"
	case day(at) == day(now.AddDate(0, 0, -1)):
		return "Yesterday"
	case at.Year() == now.Year():
		return at.Format("2 January")
	}
	return at.Format("2 January 2006")
}

// versionTime is the time of day, "" of a clock that is not set.
func versionTime(at, now time.Time) string {
	if at.Unix() <= 0 {
		return ""
	}
	return at.In(now.Location()).Format("15:04")
}

// versionWhen names the moment of a version within a sentence.
func versionWhen(at, now time.Time) string {
	day, clock := versionDay(at, now), versionTime(at, now)
	switch {
	case clock == "":
		return "some time ago"
	case day == "Today":
		return "today " + clock
	case day == "Yesterday":
		return "yesterday " + clock
	}
	return day + ", " + clock
}

// rowOf is a version as a row, without what its author did.
func rowOf(v crdt.Version, who authors, now time.Time) versionRow {
	row := versionRow{Author: who.of(v.Author), Time: versionTime(v.To, now)}
	names := make([]string, len(v.Names))
	for i, name := range v.Names {
		names[i] = clean(name)
	}
	row.Named = clean(strings.Join(names, ", "))
	return row
}

// leaf is a version as the page shows it: its text and, struck, what was
// deleted since its author began.
type leaf struct {
	Text  string
	Marks []leafMark
	// Plain is the text without what was deleted.
	Plain string
}

// leafMark is a stretch of a leaf, by code points.
type leafMark struct {
	From, To int
	Actor    crdt.ActorID
	Struck   bool
}

// leafOf makes a leaf of a difference. All of a text that began with nothing is
// new, and none of it is marked.
func leafOf(pieces []crdt.Piece) leaf {
	var l leaf
	began := slices.ContainsFunc(pieces, func(p crdt.Piece) bool { return p.Fate != crdt.Inserted })
	var text, plain strings.Builder
	at := 0
	for _, p := range pieces {
		text.WriteString(p.Text)
		if p.Fate != crdt.Deleted {
			plain.WriteString(p.Text)
		}
		if p.Fate != crdt.Same && began && p.N > 0 {
			l.mark(leafMark{at, at + p.N, actorOf(p), p.Fate == crdt.Deleted})
		}
		at += p.N
	}
	l.Text, l.Plain = text.String(), plain.String()
	return l
}

// mark adds a mark, to the last one if they are alike and touch.
func (l *leaf) mark(m leafMark) {
	if n := len(l.Marks) - 1; n >= 0 {
		last := &l.Marks[n]
		if last.To == m.From && last.Actor == m.Actor && last.Struck == m.Struck {
			last.To = m.To
			return
		}
	}
	l.Marks = append(l.Marks, m)
}

// actorOf is who did to a piece what became of it.
func actorOf(p crdt.Piece) crdt.ActorID {
	switch {
	case p.Fate == crdt.Deleted && len(p.Deleted) > 0:
		return p.Deleted[0].Actor
	case len(p.BroughtBack) > 0:
		return p.BroughtBack[0].Actor
	}
	return p.Inserted.Actor
}

// did says whether an actor did to a piece what became of it.
func did(p crdt.Piece, actor crdt.ActorID) bool {
	by := func(d crdt.Deed) bool { return d.Actor == actor }
	switch {
	case p.Fate == crdt.Deleted:
		return slices.ContainsFunc(p.Deleted, by)
	case p.Fate == crdt.Same:
		return false
	case len(p.BroughtBack) > 0:
		return slices.ContainsFunc(p.BroughtBack, by)
	}
	return by(p.Inserted)
}

// deedLimit is how many bytes of a text are looked at for a deed's words.
const deedLimit = 800

// deedOf says what an actor did, of all that a difference tells.
func deedOf(pieces []crdt.Piece, actor crdt.ActorID) deed {
	wrote, back := phrase{without: crdt.Deleted}, phrase{without: crdt.Deleted}
	removed := phrase{without: crdt.Inserted}
	for _, p := range pieces {
		mine := did(p, actor)
		again := len(p.BroughtBack) > 0
		wrote.take(p, mine && p.Fate == crdt.Inserted && !again)
		back.take(p, mine && p.Fate == crdt.Inserted && again)
		removed.take(p, mine && p.Fate == crdt.Deleted)
	}
	d := deed{Counts: counts(wrote.all+back.all, removed.all)}
	switch {
	case wrote.words() != "":
		d.Words = wrote.words()
	case back.words() != "":
		d.Words = "brought back “" + back.words() + "”"
	case removed.words() != "":
		d.Words = "removed “" + removed.words() + "”"
	case wrote.all+back.all+removed.all > 0:
		d.Words = "spaces and lines"
	default:
		d.Words = "left the text as it was"
	}
	return d
}

// counts says how many characters came and went.
func counts(came, went int) string {
	var parts []string
	if came > 0 {
		parts = append(parts, fmt.Sprintf("+%d", came))
	}
	if went > 0 {
		parts = append(parts, fmt.Sprintf("−%d", went))
	}
	return strings.Join(parts, " ")
}

// phrase finds the longest stretch of text to which one thing was done.
type phrase struct {
	all      int // code points, of every stretch
	best, on stretch
	last     string    // the piece before
	without  crdt.Fate // pieces that are not of the text with the stretches
}

// stretch is text that was treated alike, or its beginning.
type stretch struct {
	text   string
	n      int  // code points of the whole
	inWord bool // it begins within a word
}

// take goes on with the next piece of the text; hit says whether it counts.
func (f *phrase) take(p crdt.Piece, hit bool) {
	if !hit {
		f.end()
	} else {
		if f.on.n == 0 {
			before, _ := utf8.DecodeLastRuneInString(f.last)
			first, _ := utf8.DecodeRuneInString(p.Text)
			f.on.inWord = unicode.IsLetter(before) && unicode.IsLetter(first)
		}
		f.all += p.N
		f.on.n += p.N
		if len(f.on.text) < deedLimit {
			f.on.text += p.Text[:min(len(p.Text), deedLimit)]
		}
	}
	if p.Fate != f.without {
		f.last = p.Text
	}
}

func (f *phrase) end() {
	if f.on.n > f.best.n && strings.TrimSpace(f.on.text) != "" {
		f.best = f.on
	}
	f.on = stretch{}
}

// words is the first line of the stretch, without marks of Markdown and stops
// before it.
func (f *phrase) words() string {
	f.end()
	for line := range strings.SplitSeq(strings.ToValidUTF8(f.best.text, ""), "\n") {
		line = clean(line)
		bare := strings.TrimLeft(line, "#>*-+ ")
		bare = strings.TrimPrefix(strings.TrimPrefix(bare, "[ ] "), "[x] ")
		bare = strings.TrimLeft(bare, ".,;:!?) ")
		if line = cmp.Or(bare, line); line == "" {
			continue
		}
		if f.best.inWord && strings.HasPrefix(f.best.text, line[:1]) {
			return "…" + line
		}
		return line
	}
	return ""
}

// readingLine says in the status what the page shows.
func readingLine(v crdt.Version, who authors, now time.Time) string {
	if len(v.Names) > 0 {
		return "“" + clean(v.Names[0]) + "”, read only"
	}
	name := who.of(v.Author).Name
	if name == "You" {
		name = "you"
	}
	return "As " + name + " left it " + versionWhen(v.To, now) + ", read only"
}
