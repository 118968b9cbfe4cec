package sequence

import (
	"bytes"
	"compress/flate"
	"runtime"
	"testing"
	"unicode/utf8"

	"starling/crdt/opid"
	"starling/crdt/tracetest"
)

// paperOps is the greatest counter that replaying the automerge-paper trace may
// use.
const paperOps = 300_000

// replay makes a sequence of what one actor wrote.
func replay(t testing.TB, patches []tracetest.Patch) *Sequence {
	s := New(newActors(1))
	next := opid.ID{Counter: 2} // 1 made the text
	for _, p := range patches {
		for range p.Delete {
			id, _, _ := s.ElemAt(p.At)
			if err := s.DeleteRun(id, 1, next, false, nil); err != nil {
				t.Fatal(err)
			}
			next = next.Plus(1)
		}
		if p.Insert == "" {
			continue
		}
		origin := s.AnchorAt(p.At, true).Elem
		if at, err := s.Insert(next, origin, p.Insert); err != nil || at != p.At {
			t.Fatalf("inserted at %d, want %d: %v", at, p.At, err)
		}
		next = next.Plus(utf8.RuneCountInString(p.Insert))
	}
	return s
}

// memory is how many bytes of heap are in use.
func memory() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func deflated(t *testing.T, b []byte) int {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// What real writing takes, with a little room.
func TestTraces(t *testing.T) {
	for _, test := range []struct {
		name               string
		runs, bytes, forms int // at most; forms are the compact form's deflated bytes
	}{
		{tracetest.Paper, 13_500, 1_900_000, 90_000},
		{tracetest.Rust, 16_000, 2_600_000, 165_000},
		{tracetest.Svelte, 7_300, 1_050_000, 42_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			trace := tracetest.Load(t, test.name)
			patches := trace.Patches()
			before := memory()
			s := replay(t, patches)
			taken := memory() - before
			if s.Text() != trace.Start+trace.End {
				t.Fatal("the text is another one")
			}
			if err := broken(s); err != nil {
				t.Fatal(err)
			}
			form := s.AppendBinary(nil)
			d, err := Decode(form, s.actors, noItem)
			if err != nil {
				t.Fatal(err)
			}
			if err := broken(d); err != nil || d.Text() != s.Text() || !bytes.Equal(d.AppendBinary(nil), form) {
				t.Fatalf("decoded another sequence (%v)", err)
			}
			forms := deflated(t, form)
			t.Logf("%d runs, %d bytes; compact form %d bytes, deflated %d", s.Runs(), taken, len(form), forms)
			if s.Runs() > test.runs || taken > test.bytes || forms > test.forms {
				t.Errorf("want no more than %d runs, %d bytes, %d bytes deflated", test.runs, test.bytes, test.forms)
			}
			runtime.KeepAlive(patches)
		})
	}
}
