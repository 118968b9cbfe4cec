package control

import (
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// The values of the commands on history; as in values.go, their JSON is a
// contract. Times are those of the authors' clocks, in UTC and whole seconds.
type (
	// Author is who made changes. ID is the device's; the author of an imported
	// file has none, and a name made of its actor.
	Author struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Actor    string `json:"actor"`
		Imported bool   `json:"imported"`
	}
	// Version is a state of a document and the stretch of work that led to it.
	// Before is the version that the author began with.
	Version struct {
		ID      string    `json:"id"`
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		Author  Author    `json:"author"`
		Changes int       `json:"changes"`
		Names   []string  `json:"names"`
		Before  string    `json:"before"`
	}
	// Deed says who did something to a piece of text, and when: in the changes
	// numbered First to Last. Message is that of the last one, as of an undo.
	Deed struct {
		Author  Author    `json:"author"`
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		First   uint64    `json:"first"`
		Last    uint64    `json:"last"`
		Message string    `json:"message"`
	}
	// Piece is a stretch of text: who wrote it, who brought it back and who
	// deleted it. Fate is "same", "inserted" or "deleted".
	Piece struct {
		Fate        string `json:"fate"`
		Text        string `json:"text"`
		Inserted    Deed   `json:"inserted"`
		BroughtBack []Deed `json:"brought_back"`
		Deleted     []Deed `json:"deleted"`
	}
	// Difference is what became of a text from version A to version B. Pieces
	// that are not inserted are A's text, those that are not deleted B's.
	Difference struct {
		ID     string  `json:"id"`
		A      string  `json:"a"`
		B      string  `json:"b"`
		Pieces []Piece `json:"pieces"`
	}
	// Line is a line of text, its break included, and who wrote it last.
	Line struct {
		Last   Deed    `json:"last"`
		Pieces []Piece `json:"pieces"`
	}
)

// fates names the fates of pieces.
var fates = map[crdt.Fate]string{crdt.Same: "same", crdt.Inserted: "inserted", crdt.Deleted: "deleted"}

func authorOf(d *peer.Doc, actor crdt.ActorID) Author {
	who := d.Author(actor)
	a := Author{Name: who.Name, Actor: actor.String(), Imported: who.Imported}
	if !who.Imported {
		a.ID = who.ID.String()
	}
	return a
}

func versionOf(d *peer.Doc, v crdt.Version) Version {
	return Version{
		ID: v.ID.String(), From: v.From.UTC(), To: v.To.UTC(), Author: authorOf(d, v.Author),
		Changes: v.Changes, Names: some(v.Names), Before: v.Before.String(),
	}
}

// teller tells of pieces of a document.
type teller struct{ doc *peer.Doc }

func (t teller) line(l crdt.Line) Line { return Line{t.deed(l.Last), each(l.Pieces, t.piece)} }

func (t teller) piece(p crdt.Piece) Piece {
	return Piece{fates[p.Fate], p.Text, t.deed(p.Inserted), each(p.BroughtBack, t.deed), each(p.Deleted, t.deed)}
}

func (t teller) deed(d crdt.Deed) Deed {
	return Deed{authorOf(t.doc, d.Actor), d.From.UTC(), d.To.UTC(), d.First, d.Last, d.Message}
}
