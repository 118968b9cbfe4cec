package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// Who lacks what no held head is over takes it by what went with the only head: from
// beside the document, or out of a branch.
func TestWhatVouchesForWhatIsLeft(t *testing.T) {
	for _, byBranch := range []bool{false, true} {
		m := newTeam(t, 1, trust.Editor)
		p, q := m.peers[0], m.peers[1]
		m.toggle(p)
		b, kept, later := leave(t, m.open[p])
		m.tell(p, q)
		m.give(p, q)
		actor := b.doc.Actor()
		if n := q.store.Committed(m.doc)[actor].Seq; n > 0 {
			t.Fatalf("%d changes of b's are taken without a head", n)
		}
		tip := p.store.Committed(m.doc)[actor]
		changes, heads, err := p.proofOf(t.Context(), m.doc, crdt.Vector{actor: tip})
		if byBranch {
			soon(t, "there is a branch", func() bool { return len(p.branchesFrom(m.space, m.doc)) > 0 })
			soon(t, "it is proof", func() bool {
				for _, branch := range p.branchesFrom(m.space, m.doc) {
					more, h, failed := p.proofIn(t.Context(), branch, actor, tip)
					if err = failed; len(more) > 0 {
						changes, heads = more, []trust.Head{toTrustHead(h)}
						return true
					}
				}
				return false
			})
		}
		if err != nil || len(heads) != 1 || heads[0].Hash != later.Hash || changes[len(changes)-1].Hash != later.Hash {
			t.Fatalf("by a branch %v: %d changes, heads %+v, %v", byBranch, len(changes), heads, err)
		}
		r := protocol.Received{From: p.ID(), Space: m.space, Doc: m.doc, Heads: heads}
		for _, c := range changes {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
		if _, err := q.receive(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		m.flush(q)
		if held := q.store.Committed(m.doc)[actor]; held.Hash != kept.Hash {
			t.Errorf("by a branch %v: %d changes of b's are held", byBranch, held.Seq)
		}
	}
}
