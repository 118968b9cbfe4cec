//go:build cgo

package crdt_test

import (
	"testing"

	"github.com/automerge/automerge-go"
)

// What undo, redo and restored versions write reads the same in automerge-go, as
// changes and as a whole document.
func TestUndoAgainstAutomerge(t *testing.T) {
	for seed := range uint64(15) {
		people := group(t, "ann", "ben", "cleo")
		moments := live(t, people, seed)
		p := people[0]
		for _, k := range []int{10, 60} {
			out, err := p.RestoreVersion(moments[k].version, p.seen, p.clock)
			p.did(t, out.Edited, err)
			p.undo(t)
		}
		chunk, _, err := p.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		whole, err := automerge.Load(chunk)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		single := automerge.New()
		for _, c := range p.log {
			if err := single.LoadIncremental(c.Bytes); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		for name, doc := range map[string]*automerge.Doc{"document": whole, "changes": single} {
			text, err := doc.Path("content").Text().Get()
			if err != nil || text != p.text(t) || len(doc.Heads()) != len(p.Now().Heads) {
				t.Fatalf("seed %d: of the %s automerge-go reads %q, %v, not %q", seed, name, text, err, p.text(t))
			}
		}
	}
}
