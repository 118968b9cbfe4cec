package control

import (
	"context"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/peer"
)

// DocArgs names a document by its ID, the start of that, or its title, as all that
// names a document does.
type DocArgs struct {
	Doc string `json:"doc"`
}

// Content is the whole text of a document, UTF-8.
type Content struct {
	ID   string `json:"id"`
	Text []byte `json:"text"`
}

// Read gives the text as it is held here, with what is still on its way to the
// disk.
var Read = single("cat", func(ctx context.Context, p *peer.Peer, a DocArgs) (Content, error) {
	id, err := findDocument(ctx, p, a.Doc)
	if err != nil {
		return Content{}, err
	}
	text, err := p.Text(ctx, id)
	if err != nil {
		return Content{}, err
	}
	return Content{id.String(), []byte(text)}, nil
})

// EditArgs asks to replace Delete code points at At by Insert, UTF-8, in the
// text as it is when the peer takes the edit.
type EditArgs struct {
	Doc    string `json:"doc"`
	At     int    `json:"at"`
	Delete int    `json:"delete"`
	Insert []byte `json:"insert"`
}

// Edited names the document that was changed.
type Edited struct {
	ID string `json:"id"`
}

// Edit makes one change. It is committed when the value comes.
var Edit = single("edit", func(ctx context.Context, p *peer.Peer, a EditArgs) (Edited, error) {
	if !utf8.Valid(a.Insert) {
		return Edited{}, crdt.ErrNotUTF8
	}
	return change(ctx, p, a.Doc, func(d *peer.Doc) error {
		_, seen := d.Snapshot()
		edit := crdt.Edit{Seen: seen, At: a.At, Delete: a.Delete, Insert: string(a.Insert)}
		if _, _, err := d.Edit(edit); err != nil {
			return err
		}
		return d.Commit(ctx)
	})
})

// WriteArgs is the text, UTF-8, that a document is to have.
type WriteArgs struct {
	Doc  string `json:"doc"`
	Text []byte `json:"text"`
}

// Write replaces the text by a minimal diff. It is committed when the value
// comes.
var Write = single("write", func(ctx context.Context, p *peer.Peer, a WriteArgs) (Edited, error) {
	if !utf8.Valid(a.Text) {
		return Edited{}, crdt.ErrNotUTF8
	}
	return change(ctx, p, a.Doc, func(d *peer.Doc) error { return d.Write(ctx, string(a.Text)) })
})

// change opens a document for as long as f takes.
func change(ctx context.Context, p *peer.Peer, arg string, f func(*peer.Doc) error) (Edited, error) {
	id, err := findDocument(ctx, p, arg)
	if err != nil {
		return Edited{}, err
	}
	d, err := p.OpenDocument(ctx, id)
	if err != nil {
		return Edited{}, err
	}
	defer d.Close()
	return Edited{id.String()}, f(d)
}

// WatchStep is a change that entered the document's committed text here. The
// first step has none: it says that the watch is in force.
type WatchStep struct {
	Change *Change `json:"change,omitempty"`
}

// Watch gives each change of a document from now on, until ctx ends: nothing that
// Read gave before the watch was asked for, as [peer.Peer.Watch] says.
var Watch = running(Op[DocArgs, WatchStep]{name: "watch", run: watch})

func watch(ctx context.Context, p *peer.Peer, a DocArgs, emit func(WatchStep) error) error {
	id, err := findDocument(ctx, p, a.Doc)
	if err != nil {
		return err
	}
	err = p.Watch(ctx, id, func() error { return emit(WatchStep{}) }, func(e peer.WatchEvent) error {
		c := changeOf(e)
		return emit(WatchStep{&c})
	})
	if err == nil {
		err = ctx.Err() // a watch has no other end of its own
	}
	return err
}
