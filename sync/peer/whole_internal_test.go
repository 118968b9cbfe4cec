package peer

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// crew is people who write in a document that this peer has nothing of.
type crew struct {
	p       *Peer
	home    string
	space   SpaceID
	id      crdt.DocID
	people  []*hand
	changes []crdt.Change
	foreign crdt.ActorID // of a file, empty if there was none
}

type hand struct {
	*identity.Identity
	nonce trust.Nonce
	actor crdt.ActorID
	doc   *crdt.Document
	has   int // how many of the team's changes it has
}

// newCrew admits people, the first of whom founds the document.
func newCrew(t *testing.T, n int, file bool) *crew {
	t.Helper()
	home := t.TempDir()
	p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Make: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	m := &crew{p: p, home: home}
	if m.space, err = p.NewSpace(t.Context(), "Notes"); err != nil {
		t.Fatal(err)
	}
	for range n {
		m.join(t)
	}
	first := m.people[0]
	if !file {
		c, err := first.doc.Found(noon)
		m.keep(t, c, err)
		return m
	}
	m.foreign = "file"
	other, err := crdt.Open(crdt.Config{ID: m.id, Actor: m.foreign})
	if err != nil {
		t.Fatal(err)
	}
	c, err := other.Found(noon)
	m.keep(t, c, err)
	out, err := other.Edit(crdt.Edit{Insert: "from a file"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	m.changes = append(m.changes, out.Changes...)
	m.catchUp(t, first)
	c, _, err = first.doc.FoundImport(noon)
	m.keep(t, c, err)
	return m
}

func (m *crew) keep(t *testing.T, c crdt.Change, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	m.changes = append(m.changes, c)
}

func (m *crew) join(t *testing.T) *hand {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	nonce, err := trust.NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.p.admit(t.Context(), m.space, Person{ID: id.ID(), Name: fmt.Sprint("Member ", len(m.people))}); err != nil {
		t.Fatal(err)
	}
	if len(m.people) == 0 {
		m.id = trust.DocumentID(m.space, id.ID(), nonce)
	}
	actor := trust.ActorID(id.ID(), m.id, nonce)
	w := &hand{Identity: id, nonce: nonce, actor: crdt.ActorID(actor[:])}
	if w.doc, err = crdt.Open(crdt.Config{ID: m.id, Actor: w.actor}); err != nil {
		t.Fatal(err)
	}
	m.people = append(m.people, w)
	return w
}

// catchUp gives a member what it lacks.
func (m *crew) catchUp(t *testing.T, w *hand) {
	t.Helper()
	for _, c := range m.changes[w.has:] {
		c.Foreign = c.Actor == m.foreign
		if _, err := w.doc.Apply([]crdt.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	w.has = len(m.changes)
}

// write has members write n times, now on what others have written, now beside.
func (m *crew) write(t *testing.T, rng *rand.Rand, n int) {
	t.Helper()
	for range n {
		w := m.people[rng.IntN(len(m.people))]
		if rng.IntN(3) > 0 || w.has == 0 {
			m.catchUp(t, w)
		}
		m.edit(t, rng, w)
	}
}

func (m *crew) edit(t *testing.T, rng *rand.Rand, w *hand) []crdt.Change {
	t.Helper()
	text, seen := w.doc.Text()
	at := rng.IntN(len(text) + 1)
	out, err := w.doc.Edit(crdt.Edit{Seen: seen, At: at, Delete: min(rng.IntN(3), len(text)-at), Insert: "abcdefgh"[:1+rng.IntN(7)]}, noon)
	if err != nil {
		t.Fatal(err)
	}
	m.changes = append(m.changes, out.Changes...)
	return out.Changes
}

// chunk is the document with all changes, as another peer stores it.
func (m *crew) chunk(t *testing.T) []byte {
	t.Helper()
	all := slices.Clone(m.changes)
	for i := range all {
		all[i].Foreign = true // whatever it is
	}
	d, err := crdt.Open(crdt.Config{ID: m.id, Actor: "other", Changes: all})
	if err != nil {
		t.Fatal(err)
	}
	chunk, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// heads are those over the last change of each actor, and some between, as they
// come with a snapshot: without hashes.
func (m *crew) heads(rng *rand.Rand) (heads []trust.Head) {
	last := map[crdt.ActorID]uint64{}
	for _, c := range m.changes {
		last[c.Actor] = max(last[c.Actor], c.Seq)
	}
	for _, c := range m.changes {
		if c.Seq < last[c.Actor] && rng.IntN(10) > 0 {
			continue
		}
		if h := m.head(c); len(h.Sig) > 0 {
			h.Hash = [32]byte{}
			heads = append(heads, h)
		}
	}
	return heads
}

func (m *crew) head(c crdt.Change) trust.Head {
	if c.Actor == m.foreign {
		w := m.people[0]
		return trust.SignImportHead(w.Identity, m.space, m.id, w.nonce, string(c.Actor), c.Seq, c.Hash, nil)
	}
	for _, w := range m.people {
		if w.actor == c.Actor {
			return trust.SignHead(w.Identity, m.space, m.id, w.nonce, c.Seq, c.Hash, nil)
		}
	}
	return trust.Head{}
}

func (m *crew) piece(chunk []byte, heads []trust.Head) protocol.Piece {
	return protocol.Piece{From: m.people[1].ID(), Space: m.space, Doc: m.id, Size: len(chunk), Bytes: chunk, Heads: heads}
}

// beside is another peer with the same home, as it is now.
func (m *crew) beside(t *testing.T) *Peer {
	t.Helper()
	if err := m.p.store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return killed(t, m.home)
}

// sameAt compares the document of two peers.
func (m *crew) sameAt(t *testing.T, a, b *Peer, sound bool) {
	t.Helper()
	var all [2]string
	for i, p := range []*Peer{a, b} {
		text := "nothing"
		if d, err := p.OpenDocument(t.Context(), m.id); err == nil {
			text, _ = d.Snapshot()
			shut(t, d)
		} else if !errors.Is(err, ErrNoDocument) {
			t.Fatal(err)
		}
		if err := p.store.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		var changes []string
		err := p.store.ChangesSince(t.Context(), m.id, nil, func(c crdt.Change) error {
			changes = append(changes, fmt.Sprintf("%v %d %v", c.Actor, c.Seq, c.Hash))
			return nil
		})
		if err != nil && !errors.Is(err, store.ErrNoDocument) {
			t.Fatal(err)
		}
		slices.Sort(changes)
		devices, err := p.store.ActorDevices(t.Context(), m.id)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = fmt.Sprintf("%q\n%v\n%v\n%v", text, p.store.Committed(m.id), devices, strings.Join(changes, "\n"))
		if sound {
			if r := verified(t, p, m.id); len(r.Problems) > 0 {
				t.Errorf("peer %d: %v", i, r.Problems)
			}
		}
	}
	if all[0] != all[1] {
		t.Fatalf("they differ:\n%s\n\n%s", all[0], all[1])
	}
}

// Taken as a whole, a document is what it would be had it come change by change:
// so it is read, and so it goes on, after a kill and a compaction too.
func TestTakenAsAWhole(t *testing.T) {
	for seed := range uint64(shorter(6, 2)) {
		rng := rand.New(rand.NewPCG(seed, 31))
		m := newCrew(t, 2+rng.IntN(4), seed%2 == 1)
		m.write(t, rng, 50+rng.IntN(200))
		chunk := m.chunk(t)
		pc := m.piece(chunk, m.heads(rng))
		q := m.beside(t)
		if err := m.p.takeWhole(t.Context(), pc, chunk); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if _, err := q.takeSnapshot(t.Context(), pc, chunk); err != nil {
			t.Fatal(err)
		}
		m.sameAt(t, m.p, q, true)
		m.sameAt(t, m.beside(t), q, true)
		for range 3 {
			w := m.people[rng.IntN(len(m.people))]
			m.catchUp(t, w)
			r := protocol.Received{From: w.ID(), Space: m.space, Doc: m.id}
			for _, c := range m.edit(t, rng, w) {
				r.Chunks = append(r.Chunks, c.Bytes)
				r.Heads = append(r.Heads, m.head(c))
			}
			for _, p := range []*Peer{m.p, q} {
				if _, err := p.receive(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
		}
		m.sameAt(t, m.p, q, true)
		chunk = m.chunk(t)
		for _, p := range []*Peer{m.p, q} {
			if err := p.store.Compact(t.Context(), m.id, chunk, p.store.Committed(m.id)); err != nil {
				t.Fatal(err)
			}
		}
		m.sameAt(t, m.beside(t), q, true)
	}
}

// What is not plain is taken change by change, with what that refuses or has wait,
// and stored by no other way.
func TestNotTakenAsAWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 32))
	tests := map[string]func(t *testing.T, m *crew) []trust.Head{
		"a bad change": func(t *testing.T, m *crew) []trust.Head {
			m.changes = append(m.changes, m.replaced(t, m.people[1]))
			return m.heads(rng)
		},
		"a missing head": func(t *testing.T, m *crew) []trust.Head {
			return slices.DeleteFunc(m.heads(rng), func(h trust.Head) bool { return h.Actor == string(m.people[1].actor) })
		},
		"a head too early": func(t *testing.T, m *crew) []trust.Head {
			top := map[string]uint64{}
			heads := m.heads(rand.New(rand.NewPCG(2, 2)))
			for _, h := range heads {
				top[h.Actor] = max(top[h.Actor], h.Seq)
			}
			return slices.DeleteFunc(heads, func(h trust.Head) bool {
				return h.Actor == string(m.people[2].actor) && h.Seq == top[h.Actor]
			})
		},
		"a viewer's change": func(t *testing.T, m *crew) []trust.Head {
			if _, err := m.p.ChangeRole(t.Context(), m.space, "Member 1", "viewer", LineOptions{}); err != nil {
				t.Fatal(err)
			}
			return m.heads(rng)
		},
		"a commenter's change": func(t *testing.T, m *crew) []trust.Head {
			if _, err := m.p.ChangeRole(t.Context(), m.space, "Member 2", "commenter", LineOptions{}); err != nil {
				t.Fatal(err)
			}
			return m.heads(rng)
		},
		"beyond a line": func(t *testing.T, m *crew) []trust.Head {
			if _, err := m.p.Remove(t.Context(), m.space, "Member 2", LineOptions{}); err != nil {
				t.Fatal(err)
			}
			return m.heads(rng)
		},
		"two beginnings": func(t *testing.T, m *crew) []trust.Head {
			w := m.join(t)
			w.has = len(m.changes)
			c, err := w.doc.Found(noon)
			m.keep(t, c, err)
			return m.heads(rng)
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			m := newCrew(t, 3, false)
			m.write(t, rng, 60)
			heads := spoil(t, m)
			chunk := m.chunk(t)
			pc := m.piece(chunk, heads)
			q := m.beside(t)
			if err := m.p.takeWhole(t.Context(), pc, chunk); err == nil || errors.Is(err, protocol.ErrMalformed) {
				t.Fatalf("taken as a whole: %v", err)
			}
			if held := m.p.store.Committed(m.id); len(held) > 0 {
				t.Fatalf("refused, and yet %v is held", held)
			}
			_, errP := m.p.takeSnapshot(t.Context(), pc, chunk)
			_, errQ := q.takeSnapshot(t.Context(), pc, chunk)
			if (errP == nil) != (errQ == nil) {
				t.Errorf("%v, and %v", errP, errQ)
			}
			m.sameAt(t, m.p, q, false)
		})
	}
}

// replaced is a member's change that puts another text in place of the document's.
func (m *crew) replaced(t *testing.T, w *hand) crdt.Change {
	t.Helper()
	m.catchUp(t, w)
	f := format.Change{
		Actor: []byte(w.actor), Seq: w.doc.Vector()[w.actor].Seq + 1,
		Ops: []format.Op{{Key: format.Key{Map: true, Name: "content"}, Action: format.MakeText}},
	}
	for _, h := range w.doc.Heads() {
		f.Deps = append(f.Deps, h)
	}
	for _, c := range m.changes {
		f.StartOp = max(f.StartOp, c.MaxOp+1)
	}
	c, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A forged signature ends the session, and nothing was stored.
func TestForgedHeadOfAWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 33))
	m := newCrew(t, 3, false)
	m.write(t, rng, 40)
	chunk, heads := m.chunk(t), m.heads(rng)
	heads[len(heads)/2].Sig = make([]byte, 64)
	if err := m.p.takeWhole(t.Context(), m.piece(chunk, heads), chunk); !errors.Is(err, protocol.ErrMalformed) {
		t.Error(err)
	}
	if held := m.p.store.Committed(m.id); len(held) > 0 {
		t.Errorf("%v is held", held)
	}
}

// A branch of an imported document has heads that are signed for that. Whether or not
// it is known to be one, who sends it as a snapshot has done nothing wrong.
func TestBranchAsAWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 34))
	m := newCrew(t, 2, true)
	m.write(t, rng, 40)
	chunk, fork := m.chunk(t), m.changes[len(m.changes)-1]
	f := trust.ForkInfo{
		Doc: m.id, Device: m.people[0].ID(), Actor: string(fork.Actor), Seq: fork.Seq,
		Counts: [32]byte{1}, Other: fork.Hash,
	}
	pc := m.piece(chunk, m.heads(rng))
	pc.Doc = branchesOf(f)[0]
	for _, known := range []bool{false, true} {
		if known && !m.p.splits.add(m.space, f) {
			t.Fatal("there is no room for a fork")
		}
		if err := m.p.takeWhole(t.Context(), pc, chunk); !errors.Is(err, errNotPlain) || errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("known %v: %v", known, err)
		}
		if _, err := m.p.takeSnapshot(t.Context(), pc, chunk); errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("known %v, change by change: %v", known, err)
		}
	}
}
