package crdt

import (
	"fmt"
	"strings"
	"time"

	"starling/crdt/history"
)

var (
	// ErrNoVersion says that nothing of the document is called so, or that it
	// does not hold the version's changes.
	ErrNoVersion = history.ErrNoVersion
	// ErrAmbiguous says that the beginning of an ID names several versions.
	ErrAmbiguous = history.ErrAmbiguous
)

// VersionID names a version of a document, on all devices alike.
type VersionID = history.ID

// Head is one change that a version ends with.
type Head struct {
	Actor ActorID
	Seq   uint64
}

// Version is a state of the document, and the stretch of work that led to it.
type Version struct {
	ID VersionID
	// Heads say what it is: the state that has these changes and all that they
	// build on. Without any it is the empty document.
	Heads []Head
	// Names are those that people gave it, sorted.
	Names []string
	// Author made the Changes changes of the stretch, without a long pause, From
	// and To by their clock. Of a named state at which no stretch ends, Author
	// named it, From and To are when, and Changes is 0.
	Author  ActorID
	Changes int
	From    time.Time
	To      time.Time
	// Before is what the author began with: the difference from it is what the
	// author did and what came in from others meanwhile.
	Before VersionID
}

// History returns the document's versions, the last one last: each author's
// changes grouped by pauses of more than five minutes, and the states that were
// given a name. They are in the order of cause; clocks only label them. A version
// has the text that its author had in the end.
//
// All devices that hold the same changes list the same. Further changes never
// change a version: they add some, or extend the last one of their author, which
// has another ID then. An ID that was ever listed can be found for ever.
func (d *Document) History() []Version {
	d.prepare()
	d.mu.Lock()
	was, names := d.freezeGraph(), d.versionNames()
	d.mu.Unlock()
	listed := was.listed()
	out := make([]Version, 0, len(listed))
	for _, v := range listed {
		out = append(out, was.version(v))
	}
	return was.nameVersions(out, listed, names)
}

// listed are the versions apart from those that only have a name.
func (b books) listed() []history.Version {
	aside := func(message string) bool { return message == nameMessage }
	return history.Versions(b.graph, b.actors, history.Options{Aside: aside})
}

func (b books) version(v history.Version) Version {
	return Version{
		ID: v.ID, Heads: b.heads([]int{v.Last}), Author: ActorID(b.actors.Name(v.Actor)), Changes: v.Changes,
		From: time.Unix(v.From, 0), To: time.Unix(v.To, 0), Before: history.IDOf(b.graph, b.actors, v.Before(b.graph)),
	}
}

// state is the version with some heads, of which nothing else is known.
func (b books) state(heads []int) Version {
	return Version{ID: history.IDOf(b.graph, b.actors, heads), Heads: b.heads(heads)}
}

// Now is the present version.
func (d *Document) Now() Version {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.books().state(d.graph.Heads())
}

// FindVersion returns the version that a person means: by its name, or by its ID
// in hex or the beginning of it, which has eight digits or more unless
// [Document.History] lists the version; "now" is the present one. Of what it
// returns, only ID and Heads are set.
func (d *Document) FindVersion(ref string) (Version, error) {
	d.mu.Lock()
	was := d.freezeGraph()
	named, ok := d.namedVersion(ref)
	d.mu.Unlock()
	switch {
	case ref == "now":
		return was.state(was.graph.Heads()), nil
	case ok:
		return was.state(named.heads), nil
	}
	heads, err := history.Find(was.graph, was.actors, was.listed(), strings.ToLower(ref))
	if err != nil {
		return Version{}, fmt.Errorf("document %v: %w", d.id, err)
	}
	return was.state(heads), nil
}

// TextAt returns the text of a version.
func (d *Document) TextAt(v Version) (string, error) {
	d.prepare()
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.books().clocks(v)
	if err != nil {
		return "", fmt.Errorf("read document %v: %w", d.id, err)
	}
	return d.text.TextAt(at[0]), nil
}
