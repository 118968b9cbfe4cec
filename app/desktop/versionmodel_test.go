package desktop

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/peer"
)

const (
	adaActor   = crdt.ActorID("ada's actor")
	graceActor = crdt.ActorID("grace's")
)

// wrote, cut and kept are pieces of a difference.
func wrote(by crdt.ActorID, text string) crdt.Piece {
	return crdt.Piece{Fate: crdt.Inserted, Text: text, N: utf8.RuneCountInString(text), Inserted: crdt.Deed{Actor: by}}
}

func cut(by crdt.ActorID, text string) crdt.Piece {
	p := wrote("somebody", text)
	p.Fate, p.Deleted = crdt.Deleted, []crdt.Deed{{Actor: by}}
	return p
}

func kept(text string) crdt.Piece {
	p := wrote("somebody", text)
	p.Fate = crdt.Same
	return p
}

func again(by crdt.ActorID, text string) crdt.Piece {
	p := wrote("somebody", text)
	p.BroughtBack = []crdt.Deed{{Actor: by}}
	return p
}

func TestDeeds(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []crdt.Piece
		want   deed
	}{
		"nothing":              {[]crdt.Piece{kept("Tides")}, deed{"left the text as it was", ""}},
		"a title":              {[]crdt.Piece{wrote(adaActor, "# Tides\n\nHigh at ten.")}, deed{"Tides", "+21"}},
		"the longest":          {[]crdt.Piece{wrote(adaActor, "a"), kept("b "), wrote(adaActor, "many words")}, deed{"many words", "+11"}},
		"pieces that touch":    {[]crdt.Piece{wrote(adaActor, "one "), wrote(adaActor, "two"), kept("b"), wrote(adaActor, "three")}, deed{"one two", "+12"}},
		"a task":               {[]crdt.Piece{wrote(adaActor, "\n- [ ] Ask the office\n")}, deed{"Ask the office", "+22"}},
		"a removal":            {[]crdt.Piece{kept("boat"), cut(adaActor, " and a second one")}, deed{"removed “and a second one”", "−17"}},
		"both":                 {[]crdt.Piece{cut(adaActor, "a long old text"), wrote(adaActor, "new")}, deed{"new", "+3 −15"}},
		"what came back":       {[]crdt.Piece{again(adaActor, "once more")}, deed{"brought back “once more”", "+9"}},
		"what others did":      {[]crdt.Piece{wrote(graceActor, "hers "), wrote(adaActor, "mine"), cut(graceActor, "old")}, deed{"mine", "+4"}},
		"only lines":           {[]crdt.Piece{kept("a"), wrote(adaActor, "\n \n")}, deed{"spaces and lines", "+3"}},
		"the end of a word":    {[]crdt.Piece{kept("con"), wrote(adaActor, "flict-free types")}, deed{"…flict-free types", "+16"}},
		"the end of a line":    {[]crdt.Piece{kept("went on"), wrote(adaActor, ". A pair is")}, deed{"A pair is", "+11"}},
		"letters of other kin": {[]crdt.Piece{wrote(adaActor, "日本語")}, deed{"日本語", "+3"}},
	} {
		if got := deedOf(c.pieces, adaActor); got != c.want {
			t.Errorf("%s: says %+v, want %+v", name, got, c.want)
		}
	}
}

// What is said of a text stays short and whole, whatever the text is.
func TestDeedsOfMuch(t *testing.T) {
	d := deedOf([]crdt.Piece{wrote(adaActor, strings.Repeat("日本", 100_000))}, adaActor)
	if n := utf8.RuneCountInString(d.Words); n != nameLimit || !utf8.ValidString(d.Words) {
		t.Errorf("says %d letters: %q", n, d.Words)
	}
}

func TestLeaves(t *testing.T) {
	l := leafOf([]crdt.Piece{kept("One "), cut(graceActor, "bøat"), cut(graceActor, "s"), wrote(adaActor, "ship"), kept(".")})
	want := []leafMark{{4, 9, graceActor, true}, {9, 13, adaActor, false}}
	if l.Text != "One bøatsship." || l.Plain != "One ship." || !slices.Equal(l.Marks, want) {
		t.Errorf("the leaf is %+v", l)
	}
	l = leafOf([]crdt.Piece{wrote(adaActor, "all "), wrote(graceActor, "new")})
	if l.Plain != "all new" || len(l.Marks) != 0 {
		t.Errorf("a beginning is %+v", l)
	}
	if l = leafOf(nil); l.Text != "" || len(l.Marks) != 0 {
		t.Errorf("nothing is %+v", l)
	}
}

func TestDaysOfVersions(t *testing.T) {
	for _, c := range []struct {
		at                time.Time
		day, clock, whole string
	}{
		{noon.Add(-time.Minute), "Today", "11:59", "today 11:59"},
		{noon.Add(-24 * time.Hour), "Yesterday", "12:00", "yesterday 12:00"},
		{noon.AddDate(0, -2, 0), "22 September", "12:00", "22 September, 12:00"},
		{noon.AddDate(-2, 0, 0), "22 November 2024", "12:00", "22 November 2024, 12:00"},
		{time.Unix(0, 0), "Undated", "", "some time ago"},
	} {
		if day, clock, whole := versionDay(c.at, noon), versionTime(c.at, noon), versionWhen(c.at, noon); day != c.day || clock != c.clock || whole != c.whole {
			t.Errorf("%v is %q, %q, %q", c.at, day, clock, whole)
		}
	}
}

func TestAuthors(t *testing.T) {
	own := authorOf(peer.Author{Person: me, Actor: adaActor}, me.ID, itself)
	if own.Name != "You" || own.Figure.Initial != "A" {
		t.Errorf("I am %+v", own)
	}
	a := authorOf(peer.Author{Person: peer.Person{Name: "imported 0a"}, Actor: "\x0a", Imported: true}, me.ID, itself)
	b := authorOf(peer.Author{Person: peer.Person{Name: "imported 0b"}, Actor: "\x0b", Imported: true}, me.ID, itself)
	if a.Name != "imported 0a" || a.Figure.Colour == b.Figure.Colour {
		t.Errorf("the authors of a file are %+v and %+v", a, b)
	}
	who := authors{adaActor: own}
	v := crdt.Version{Author: adaActor, To: noon.Add(-time.Hour)}
	if got := readingLine(v, who, noon); got != "As you left it today 11:00, read only" {
		t.Errorf("reading says %q", got)
	}
	v.Names = []string{"First\ndraft"}
	if got := readingLine(v, who, noon); got != "“First draft”, read only" {
		t.Errorf("reading says %q", got)
	}
	if row := rowOf(v, who, noon); row.Named != "First draft" || row.Time != "11:00" {
		t.Errorf("the row is %+v", row)
	}
}

func TestBehindLine(t *testing.T) {
	for n, want := range []string{"", "1 document is still being read", "2 documents are still being read"} {
		if got := behindLine(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
