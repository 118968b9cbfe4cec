package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// letters is a change of an actor's that writes many letters into the text that
// first has made, its operations numbered from startOp.
func letters(t *testing.T, first crdt.Change, actor crdt.ActorID, seq, startOp uint64, n int) crdt.Change {
	t.Helper()
	f := format.Change{Actor: []byte(actor), Seq: seq, StartOp: startOp, Deps: [][32]byte{first.Hash}, Ops: make([]format.Op, n)}
	text := format.OpID{Counter: uint32(first.StartOp)}
	if actor != first.Actor {
		f.OtherActors = [][]byte{[]byte(first.Actor)}
		text.Actor = 1
	}
	for i := range f.Ops {
		f.Ops[i] = format.Op{Obj: text, Insert: true, Action: format.Set, Value: format.Value{Type: format.String, Raw: []byte("x")}}
		if i > 0 {
			f.Ops[i].Key.Elem = format.OpID{Counter: uint32(startOp) + uint32(i) - 1}
		}
	}
	c, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// file is a document that a member founds with a file.
type file struct {
	p       *Peer
	space   SpaceID
	id      crdt.DocID
	founder *author
	first   crdt.Change // of the foreign actor
}

func newFile(t *testing.T) *file {
	t.Helper()
	p, space := alone(t)
	elsewhere, other := alone(t)
	f := &file{p: p, space: space, founder: newAuthor(t, begin(t, elsewhere, other, ""))}
	if err := p.admit(t.Context(), space, Person{ID: f.founder.id.ID(), Name: "Grace"}); err != nil {
		t.Fatal(err)
	}
	f.id = crdt.DocID(trust.DocumentID(space, f.founder.id.ID(), f.founder.nonce))
	doc, err := crdt.Open(crdt.Config{ID: f.id, Actor: "foreign"})
	if err != nil {
		t.Fatal(err)
	}
	if f.first, err = doc.Found(noon); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *file) head(c crdt.Change) trust.Head {
	return trust.SignImportHead(f.founder.id, f.space, f.id, f.founder.nonce, string(c.Actor), c.Seq, c.Hash, nil)
}

func (f *file) send(heads []trust.Head, changes ...crdt.Change) (crdt.Vector, error) {
	r := protocol.Received{From: f.founder.id.ID(), Space: f.space, Doc: f.id, Heads: heads}
	for _, c := range changes {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	return f.p.receive(context.Background(), r)
}

// hold has the peer hold a change of the file without the founding, as of a file that
// is too long to wait for it.
func (f *file) hold(t *testing.T, c crdt.Change) {
	t.Helper()
	c.Foreign = true
	done := make(chan error, 1)
	f.p.store.Submit(store.Entry{
		Doc: f.id, Space: f.space, Changes: []crdt.Change{c}, Heads: []store.Head{toStoreHead(f.head(c))}, Unchecked: true,
		Done: func(_ []store.Head, err error) { done <- err },
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	f.p.behind.note(f.id, true, time.Now())
}

// A change with more operations than people's may have is what a file brought, or
// nothing: without a head that says so it is not read, and comes again.
func TestLargeChanges(t *testing.T) {
	const n = crdt.MaxOps + 1
	for _, open := range []bool{false, true} {
		f := newFile(t)
		f.hold(t, f.first)
		if open {
			d, err := f.p.OpenDocument(t.Context(), f.id)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
		}
		large := letters(t, f.first, f.first.Actor, 2, f.first.MaxOp+1, n)
		if want, err := f.send(nil, large); !errors.Is(err, protocol.ErrLetGo) || want == nil {
			t.Errorf("without a head: asked for %v, %v", want, err)
		}
		if _, err := f.send([]trust.Head{f.head(large)}); err != nil {
			t.Fatal(err)
		}
		if got := f.p.store.Committed(f.id)[f.first.Actor].Seq; got != 1 {
			t.Errorf("%d changes are held before it comes again", got)
		}
		for range 2 {
			if want, err := f.send(nil, large); err != nil || want != nil {
				t.Errorf("with a head: asked for %v, %v", want, err)
			}
			if err := f.p.store.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := f.p.Text(t.Context(), f.id); err != nil || text != strings.Repeat("x", n) {
			t.Errorf("a text of %d bytes, %v", len(text), err)
		}
	}
}

// A person's change of that size is refused before it is read, on every peer.
func TestLargeChangesOfPeople(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "")
	a := newAuthor(t, d)
	a.admit(t)
	first := a.write(t, 0, "safe")[0]
	d.mustReceive(t, a.sends(first))
	f := letters(t, crdt.Change{Actor: "nobody", StartOp: 1, Hash: first.Hash}, first.Actor, 2, first.MaxOp+1, format.MaxOps)
	_, err := p.receive(t.Context(), a.sends(f))
	if many := (*crdt.ManyOpsError)(nil); !errors.Is(err, protocol.ErrMalformed) || !errors.As(err, &many) || many.Ops != format.MaxOps {
		t.Errorf("received: %v", err)
	}
	d.mustReceive(t, a.sends(a.write(t, 0, "still ")...))
	wantText(t, d, "still safe")
}

// What a file brought may not use up the numbers.
func TestForeignNumbers(t *testing.T) {
	for _, open := range []bool{false, true} {
		for at, good := range map[uint64]bool{crdt.MaxForeignOp - 1: true, crdt.MaxForeignOp: false} {
			t.Run(fmt.Sprint(at, open), func(t *testing.T) {
				f := newFile(t)
				f.hold(t, f.first)
				if open {
					d, err := f.p.OpenDocument(t.Context(), f.id)
					if err != nil {
						t.Fatal(err)
					}
					defer d.Close()
				}
				c := letters(t, f.first, f.first.Actor, 2, at, 2)
				if _, err := f.send([]trust.Head{f.head(c)}, c); (err == nil) != (good || open) {
					t.Error(err) // the guard's verdict is its author's blame, who is no device
				}
				if !good {
					soon(t, "it is set aside", func() bool { a, _ := f.p.store.Asides(t.Context()); return len(a) == 1 })
				}
				if text, err := f.p.Text(t.Context(), f.id); err != nil || (text == "xx") != good {
					t.Errorf("%q, %v", text, err)
				}
			})
		}
	}
}
