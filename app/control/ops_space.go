package control

import (
	"context"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/peer"
)

// NewSpaceArgs is the name of a new space, UTF-8.
type NewSpaceArgs struct {
	Name []byte `json:"name"`
}

// NewSpace makes a space.
var NewSpace = single("space new", func(ctx context.Context, p *peer.Peer, a NewSpaceArgs) (Space, error) {
	name := string(a.Name)
	if !utf8.ValidString(name) {
		return Space{}, crdt.ErrNotUTF8
	}
	id, err := p.NewSpace(ctx, name)
	if err != nil {
		return Space{}, err
	}
	spaces, err := p.Spaces(ctx)
	for _, s := range spaces {
		if s.ID == id {
			return spaceOf(s), nil
		}
	}
	return Space{ID: id.String(), Name: name, Members: []Member{}}, err
})

// Spaces lists the spaces that this device belongs to.
var Spaces = single("space list", func(ctx context.Context, p *peer.Peer, _ None) ([]Space, error) {
	spaces, err := p.Spaces(ctx)
	return each(spaces, spaceOf), err
})

// NewDocumentArgs is the space and the first text of a new document, UTF-8.
type NewDocumentArgs struct {
	Space string `json:"space"`
	Text  []byte `json:"text"`
}

// NewDocument makes a document. It is committed when the value comes.
var NewDocument = single("doc new", func(ctx context.Context, p *peer.Peer, a NewDocumentArgs) (Document, error) {
	if !utf8.Valid(a.Text) {
		return Document{}, crdt.ErrNotUTF8
	}
	space, err := findSpace(ctx, p, a.Space)
	if err != nil {
		return Document{}, err
	}
	id, err := p.NewDocument(ctx, space, string(a.Text))
	if err != nil {
		return Document{}, err
	}
	docs, err := p.Documents(ctx, space)
	for _, d := range docs {
		if d.ID == id {
			return documentOf(d), nil
		}
	}
	return Document{ID: id.String(), Space: space.String()}, err
})

// DocumentsArgs is the space to list, "" for all.
type DocumentsArgs struct {
	Space string `json:"space"`
}

// Documents lists documents by title.
var Documents = single("doc list", func(ctx context.Context, p *peer.Peer, a DocumentsArgs) ([]Document, error) {
	space, err := findOptionalSpace(ctx, p, a.Space)
	if err != nil {
		return nil, err
	}
	docs, err := p.Documents(ctx, space)
	return each(docs, documentOf), err
})
