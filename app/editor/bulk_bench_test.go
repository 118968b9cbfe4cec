package editor

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/find"
)

// BenchmarkOpen1MB opens a document of 1 MB, until its first page is a list of
// what is drawn.
func BenchmarkOpen1MB(b *testing.B) {
	d := newDesk(b, manuscript())
	var times []time.Duration
	for b.Loop() {
		d.close()
		times = append(times, took(func() { d.open(b) }))
	}
	reportMedian(b, "editor.open_1mb", times)
}

// BenchmarkPaste1MB pastes 1 MB into a short text.
func BenchmarkPaste1MB(b *testing.B) {
	text := manuscript()
	var times []time.Duration
	for b.Loop() {
		d := newDesk(b, "# Short\n\nNothing much.\n")
		fyne.CurrentApp().Clipboard().SetContent(text)
		d.GoTo(9)
		times = append(times, took(func() { d.Do("paste") }))
		if d.Text() != "# Short\n\n"+text+"Nothing much.\n" {
			b.Fatal("it was not pasted")
		}
	}
	reportMedian(b, "editor.paste_1mb", times)
}

// BenchmarkReplaceAll1MB replaces 10,000 matches in 1 MB, and takes that back.
func BenchmarkReplaceAll1MB(b *testing.B) {
	const many, lost, found = 10_000, "needle", "thread"
	text := strings.Replace(manuscript(), "e ", lost+" ", many)
	want := strings.ReplaceAll(text, lost, found)
	var times, undone []time.Duration
	for b.Loop() {
		d := newDesk(b, text)
		d.Find(find.Query{Text: lost})
		d.rest()
		d.show()
		times = append(times, took(func() { d.ReplaceAll(found) }))
		if d.Text() != want {
			b.Fatal("not all was replaced")
		}
		undone = append(undone, took(func() { d.Do("undo") }))
		if d.Text() != text {
			b.Fatal("not all was taken back")
		}
	}
	b.ReportMetric(millis(percentile(undone, 50)), "undo-ms")
	reportMedian(b, "editor.replace_all", times)
}

// BenchmarkPage scrolls through a text of 1 MB by a page each time.
func BenchmarkPage(b *testing.B) {
	d := newDesk(b, manuscript())
	var times []time.Duration
	for b.Loop() {
		for !d.atEnd() {
			d.rest()
			times = append(times, took(func() {
				d.show()
				d.scrollBy(deskHeight)
				d.paint()
			}))
		}
		d.scrollTo(0)
	}
	report(b, "editor.scroll", times)
}

// BenchmarkMemory is what an editor holds above the document, when all of 1 MB
// was looked at and something was written here and there.
func BenchmarkMemory(b *testing.B) {
	d := newDesk(b, manuscript()) // loads what is there only once
	for b.Loop() {
		d.close()
		before := heap()
		d.open(b)
		for !d.atEnd() {
			d.rest()
			d.show()
			d.scrollBy(deskHeight)
			d.paint()
		}
		for range 100 {
			d.wander()
			d.key()
		}
		b.ReportMetric(float64(heap()-before)/1e6, "editor.memory")
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
