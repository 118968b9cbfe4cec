package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"starling/crdt"
	"starling/sync/peer"
)

// candidate is something that an argument may mean, by its ID, the start of that, or
// its name. Others choose names, so one that several have means none of them.
type candidate[ID fmt.Stringer] struct {
	id   ID
	name string
}

// findSpace returns the space that arg means.
func findSpace(ctx context.Context, p *peer.Peer, arg string) (peer.SpaceID, error) {
	// The zero ID is no space; to the peer it would mean all or none.
	if id, err := peer.ParseSpaceID(strings.ToLower(arg)); err == nil && id != (peer.SpaceID{}) {
		return id, nil
	}
	spaces, err := p.Spaces(ctx)
	if err != nil {
		return peer.SpaceID{}, err
	}
	id, err := only(each(spaces, func(s peer.Space) candidate[peer.SpaceID] {
		return candidate[peer.SpaceID]{s.ID, s.Name}
	}), arg, peer.ErrNoSpace)
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

// findDocument returns the document that arg means.
func findDocument(ctx context.Context, p *peer.Peer, arg string) (crdt.DocID, error) {
	if id, err := crdt.ParseDocID(strings.ToLower(arg)); err == nil {
		return id, nil
	}
	docs, err := p.Documents(ctx, peer.SpaceID{})
	if err != nil {
		return crdt.DocID{}, err
	}
	id, err := only(each(docs, func(d peer.Document) candidate[crdt.DocID] {
		return candidate[crdt.DocID]{d.ID, d.Title}
	}), arg, peer.ErrNoDocument)
	if err != nil {
		return id, fmt.Errorf("document %q: %w", arg, err)
	}
	return id, nil
}

// device is an ID of a device, or as much of it as is known.
type device string

func (d device) String() string { return string(d) }

func neighbourCandidate(i peer.PeerInfo) candidate[device] {
	return candidate[device]{device(neighbourOf(i).ID), i.Name}
}

// findNeighbour returns the ID, as far as it is known, of the neighbour that arg means;
// arg itself if there is none, who may be about to appear.
func findNeighbour(p *peer.Peer, arg string) (string, error) {
	id, err := only(each(p.Peers(), neighbourCandidate), arg, peer.ErrNoPeer)
	if errors.Is(err, peer.ErrNoPeer) {
		return arg, nil
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", arg, err)
	}
	return id.String(), nil
}

// only returns the one ID that arg means, in either case of letters where it is the
// start of an ID; none is the error missing, several are ErrAmbiguous and told. Nothing
// is meant by "". A whole ID means what has it, whoever is called like that.
func only[ID fmt.Stringer](all []candidate[ID], arg string, missing error) (ID, error) {
	var zero ID
	found := meant(all, arg)
	switch len(found) {
	case 0:
		return zero, missing
	case 1:
		return found[0].id, nil
	}
	for _, c := range found {
		if c.id.String() == strings.ToLower(arg) {
			return c.id, nil
		}
	}
	return zero, several(found)
}

// meant lists what arg may mean.
func meant[ID fmt.Stringer](all []candidate[ID], arg string) (found []candidate[ID]) {
	for _, c := range all {
		if arg != "" && (c.name == arg || strings.HasPrefix(c.id.String(), strings.ToLower(arg))) {
			found = append(found, c)
		}
	}
	return found
}

const (
	// maxTold is how many of several are told.
	maxTold = 8
	// toldDigits is how much of their IDs is: enough to tell them apart.
	toldDigits = 12
)

// several is the error that an argument may mean any of these.
func several[ID fmt.Stringer](found []candidate[ID]) error {
	told := make([]string, 0, maxTold)
	for _, c := range found[:min(len(found), maxTold)] {
		id := c.id.String()
		told = append(told, fmt.Sprintf("%s %q", id[:min(len(id), toldDigits)], c.name))
	}
	more := ""
	if n := len(found) - len(told); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return ambiguous{strings.Join(told, ", ") + more}
}

// ambiguous is [peer.ErrAmbiguous] with those that were meant.
type ambiguous struct{ told string }

func (e ambiguous) Error() string { return "it may be any of these; give more of the ID: " + e.told }
func (e ambiguous) Unwrap() error { return peer.ErrAmbiguous }

// severalPeople adds to a peer's [peer.ErrAmbiguous] whom arg may have meant: of these,
// and of those whom we know.
func severalPeople(p *peer.Peer, members []peer.Member, arg string, err error) error {
	var all []candidate[device]
	listed := map[device]bool{}
	for _, m := range members {
		all = append(all, candidate[device]{device(m.ID.String()), m.Name})
		for _, d := range m.Devices {
			listed[device(d.ID.String())] = true
		}
	}
	for _, info := range p.Peers() {
		if c := neighbourCandidate(info); info.Known && !listed[c.id] {
			all = append(all, c)
		}
	}
	if found := meant(all, arg); len(found) > 1 {
		return fmt.Errorf("%q: %w", arg, several(found))
	}
	return err
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
