package peer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// cutting is a store that ends a context once it has stored statements.
type cutting struct {
	Storage
	cut func()
}

func (c *cutting) PutStatements(ctx context.Context, space [32]byte, all []store.Statement) error {
	defer c.cut()
	return c.Storage.PutStatements(ctx, space, all)
}

// readerOn has one more editor, whose store is wrapped, hold what the first does.
func (m *team) readerOn(wrap func(Storage) Storage) *Peer {
	m.t.Helper()
	p, _ := aloneOn(m.t, wrap)
	who := Person{ID: p.ID(), Name: p.Me().Name}
	if err := m.peers[0].admitAs(m.t.Context(), m.space, who, trust.Editor, trust.StatementHash{}); err != nil {
		m.t.Fatal(err)
	}
	m.bring(p)
	m.give(m.peers[0], p)
	return p
}

// A line is drawn though whoever told of the removal hangs up as soon as they have.
func TestALineIsDrawnAfterTheTellerHasHungUp(t *testing.T) {
	m := newTeam(t, 1, trust.Editor)
	owner, writer := m.peers[0], m.peers[1]
	disk := &cutting{cut: func() {}}
	reader := m.readerOn(func(s Storage) Storage {
		disk.Storage = s
		return disk
	})
	m.says(writer, "late ")
	m.removes(owner, writer)
	m.give(writer, reader)
	m.wantText(reader, "late begin\n")
	ctx, cut := context.WithCancel(t.Context())
	disk.cut = cut
	err := reader.takeStatements(ctx, owner.ID(), m.space, owner.statements(m.space))
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	<-ctx.Done()
	soon(t, "the line is drawn", func() bool {
		m.mend(reader)
		return m.text(reader) == "begin\n"
	})
}

// failing is a store that fails once to tell who has written where.
type failing struct {
	Storage
	fails atomic.Bool
}

func (f *failing) ActorsOf(ctx context.Context, space [32]byte, devices [][32]byte) ([]store.Line, error) {
	if f.fails.CompareAndSwap(true, false) {
		return nil, errors.New("the disk is busy")
	}
	return f.Storage.ActorsOf(ctx, space, devices)
}

// A line is drawn though the disk fails for a moment when it is to be, without a
// restart and without more that is stated.
func TestALineIsDrawnAfterTheDiskHasFailed(t *testing.T) {
	m := newTeam(t, 1, trust.Editor)
	owner, writer := m.peers[0], m.peers[1]
	disk := new(failing)
	reader := m.readerOn(func(s Storage) Storage {
		disk.Storage = s
		return disk
	})
	m.says(writer, "late ")
	m.removes(owner, writer)
	m.give(writer, reader)
	m.toggle(reader) // opens it: who opens a document looks by themselves
	disk.fails.Store(true)
	m.tell(owner, reader)
	soon(t, "the line is drawn", func() bool {
		m.mend(reader)
		return m.text(reader) == "begin\n"
	})
	if disk.fails.Load() {
		t.Error("the disk has not failed")
	}
}

// impatient is a store that ends a context while it takes changes out of a document.
type impatient struct {
	Storage
	cut func()
}

// Retreat returns as the store does that goes on after its caller's context has ended.
func (h *impatient) Retreat(ctx context.Context, doc crdt.DocID, gone []crdt.Hash, why string) ([]crdt.Change, error) {
	out, err := h.Storage.Retreat(context.WithoutCancel(ctx), doc, gone, why)
	h.cut()
	return out, errors.Join(err, ctx.Err())
}

// What retreats by its own device's word is known to have done so though who asked for
// the document has gone meanwhile: nothing is numbered again.
func TestNoNumberIsGivenTwiceAfterAHastyRetreat(t *testing.T) {
	m := newTeam(t, 1)
	owner := m.peers[0]
	disk := &impatient{cut: func() {}}
	writer := m.readerOn(func(s Storage) Storage {
		disk.Storage = s
		return disk
	})
	m.says(writer, "one ")
	m.give(writer, owner)
	m.says(writer, "two ") // which the owner lacks
	own := func() (all []crdt.Change) {
		if err := writer.store.ChangesSince(t.Context(), m.doc, nil, func(c crdt.Change) error {
			all = append(all, c)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := own()
	writer.behind.stop() // nobody else is to look meanwhile
	m.shut(writer)
	becomes := func(role string) {
		if _, err := owner.ChangeRole(t.Context(), m.space, writer.ID().String(), role, LineOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	becomes("viewer")
	statements, err := parseStatements(writer.unheard(m.space, owner.statements(m.space)))
	if err != nil {
		t.Fatal(err)
	}
	writer.mu.Lock() // it hears of that, and looks at no document yet
	_, err = writer.spaces[m.space].roster.Add(statements...)
	writer.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	disk.cut = cut
	if d, err := writer.OpenDocument(ctx, m.doc); err == nil {
		d.Close()
	}
	<-ctx.Done()
	becomes("editor")
	m.tell(owner, writer)
	m.says(writer, "three ")
	for _, now := range own() {
		for _, then := range before {
			if now.Actor == then.Actor && now.Seq == then.Seq && now.Hash != then.Hash {
				t.Errorf("number %d is given twice", now.Seq)
			}
		}
	}
}
