package crdt_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/tracetest"
)

// paper is the document of the trace of the Automerge paper, a change for each
// of its 259,778 edits.
var paper struct {
	once     sync.Once
	changes  []crdt.Change
	form     crdt.Form
	snapshot []byte
	end      string
}

func thePaper(b *testing.B) {
	b.Helper()
	paper.once.Do(func() {
		trace := tracetest.Load(b, tracetest.Paper)
		d, changes := write(b, trace.Patches())
		var err error
		if paper.snapshot, _, err = d.Snapshot(); err != nil {
			b.Fatal(err)
		}
		paper.changes, paper.form, paper.end = changes, d.Form(), trace.End
	})
	if paper.end == "" {
		b.Skip("the trace is not here")
	}
}

// write makes a document by patches, each in a change of its own.
func write(b *testing.B, patches []tracetest.Patch) (*crdt.Document, []crdt.Change) {
	b.Helper()
	d := openAs(b, "writer", crdt.Config{})
	first, err := d.Found(noon)
	if err != nil {
		b.Fatal(err)
	}
	changes := make([]crdt.Change, 0, len(patches)+1)
	changes = append(changes, first)
	var seen uint64
	for _, p := range patches {
		out, err := d.Edit(crdt.Edit{Seen: seen, At: p.At, Delete: p.Delete, Insert: p.Insert}, noon)
		if err != nil {
			b.Fatal(err)
		}
		changes = append(changes, out.Changes...)
		seen = out.Patches[len(out.Patches)-1].Num
	}
	return d, changes
}

func openAs(b testing.TB, actor string, c crdt.Config) *crdt.Document {
	b.Helper()
	c.Actor = crdt.ActorID(actor)
	d, err := crdt.Open(c)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func openPaper(b testing.TB, actor string) *crdt.Document {
	return openAs(b, actor, crdt.Config{Form: paper.form.Bytes, History: func(yield func(crdt.Change) error) error {
		for _, c := range paper.changes {
			if err := yield(c); err != nil {
				return err
			}
		}
		return nil
	}})
}

// report gives the mean of b.N rounds under the name of a budget.
func report(b *testing.B, name string, unit time.Duration) {
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(unit), name)
}

// percentile99 reports the 99th percentile of many short times.
func percentile99(b *testing.B, name string, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100])/float64(time.Microsecond), name)
	b.ReportMetric(float64(times[len(times)/2])/float64(time.Microsecond), "p50-µs")
}

func BenchmarkTrace(b *testing.B) {
	trace := tracetest.Load(b, tracetest.Paper)
	patches := trace.Patches()
	for b.Loop() {
		d, _ := write(b, patches)
		if text, _ := d.Text(); text != trace.End {
			b.Fatal("the text is not that of the trace")
		}
	}
	report(b, "crdt.trace", time.Second)
}

func BenchmarkDecodeFile(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		in, err := crdt.ReadContents(paper.snapshot)
		if err != nil || in.Text != paper.end {
			b.Fatal("the text is not that of the trace", err)
		}
	}
	report(b, "crdt.decode_file", time.Millisecond)
	b.ReportMetric(float64(len(paper.snapshot)), "file-bytes")
	b.ReportMetric(float64(len(paper.form.Bytes)), "form-bytes")
}

func BenchmarkDecodeChecked(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		d := openAs(b, "reader", crdt.Config{Snapshot: paper.snapshot})
		if text, _ := d.Text(); text != paper.end {
			b.Fatal("the text is not that of the trace")
		}
	}
	report(b, "crdt.decode_checked", time.Second)
}

func BenchmarkOpenForm(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		if text, _ := openPaper(b, "reader").Text(); text != paper.end {
			b.Fatal("the text is not that of the trace")
		}
	}
}

func BenchmarkMemory(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		before := heap()
		d := openPaper(b, "reader")
		b.ReportMetric(float64(heap()-before)/1e6, "crdt.memory")
		runtime.KeepAlive(d)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// keys types a word here and there, with a correction now and then.
func keys(b *testing.B, d *crdt.Document, n int) (changes []crdt.Change, times []time.Duration) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	text, seen := d.Text()
	length := len([]rune(text))
	at := 0
	for i := range n {
		if i%8 == 0 {
			at = 1 + rng.IntN(length-1)
		}
		e := crdt.Edit{Seen: seen, At: at, Insert: "k"}
		if i%8 == 5 {
			e = crdt.Edit{Seen: seen, At: at - 1, Delete: 1}
		}
		start := time.Now()
		out, err := d.Edit(e, noon)
		times = append(times, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		p := out.Patches[len(out.Patches)-1]
		seen, at = p.Num, p.At+p.Inserted
		length += p.Inserted - p.Delete
		changes = append(changes, out.Changes...)
	}
	return changes, times
}

const manyKeys = 20000

func BenchmarkLocalEdit(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		_, times := keys(b, openPaper(b, "typist"), manyKeys)
		percentile99(b, "crdt.local_edit", times)
	}
}

func BenchmarkReceive(b *testing.B) {
	thePaper(b)
	changes, _ := keys(b, openPaper(b, "typist"), manyKeys)
	for b.Loop() {
		percentile99(b, "crdt.receive", receive(b, openPaper(b, "reader"), changes))
	}
}

func receive(b *testing.B, d *crdt.Document, changes []crdt.Change) (times []time.Duration) {
	b.Helper()
	for _, c := range changes {
		start := time.Now()
		parsed, err := crdt.ParseChange(c.Bytes)
		if err != nil {
			b.Fatal(err)
		}
		out, err := d.Apply([]crdt.Change{parsed})
		times = append(times, time.Since(start))
		if err != nil || len(out.Patches) != 1 {
			b.Fatal(len(out.Patches), err)
		}
	}
	return times
}

// megabyte is a document of 1 MB of text that was written in many places.
func megabyte(b *testing.B) (*crdt.Document, []crdt.Change) {
	b.Helper()
	d := openAs(b, "writer", crdt.Config{})
	first, err := d.Found(noon)
	if err != nil {
		b.Fatal(err)
	}
	line := strings.Repeat("quite an ordinary line of text. ", 2) + "\n"
	out, err := d.Edit(crdt.Edit{Insert: strings.Repeat(line, 1_000_000/len(line))}, noon)
	if err != nil {
		b.Fatal(err)
	}
	changes := append([]crdt.Change{first}, out.Changes...)
	more, _ := keys(b, d, 100_000)
	return d, append(changes, more...)
}

func BenchmarkLocalEdit1MB(b *testing.B) {
	d, _ := megabyte(b)
	for b.Loop() {
		_, times := keys(b, d, manyKeys)
		percentile99(b, "crdt.local_edit_1mb", times)
	}
}

func BenchmarkReceive1MB(b *testing.B) {
	d, changes := megabyte(b)
	reader := openAs(b, "reader", crdt.Config{Changes: changes})
	for b.Loop() {
		more, _ := keys(b, d, manyKeys)
		percentile99(b, "crdt.receive_1mb", receive(b, reader, more))
	}
}

func BenchmarkVersionText(b *testing.B) {
	thePaper(b)
	d := openPaper(b, "reader")
	versions := d.History()
	n := 0
	for b.Loop() {
		if _, err := d.TextAt(versions[n%len(versions)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	report(b, "crdt.version_text", time.Millisecond)
	b.ReportMetric(float64(len(versions)), "versions")
}
