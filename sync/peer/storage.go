package peer

import (
	"context"

	"starling/crdt"
	"starling/crdt/store"
)

// Storage keeps what a peer holds: a [store.Store], whose words for each method
// are the contract, or another that passes package storetest's suite. All methods
// are safe for concurrent use.
type Storage interface {
	documentStorage
	rosterStorage

	Set(ctx context.Context, key string, value []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	// Flush waits until everything submitted before it is committed or has failed.
	Flush(context.Context) error
	// Resumable reports whether actors of an earlier run may number new changes.
	Resumable() bool
	// Close commits everything and leaves the home. The peer calls it once, last.
	Close() error
}

// documentStorage is what a peer uses of a store for its documents.
type documentStorage interface {
	Submit(store.Entry)
	Reset(crdt.DocID)
	Committed(crdt.DocID) crdt.Vector
	Vectors(ctx context.Context, space [32]byte) (map[crdt.DocID]crdt.Vector, error)
	Documents(ctx context.Context, space [32]byte) ([]store.DocumentInfo, error)
	Document(context.Context, crdt.DocID) (store.DocumentInfo, error)
	ChangesSince(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error
	HeadsSince(ctx context.Context, doc crdt.DocID, since crdt.Vector) ([]store.Head, error)
	OwnActor(ctx context.Context, doc crdt.DocID, device [32]byte) (crdt.ActorID, [16]byte, bool, error)
	ActorDevices(context.Context, crdt.DocID) (map[crdt.ActorID][32]byte, error)
	Makers(context.Context, crdt.DocID) ([]store.Maker, error)
	Ancestry(ctx context.Context, doc crdt.DocID, deps []crdt.Hash) ([]store.Dep, error)

	PutForm(crdt.DocID, store.Form)
	LoadForm(ctx context.Context, doc crdt.DocID, version int) (store.Opened, error)
	Load(context.Context, crdt.DocID) (store.Loaded, error)
	Compact(ctx context.Context, doc crdt.DocID, chunk []byte, covers crdt.Vector) error
	PutSnapshot(context.Context, store.Whole) error
	Refuse(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, reason string) ([]crdt.Change, error)
	Retreat(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, why string) ([]crdt.Change, error)
	Besides(ctx context.Context, space [32]byte) ([]crdt.DocID, error)
	Beside(context.Context, crdt.DocID) ([]crdt.Change, []store.Head, error)
	ActorsOf(ctx context.Context, space [32]byte, devices [][32]byte) ([]store.Line, error)
	Behind(context.Context) ([]crdt.DocID, error)
	CaughtUp(doc crdt.DocID, upTo crdt.Vector)
	HasLost(context.Context, crdt.DocID) (bool, error)
	Heal(ctx context.Context, doc crdt.DocID, changes []crdt.Change) (held []bool, healed bool, err error)

	SetText(doc crdt.DocID, holds crdt.Vector, title, text string)
	Search(ctx context.Context, query string, limit int) (hits []store.Hit, behind int, err error)
	Unindexed(context.Context) ([]crdt.DocID, error)
	SetAside(context.Context, store.Aside) error
	Asides(context.Context) ([]store.Aside, error)
}

// rosterStorage is what a peer uses of a store for its spaces and people.
type rosterStorage interface {
	PutSpace(context.Context, store.Space) error
	Spaces(context.Context) ([]store.Space, error)
	PutStatements(ctx context.Context, space [32]byte, statements []store.Statement) error
	Statements(ctx context.Context, space [32]byte) ([]store.Statement, error)
	PutPerson(context.Context, store.Person) error
	People(context.Context) ([]store.Person, error)
}

var _ Storage = (*store.Store)(nil)

// openStorage opens the store of the home, unless the peer was given one.
func (p *Peer) openStorage(ctx context.Context) error {
	if p.config.Storage != nil {
		p.store = p.config.Storage
		return nil
	}
	if err := prepareHome(p.config); err != nil {
		return err
	}
	s, err := p.openOrSalvage(ctx)
	if err != nil {
		return err // and no interface that holds a nil pointer
	}
	p.store = s
	return nil
}
