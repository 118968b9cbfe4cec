package crdt

import (
	"fmt"
	"strings"
	"time"

	"starling/crdt/history"
	"starling/crdt/opid"
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
	d.mu.Lock()
	defer d.mu.Unlock()
	listed := d.listed()
	out := make([]Version, 0, len(listed))
	for _, v := range listed {
		out = append(out, d.version(v))
	}
	return d.nameVersions(out, listed)
}

// listed are the versions apart from those that only have a name.
func (d *Document) listed() []history.Version {
	aside := func(message string) bool { return message == nameMessage }
	return history.Versions(d.graph, d.actors, history.Options{Aside: aside})
}

func (d *Document) version(v history.Version) Version {
	return Version{
		ID: v.ID, Heads: d.heads([]int{v.Last}), Author: ActorID(d.actors.Name(v.Actor)), Changes: v.Changes,
		From: time.Unix(v.From, 0), To: time.Unix(v.To, 0), Before: history.IDOf(d.graph, d.actors, v.Before(d.graph)),
	}
}

// heads names changes that are given by index.
func (d *Document) heads(of []int) []Head {
	heads := make([]Head, len(of))
	for i, h := range of {
		actor, seq := d.graph.Author(h)
		heads[i] = Head{ActorID(d.actors.Name(actor)), uint64(seq)}
	}
	return heads
}

// state is the version with some heads, of which nothing else is known.
func (d *Document) state(heads []int) Version {
	return Version{ID: history.IDOf(d.graph, d.actors, heads), Heads: d.heads(heads)}
}

// Now is the present version.
func (d *Document) Now() Version {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state(d.graph.Heads())
}

// FindVersion returns the version that a person means: by its name, or by its ID
// in hex or the beginning of it, which has eight digits or more unless
// [Document.History] lists the version; "now" is the present one. Of what it
// returns, only ID and Heads are set.
func (d *Document) FindVersion(ref string) (Version, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ref == "now" {
		return d.state(d.graph.Heads()), nil
	}
	if n, ok := d.namedVersion(ref); ok {
		return d.state(n.heads), nil
	}
	heads, err := history.Find(d.graph, d.actors, d.listed(), strings.ToLower(ref))
	if err != nil {
		return Version{}, fmt.Errorf("document %v: %w", d.id, err)
	}
	return d.state(heads), nil
}

// indexes are the changes that end a version, [ErrNoVersion] if one is not held.
func (d *Document) indexes(heads []Head) ([]int, error) {
	at := make([]int, len(heads))
	for i, h := range heads {
		actor, ok := d.actors.Find(string(h.Actor))
		if ok {
			ok = h.Seq <= uint64(d.graph.Last(actor))
		}
		if ok {
			at[i], ok = d.graph.BySeq(actor, uint32(h.Seq))
		}
		if !ok {
			return nil, fmt.Errorf("change %d of actor %v: %w", h.Seq, h.Actor, ErrNoVersion)
		}
	}
	return at, nil
}

// clock is a version as the packages below know it.
func (d *Document) clock(v Version) (opid.Clock, error) {
	at, err := d.indexes(v.Heads)
	if err != nil {
		return nil, err
	}
	return d.graph.Clock(at), nil
}

// reader is what reading the past needs: the text, its graph and its actors.
func (d *Document) reader(op string, versions ...Version) ([]opid.Clock, error) {
	if d.text == nil {
		return nil, fmt.Errorf("%s document %v: %w", op, d.id, ErrNoContent)
	}
	clocks := make([]opid.Clock, len(versions))
	for i, v := range versions {
		var err error
		if clocks[i], err = d.clock(v); err != nil {
			return nil, fmt.Errorf("%s document %v: %w", op, d.id, err)
		}
	}
	return clocks, nil
}

// TextAt returns the text of a version.
func (d *Document) TextAt(v Version) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.reader("read", v)
	if err != nil {
		return "", err
	}
	return d.text.TextAt(at[0]), nil
}
