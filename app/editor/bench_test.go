package editor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/app/buffer"
	"starling/crdt"
)

// The names of the budgets in packaging/budgets.json are the units of what the
// benchmarks report.

// Size of the page in a window of the usual size.
const (
	deskWidth  = 752
	deskHeight = 722
)

// desk is an editor over a real document, as in a window, in which someone else
// writes at another computer. No timer ever fires.
type desk struct {
	*Editor
	window fyne.Window
	doc    *written
	rng    *rand.Rand
	asked  []func() // what the background is to do
	ready  []func() // and what came of it, for the UI goroutine
}

func newDesk(b *testing.B, text string) *desk {
	test.NewTempApp(b)
	d := &desk{doc: newWritten(b, text), rng: rand.New(rand.NewPCG(1, 2))}
	b.Cleanup(func() { d.window.Close() })
	d.open(b)
	return d
}

// open puts the document on a page that is drawn and has the keyboard.
func (d *desk) open(b *testing.B) {
	d.close()
	text, seen := d.doc.mine.Text()
	d.Editor = New(Config{
		Document: d.doc, Text: text, Seen: seen, Reload: d.doc.mine.Text, Theme: testTheme(b),
		Background: func(work, done func()) { d.asked = append(d.asked, func() { work(); d.ready = append(d.ready, done) }) },
		Spell:      oddWords{},
		OnError:    func(err error) { b.Fatal(err) },
	})
	d.after = func(time.Duration, func()) func() { return func() {} }
	d.window = test.NewWindow(d.Editor)
	d.window.SetPadded(false)
	d.window.Resize(fyne.NewSize(deskWidth, deskHeight))
	d.window.Canvas().Focus(d.Editor)
}

func (d *desk) close() {
	if d.window != nil {
		d.window.Close()
	}
	d.window, d.Editor, d.asked, d.ready = nil, nil, nil, nil
}

// oddWords finds many words wrong.
type oddWords struct{}

func (oddWords) Right(word string) bool { return len(word)%7 != 0 }

// rest lets the background do what it was asked for.
func (d *desk) rest() {
	for _, f := range d.asked {
		f()
	}
	d.asked = d.asked[:0]
}

// show shows what came of it.
func (d *desk) show() {
	for _, f := range d.ready {
		f()
	}
	d.ready = d.ready[:0]
}

// wander puts the caret somewhere in view, or anywhere.
func (d *desk) wander() {
	at := d.rng.IntN(d.buf.Len() + 1)
	if d.rng.IntN(2) == 0 {
		at = d.inView()
	}
	d.GoTo(at)
}

// inView is some place on the screen.
func (d *desk) inView() int {
	l := &d.view.lines[d.rng.IntN(len(d.view.lines))]
	return l.start + d.rng.IntN(len([]rune(l.text))+1)
}

// written is a document that is open here and at another computer, all of it
// there and here.
type written struct {
	mine, other *crdt.Document
	toOther     []crdt.Change // what the other computer does not have yet
	seen        uint64        // the other computer's last patch
	length      int           // code points
	now         time.Time
}

// newWritten makes a document whose text someone else wrote.
func newWritten(b *testing.B, text string) *written {
	w := &written{now: time.Unix(1_700_000_000, 0), length: utf8.RuneCountInString(text)}
	w.other = openAs(b, "other", nil)
	first, err := w.other.Found(w.now)
	if err != nil {
		b.Fatal(err)
	}
	out, err := w.other.Edit(crdt.Edit{Insert: text}, w.now)
	if err != nil {
		b.Fatal(err)
	}
	w.see(out.Patches)
	w.mine = openAs(b, "mine", append([]crdt.Change{first}, out.Changes...))
	return w
}

func openAs(b *testing.B, actor crdt.ActorID, changes []crdt.Change) *crdt.Document {
	b.Helper()
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: actor, Changes: changes})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (w *written) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	return w.sent(w.mine.Edit(e, w.now))
}

func (w *written) EditAll(seen uint64, splices []crdt.Splice) ([]crdt.Patch, uint64, error) {
	return w.sent(w.mine.EditAll(seen, splices, w.now))
}

func (w *written) Undo(seen uint64) ([]crdt.Patch, uint64, error) {
	return w.sent(w.mine.Undo(seen, w.now))
}

func (w *written) Redo(seen uint64) ([]crdt.Patch, uint64, error) {
	return w.sent(w.mine.Redo(seen, w.now))
}

func (w *written) sent(out crdt.Edited, err error) ([]crdt.Patch, uint64, error) {
	w.toOther = append(w.toOther, out.Changes...)
	for _, p := range out.Patches {
		if p.Num >= out.Own {
			w.count([]crdt.Patch{p})
		}
	}
	return out.Patches, out.Own, err
}

// receive lets the other computer make n edits, each of the text as it is there
// and of the length given, and brings them here.
func (w *written) receive(b *testing.B, n int, next func(length int) buffer.Edit) {
	b.Helper()
	got, err := w.other.Apply(w.toOther)
	if err != nil {
		b.Fatal(err)
	}
	w.toOther = nil
	w.see(got.Patches)
	for range n {
		e := next(w.length)
		e.Seen = w.seen
		out, err := w.other.Edit(e, w.now)
		if err != nil {
			b.Fatal(err)
		}
		w.see(out.Patches)
		in, err := w.mine.Apply(out.Changes)
		if err != nil {
			b.Fatal(err)
		}
		w.count(in.Patches)
	}
}

func (w *written) see(patches []crdt.Patch) {
	if len(patches) > 0 {
		w.seen = patches[len(patches)-1].Num
	}
}

func (w *written) count(patches []crdt.Patch) {
	for _, p := range patches {
		w.length += p.Inserted - p.Delete
	}
}

// took is how long f takes.
func took(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// percentile is the time that n of a hundred do not exceed. It sorts them.
func percentile(times []time.Duration, n int) time.Duration {
	slices.Sort(times)
	return times[(len(times)-1)*n/100]
}

// report gives the 99th percentile of many short times in ms under the name of
// a budget, and the median beside it.
func report(b *testing.B, name string, times []time.Duration) {
	b.ReportMetric(millis(percentile(times, 99)), name)
	b.ReportMetric(millis(percentile(times, 50)), "p50-ms")
}

// reportMedian gives the median of a few long ones, and the longest beside it.
func reportMedian(b *testing.B, name string, times []time.Duration) {
	b.ReportMetric(millis(percentile(times, 50)), name)
	b.ReportMetric(millis(percentile(times, 100)), "max-ms")
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }

// manuscript is a text of about 1 MB in 20,000 lines with all that Markdown has,
// no line of it like another.
func manuscript() string {
	const parts = 1000 // of 20 lines each
	words := strings.Fields("the tide turns at ten and we walk along the shore to count terns gulls and what the sea " +
		"has left since Thursday für übermorgen peut-être")
	rng := rand.New(rand.NewPCG(3, 4))
	some := func(n int) string {
		picked := make([]string, n)
		for i := range picked {
			picked[i] = words[rng.IntN(len(words))]
		}
		return strings.Join(picked, " ")
	}
	var out strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	for n := range parts {
		say("%s %d %s\n", strings.Repeat("#", 1+n%4), n, some(3))
		say("%s **%s** %s, [%s](https://example.org/%d) and *%s* %s.\n", some(8), some(2), some(8), some(1), n, some(2), some(4))
		say("%d %s `%s` %s ~~%s~~ %s.\n", n, some(12), some(1), some(20), some(2), some(16))
		say("- [ ] %s %d\n- [x] %s\n  1. %s **%s**\n     - %s\n", some(5), n, some(5), some(4), some(1), some(6))
		say("```go\nfor i := range %d {\n\tcount(%q, i) // %s\n}\n```", n, some(1), some(3))
		say("| %s | %d |\n|---|--:|\n| %s | %d |\n", some(2), n, some(2), n*n)
	}
	return out.String()
}
