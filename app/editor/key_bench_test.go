package editor

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/buffer"
)

// keysEach is how many keys a round of a benchmark presses.
const keysEach = 2000

var (
	backKey  = &fyne.KeyEvent{Name: fyne.KeyBackspace}
	enterKey = &fyne.KeyEvent{Name: fyne.KeyReturn}
)

// key presses a key: letters, and as many newlines and backspaces.
func (d *desk) key() {
	switch d.rng.IntN(4) {
	case 0:
		d.TypedKey(enterKey)
	case 1:
		d.TypedKey(backKey)
	default:
		d.TypedRune(rune('a' + d.rng.IntN(26)))
	}
}

// wanderEach is how many keys go to one place.
const wanderEach = 4

// BenchmarkKey1MB presses keys at changing places of a document of 1 MB, each
// from the key to the list of what is drawn: document, buffer and layout.
func BenchmarkKey1MB(b *testing.B) {
	d := newDesk(b, manuscript())
	var times []time.Duration
	for b.Loop() {
		for n := range keysEach {
			if n%wanderEach == 0 {
				d.wander()
			}
			d.rest()
			times = append(times, took(func() {
				d.show()
				d.key()
			}))
		}
	}
	report(b, "editor.key_1mb", times)
}

const (
	stormEach = time.Second / 1000
	frame     = time.Second / 60
)

// BenchmarkKeyStorm is the same while someone else makes 1,000 patches a second,
// anywhere and in view, and several keys a frame are not pressed. Each key waits
// until what has come in since the last frame is shown, or brings it in itself.
func BenchmarkKeyStorm(b *testing.B) {
	d := newDesk(b, manuscript())
	d.SetRemotes([]Remote{{Writer: Writer{ID: "a", Name: "Grace"}, Caret: 10, Anchor: 10}, {Writer: Writer{ID: "b", Name: "Alan"}, Caret: 90, Anchor: 400}})
	var times []time.Duration
	var owed time.Duration
	for b.Loop() {
		for n := range keysEach {
			if n%wanderEach == 0 {
				d.wander()
			}
			owed += frame
			d.doc.receive(b, int(owed/stormEach), d.foreign)
			owed %= stormEach
			d.rest()
			patches, err := d.doc.mine.Since(d.buf.Seen())
			if err != nil {
				b.Fatal(err)
			}
			t := took(func() {
				d.show()
				if n%2 == 0 {
					d.Apply(patches)
				}
				d.key()
			})
			owed += t
			times = append(times, t)
		}
	}
	report(b, "editor.key_storm", times)
	if text, _ := d.doc.mine.Text(); text != d.Text() {
		b.Fatal("the text on the page is not that of the document")
	}
}

// foreign is an edit by the other, as often in view as anywhere.
func (d *desk) foreign(length int) buffer.Edit {
	at := d.rng.IntN(length + 1)
	if d.rng.IntN(2) == 0 {
		at = min(d.inView(), length)
	}
	switch d.rng.IntN(10) {
	case 0:
		return buffer.Edit{At: at, Insert: "\n"}
	case 1:
		return buffer.Edit{At: at, Insert: "gulls "}
	case 2, 3, 4:
		return buffer.Edit{At: at, Delete: min(1, length-at)}
	}
	return buffer.Edit{At: at, Insert: "o"}
}
