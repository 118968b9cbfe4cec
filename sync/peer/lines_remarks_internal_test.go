package peer

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// remarks makes a remark of the author's.
func (a *author) remarks(t *testing.T, key string) []crdt.Change {
	t.Helper()
	out, err := a.doc.Change(time.Unix(1_700_000_000, 0), func(tx *crdt.Tx) error {
		obj, err := tx.Make(crdt.ObjID{}, key, crdt.Map)
		if err != nil {
			return err
		}
		return tx.Put(obj, "text", "why?")
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Changes
}

// A commenter's remarks are taken, into a closed document too, and nothing else that
// they write; what they wrote too early counts when they may write.
func TestCommentersRemark(t *testing.T) {
	for _, closed := range []bool{false, true} {
		p, space := alone(t)
		d := begin(t, p, space, "begin\n")
		a := newAuthor(t, d)
		who := Person{ID: a.id.ID(), Name: "Grace"}
		if err := p.admitAs(t.Context(), space, who, trust.Commenter, trust.StatementHash{}); err != nil {
			t.Fatal(err)
		}
		if closed {
			soon(t, "it is closed", func() bool {
				d.index()
				d.Close()
				p.docs.closeUnused(d.openDoc)
				return !p.docs.isOpen(d.id)
			})
		}
		if _, err := p.receive(t.Context(), a.sends(a.remarks(t, "comment/a")...)); err != nil {
			t.Fatal(err)
		}
		held := func() uint64 {
			if err := p.store.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			return p.store.Committed(d.id)[a.doc.Actor()].Seq
		}
		if held() != 1 {
			t.Error("the remark is not taken")
		}
		text := a.write(t, 0, "more ")
		if _, err := p.receive(t.Context(), a.sends(text...)); !errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("the text is taken: %v", err)
		}
		if got, err := p.Text(t.Context(), d.id); got != "begin\n" || held() != 1 {
			t.Errorf("the text is %q, %v", got, err)
		}
		if _, err := p.ChangeRole(t.Context(), space, who.ID.String(), "editor", LineOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.receive(t.Context(), a.sends(append(text, a.write(t, 0, "and ")...)...)); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Text(t.Context(), d.id); got != "and more begin\n" || held() != 3 {
			t.Errorf("the text of an editor is %q, %v", got, err)
		}
	}
}

// One who becomes a commenter and goes on with their actor has what they wrote
// before count, and of the rest only remarks.
func TestAnEditorBecomesACommenter(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	d.mustReceive(t, a.sends(a.write(t, 0, "more ")...))
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ChangeRole(t.Context(), space, a.id.ID().String(), "commenter", LineOptions{}); err != nil {
		t.Fatal(err)
	}
	now := p.frontier(space).statements
	remark := a.remarks(t, "comment/a")
	r := a.sends(remark...)
	r.Heads[0] = trust.SignHead(a.id, space, d.id, a.nonce, remark[0].Seq, remark[0].Hash, now)
	d.mustReceive(t, r)
	late := a.write(t, 0, "late ")
	r = a.sends(late...)
	r.Heads[0] = trust.SignHead(a.id, space, d.id, a.nonce, late[0].Seq, late[0].Hash, now)
	if _, err := p.receive(t.Context(), r); !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("what a commenter wrote is taken: %v", err)
	}
	wantText(t, d, "more begin\n")

	// One who gets all of it with the last head alone comes to the same.
	m := &team{t: t, peers: []*Peer{p}, space: space, doc: d.id, rng: rand.New(rand.NewPCG(1, 1))}
	reader, _ := alone(t)
	m.bring(reader)
	all := protocol.Received{From: p.ID(), Space: space, Doc: d.id}
	for _, h := range m.heads(p, nil) {
		if DeviceID(h.Device) != a.id.ID() || h.Seq == remark[0].Seq {
			all.Heads = append(all.Heads, h)
		}
	}
	for _, c := range m.lacks(p, nil) {
		all.Chunks = append(all.Chunks, c.Bytes)
	}
	if _, err := reader.receive(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	m.wantText(reader, "more begin\n")
	m.flush(reader)
	if !reader.store.Committed(d.id).Equal(p.store.Committed(d.id)) {
		t.Error("not all of it is taken")
	}
}
