package seq

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"os"
	"runtime"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt/opid"
)

type patch struct {
	at, del int
	ins     string
}

func (p *patch) UnmarshalJSON(b []byte) error {
	a := []any{&p.at, &p.del, &p.ins}
	return json.Unmarshal(b, &a)
}

type trace struct {
	EndContent string
	Txns       []struct{ Patches []patch }
}

func readTrace(t testing.TB, name string) *trace {
	f, err := os.Open("/work/shared/traces/" + name + ".json.gz")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var tr trace
	if err := json.NewDecoder(z).Decode(&tr); err != nil {
		t.Fatal(err)
	}
	return &tr
}

func replay(t testing.TB, tr *trace) *Sequence {
	var as opid.Actors
	as.Number([]byte("an actor"))
	s := New(&as)
	c := uint32(2)
	for _, x := range tr.Txns {
		for _, p := range x.Patches {
			for range p.del {
				id, _, ok := s.ElemAt(p.at)
				if !ok {
					t.Fatal("no element")
				}
				if err := s.DeleteRun(id, 1, opid.ID{Counter: c}, false, nil); err != nil {
					t.Fatal(err)
				}
				c++
			}
			if p.ins != "" {
				var origin opid.ID
				if p.at > 0 {
					origin, _, _ = s.ElemAt(p.at - 1)
				}
				at, err := s.Insert(opid.ID{Counter: c}, origin, p.ins)
				if err != nil || at != p.at {
					t.Fatal(at, p.at, err)
				}
				c += uint32(utf8.RuneCountInString(p.ins))
			}
		}
	}
	return s
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTrace(t *testing.T) {
	for _, name := range []string{"automerge-paper", "rustcode", "sveltecomponent"} {
		tr := readTrace(t, name)
		before := heap()
		start := time.Now()
		s := replay(t, tr)
		took := time.Since(start)
		after := heap()
		if s.Text() != tr.EndContent {
			t.Fatal("text differs")
		}
		t.Log(name, took, "runs", s.Runs(), "bytes", after-before)
		b := s.AppendBinary(nil)
		t.Log("bytes", len(b), "deflated", deflated(b))
		for range 5 {
			start = time.Now()
			d, err := Decode(b, s.actors, nil)
			t.Log("decode", time.Since(start))
			if err != nil || d.Text() != tr.EndContent || !bytes.Equal(d.AppendBinary(nil), b) {
				t.Fatal(err)
			}
			before := heap()
			d, _ = Decode(b, s.actors, nil)
			t.Log("runs", d.Runs(), heap()-before)
			start = time.Now()
			runtime.KeepAlive(d.TextAt(opid.Clock{100000}))
			t.Log("textat", time.Since(start))
			runtime.KeepAlive(d)
		}
		for i := range columns {
			n, k := binary.Uvarint(b)
			t.Log("column", i, n, deflated(b[k:][:n]))
			b = b[k+int(n):]
		}
		runtime.KeepAlive(s)
		runtime.KeepAlive(tr)
	}
}

func deflated(b []byte) int {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 9)
	w.Write(b)
	w.Close()
	return out.Len()
}
