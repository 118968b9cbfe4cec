package control

import (
	"context"
	"fmt"
	"strings"

	"starling/crdt"
	"starling/sync/peer"
)

// findSpace returns the space whose ID is or starts with arg.
func findSpace(ctx context.Context, p *peer.Peer, arg string) (peer.SpaceID, error) {
	// The zero ID is no space; to the peer it would mean all or none.
	if id, err := peer.ParseSpaceID(strings.ToLower(arg)); err == nil && id != (peer.SpaceID{}) {
		return id, nil
	}
	spaces, err := p.Spaces(ctx)
	if err != nil {
		return peer.SpaceID{}, err
	}
	id, err := only(each(spaces, func(s peer.Space) peer.SpaceID { return s.ID }), arg, peer.ErrNoSpace)
	if err != nil {
		return id, fmt.Errorf("space %q: %w", arg, err)
	}
	return id, nil
}

// findOptionalSpace is findSpace, and the zero ID for "".
func findOptionalSpace(ctx context.Context, p *peer.Peer, arg string) (peer.SpaceID, error) {
	if arg == "" {
		return peer.SpaceID{}, nil
	}
	return findSpace(ctx, p, arg)
}

// findDocument returns the document whose ID is or starts with arg.
func findDocument(ctx context.Context, p *peer.Peer, arg string) (crdt.DocID, error) {
	if id, err := crdt.ParseDocID(strings.ToLower(arg)); err == nil {
		return id, nil
	}
	docs, err := p.Documents(ctx, peer.SpaceID{})
	if err != nil {
		return crdt.DocID{}, err
	}
	id, err := only(each(docs, func(d peer.Document) crdt.DocID { return d.ID }), arg, peer.ErrNoDocument)
	if err != nil {
		return id, fmt.Errorf("document %q: %w", arg, err)
	}
	return id, nil
}

// only returns the one ID that starts with start, in either case of letters;
// none is the error missing, several are ErrAmbiguous. No ID starts with "".
func only[ID fmt.Stringer](ids []ID, start string, missing error) (ID, error) {
	var found, zero ID
	count := 0
	for _, id := range ids {
		if start != "" && strings.HasPrefix(id.String(), strings.ToLower(start)) {
			found = id
			count++
		}
	}
	switch count {
	case 0:
		return zero, missing
	case 1:
		return found, nil
	default:
		return zero, fmt.Errorf("%w: %d IDs start so", peer.ErrAmbiguous, count)
	}
}

// findDocuments is findDocument for each of args, and all documents for none.
func findDocuments(ctx context.Context, p *peer.Peer, args []string) ([]crdt.DocID, error) {
	if len(args) == 0 {
		docs, err := p.Documents(ctx, peer.SpaceID{})
		return each(docs, func(d peer.Document) crdt.DocID { return d.ID }), err
	}
	ids := make([]crdt.DocID, 0, len(args))
	for _, arg := range args {
		id, err := findDocument(ctx, p, arg)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
