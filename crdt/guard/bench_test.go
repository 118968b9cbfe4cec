package guard_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"starling/crdt/format"
)

// typist makes the changes of somebody alone at one text, a change for each
// edit, as automerge-go would.
type typist struct {
	deps  [][32]byte
	seq   uint64
	next  uint64 // operation counter
	elems []uint32
}

func newTypist() (*typist, []byte) {
	c := format.Change{Actor: make([]byte, 16), Seq: 1, StartOp: 1, Ops: []format.Op{{Key: name("content"), Action: format.MakeText}}}
	w := &typist{seq: 1, next: 2}
	return w, w.seal(&c)
}

func (w *typist) seal(c *format.Change) []byte {
	chunk := c.Encode()
	done, err := format.ParseChange(chunk)
	if err != nil {
		panic(err) // the benchmark makes bad changes
	}
	w.deps = [][32]byte{done.Hash}
	return chunk
}

// edit deletes and inserts at a place.
func (w *typist) edit(at, del int, text string) []byte {
	w.seq++
	c := format.Change{Actor: make([]byte, 16), Seq: w.seq, StartOp: w.next, Deps: w.deps, Time: 1_700_000_000}
	for _, e := range w.elems[at : at+del] {
		c.Ops = append(c.Ops, format.Op{Obj: id(1), Key: elem(e), Action: format.Delete, Pred: ids(e)})
	}
	var after uint32
	if at > 0 {
		after = w.elems[at-1]
	}
	var fresh []uint32
	for _, r := range text {
		c.Ops = append(c.Ops, format.Op{Obj: id(1), Key: elem(after), Insert: true, Action: format.Set, Value: str(string(r))})
		after = uint32(w.next) + uint32(len(c.Ops)) - 1
		fresh = append(fresh, after)
	}
	w.elems = append(w.elems[:at], append(fresh, w.elems[at+del:]...)...)
	w.next += uint64(len(c.Ops))
	return w.seal(&c)
}

// traceFile is the automerge-paper trace, which is not kept in this project.
const traceFile = "../../../shared/traces/automerge-paper.json.gz"

// paperTrace returns the changes of the automerge-paper trace, one an edit.
func paperTrace(b *testing.B) [][]byte {
	b.Helper()
	f, err := os.Open(traceFile)
	if err != nil {
		b.Skipf("the trace is not here: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	var trace struct {
		Txns []struct {
			Patches [][3]json.RawMessage `json:"patches"`
		} `json:"txns"`
	}
	if err := json.NewDecoder(z).Decode(&trace); err != nil {
		b.Fatal(err)
	}
	w, first := newTypist()
	chunks := [][]byte{first}
	for _, txn := range trace.Txns {
		for _, p := range txn.Patches {
			chunks = append(chunks, editOf(b, w, p))
		}
	}
	return chunks
}

func editOf(b *testing.B, w *typist, patch [3]json.RawMessage) []byte {
	b.Helper()
	var at, del int
	var text string
	for i, v := range []any{&at, &del, &text} {
		if err := json.Unmarshal(patch[i], v); err != nil {
			b.Fatal(err)
		}
	}
	return w.edit(at, del, text)
}

func passAll(b *testing.B, x *doc, chunks [][]byte) {
	b.Helper()
	for _, chunk := range chunks {
		accept(b, x, parse(b, chunk))
	}
}

// BenchmarkOneKey is one more key in a document of 260,000 edits.
func BenchmarkOneKey(b *testing.B) {
	w, first := newTypist()
	chunks := [][]byte{first}
	for range 260_000 {
		chunks = append(chunks, w.edit(len(w.elems), 0, "a"))
	}
	x := newDoc()
	passAll(b, x, chunks)
	more := make([][]byte, 0, 100_000)
	for range cap(more) {
		more = append(more, w.edit(len(w.elems), 0, "a"))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i%len(more) == 0 && i > 0 {
			b.StopTimer()
			x = newDoc()
			passAll(b, x, chunks)
			b.StartTimer()
		}
		accept(b, x, parse(b, more[i%len(more)]))
	}
}

// BenchmarkCheckAndAdd is the share of the guard and the graph in one key more,
// typed at the end or deleted and written anew anywhere.
func BenchmarkCheckAndAdd(b *testing.B) {
	w, first := newTypist()
	x := newDoc()
	accept(b, x, parse(b, first))
	rng := rand.New(rand.NewPCG(1, 1))
	somewhere := func() *format.Change { return parse(b, w.edit(rng.IntN(len(w.elems)), 1, "a")) }
	for range 260_000 {
		accept(b, x, parse(b, w.edit(len(w.elems), 0, "a")))
	}
	number := []uint32{0}
	for what, edit := range map[string]func() *format.Change{
		"typed":   func() *format.Change { return parse(b, w.edit(len(w.elems), 0, "a")) },
		"changed": somewhere,
	} {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				b.StopTimer()
				c := edit()
				b.StartTimer()
				if err := x.check(c); err != nil {
					b.Fatal(err)
				}
				if _, err := x.g.Add(c, number); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := x.s.Apply(c, number, nil); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkPaperTrace passes the whole trace and reports what the index takes.
func BenchmarkPaperTrace(b *testing.B) {
	chunks := paperTrace(b)
	passAndWeigh(b, chunks)
}

// BenchmarkManyActors passes 20,000 changes by 1,000 actors who take turns.
func BenchmarkManyActors(b *testing.B) {
	first := parse(b, firstChange.Encode())
	chunks := [][]byte{firstChange.Encode()}
	last := first
	for i := range uint64(20_000) {
		c := format.Change{
			Actor: binary.BigEndian.AppendUint16(nil, 1000+uint16(i%1000)), Seq: 1 + i/1000, StartOp: nextOp + i,
			Deps: [][32]byte{last.Hash}, Ops: []format.Op{{Key: name("k"), Action: format.Set, Value: str("v")}},
		}
		chunks = append(chunks, c.Encode())
		last = parse(b, c.Encode())
	}
	passAndWeigh(b, chunks)
}

func passAndWeigh(b *testing.B, chunks [][]byte) {
	b.Helper()
	var before, after runtime.MemStats
	for b.Loop() {
		x := newDoc()
		runtime.GC()
		runtime.ReadMemStats(&before)
		passAll(b, x, chunks)
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(x)
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(chunks)), "µs/change")
}

// BenchmarkLargePaste is the greatest change that the format allows.
func BenchmarkLargePaste(b *testing.B) {
	w, first := newTypist()
	text := make([]byte, format.MaxOps)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	paste := w.edit(0, 0, string(text))
	for b.Loop() {
		x := newDoc()
		passAll(b, x, [][]byte{first, paste})
	}
}
