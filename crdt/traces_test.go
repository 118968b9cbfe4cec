//go:build !race

package crdt_test

import (
	"testing"

	"starling/crdt"
	"starling/crdt/tracetest"
)

// All that one person wrote gives the text that it gave them, in a document that
// made the changes and in one that received them.
func TestSequentialTraces(t *testing.T) {
	for _, name := range []string{tracetest.Paper, tracetest.Rust, tracetest.Svelte} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trace := tracetest.Load(t, name)
			writer, first := found(t, "writer")
			reader := open(t, "reader", first)
			patches := trace.Patches()
			if trace.Start != "" {
				patches = append([]tracetest.Patch{{Insert: trace.Start}}, patches...)
			}
			var batch []crdt.Change
			var seen uint64
			for i, p := range patches {
				out, err := writer.Edit(crdt.Edit{Seen: seen, At: p.At, Delete: p.Delete, Insert: p.Insert}, noon)
				if err != nil {
					t.Fatal(err)
				}
				_, seen = len(out.Patches), lastNum(seen, out.Patches)
				batch = append(batch, out.Changes...)
				if len(batch) < 1000 && i < len(patches)-1 {
					continue
				}
				in, err := reader.Apply(batch)
				if err != nil {
					t.Fatal(err)
				}
				reader.follow(t, in.Patches)
				batch = nil
			}
			if text, _ := writer.Text(); text != trace.End {
				t.Error("the text written is not that of the trace")
			}
			if reader.check(t) != trace.End {
				t.Error("the text received is not that of the trace")
			}
			reopened := openAs(t, "again", crdt.Config{Form: writer.Form().Bytes})
			if text, _ := reopened.Text(); text != trace.End || !reopened.Vector().Equal(writer.Vector()) {
				t.Error("the compact form is another document")
			}
		})
	}
}

func lastNum(seen uint64, patches []crdt.Patch) uint64 {
	if n := len(patches); n > 0 {
		return patches[n-1].Num
	}
	return seen
}

// together has each person write from a document that holds just what they had
// seen.
type together struct {
	txns []tracetest.Transaction
	made [][]crdt.Change
	docs []*replica
	has  [][]bool
}

// catchUp gives a person a transaction of another one, and all that it builds
// on.
func (r *together) catchUp(t *testing.T, who, txn int) {
	t.Helper()
	var batch []crdt.Change
	var gather func(i int)
	gather = func(i int) {
		if r.has[who][i] {
			return
		}
		for _, p := range r.txns[i].Parents {
			gather(p)
		}
		r.has[who][i] = true
		batch = append(batch, r.made[i]...)
	}
	gather(txn)
	if len(batch) == 0 {
		return
	}
	out, err := r.docs[who].Apply(batch)
	if err != nil {
		t.Fatal(err)
	}
	r.docs[who].follow(t, out.Patches)
}

func (r *together) write(t *testing.T, txn int) {
	t.Helper()
	x := r.txns[txn]
	for _, p := range x.Parents {
		r.catchUp(t, x.Agent, p)
	}
	d := r.docs[x.Agent]
	for _, p := range x.Patches {
		out, err := d.Edit(crdt.Edit{Seen: d.seen, At: p.At, Delete: p.Delete, Insert: p.Insert}, noon)
		if err != nil {
			t.Fatal(err)
		}
		d.follow(t, out.Patches)
		r.made[txn] = append(r.made[txn], out.Changes...)
	}
	r.has[x.Agent][txn] = true
}

// The history of two people who wrote at once gives its text in both documents.
func TestConcurrentTrace(t *testing.T) {
	trace := tracetest.Load(t, tracetest.Together)
	r := together{txns: trace.Txns, made: make([][]crdt.Change, len(trace.Txns))}
	first, c := found(t, "person-0")
	r.docs = []*replica{first}
	for i := 1; i < trace.Agents; i++ {
		r.docs = append(r.docs, open(t, "person-"+string(rune('0'+i)), c))
	}
	for range r.docs {
		r.has = append(r.has, make([]bool, len(trace.Txns)))
	}
	for i := range trace.Txns {
		r.write(t, i)
	}
	for who, d := range r.docs {
		for i := range trace.Txns {
			r.catchUp(t, who, i)
		}
		if d.check(t) != trace.End {
			t.Errorf("the text of person %d is not that of the trace", who)
		}
	}
}
