package editor

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"starling/app/buffer"
)

// nextPatch answers every edit with its patch and keeps nothing.
type nextPatch struct {
	buffer.Document
	num uint64
}

func (d *nextPatch) Edit(e buffer.Edit) ([]buffer.Patch, uint64, error) {
	d.num++
	n := len([]rune(e.Insert))
	return []buffer.Patch{{Num: d.num, At: e.At, Delete: e.Delete, Insert: e.Insert, Inserted: n}}, d.num, nil
}

// BenchmarkKey is a key from TypedRune to the list of what is drawn: buffer,
// layout and objects, in a line that grows and shrinks. A run does two.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStage(b, numbered(n))
			s.buf = buffer.New(&nextPatch{}, s.Text(), 0)
			s.buf.Flow(nextState)
			s.buf.Track(&s.view.top)
			s.view.forget()
			s.focus()
			s.GoTo(s.buf.Len() / 2)
			back := &fyne.KeyEvent{Name: fyne.KeyBackspace}
			r := 'a'
			for b.Loop() {
				s.TypedRune(r)
				if r++; r > 'z' {
					r = 'a'
				}
				s.TypedKey(back)
			}
		})
	}
}

// BenchmarkLongLine is two keys in the middle of a line of a megabyte.
func BenchmarkLongLine(b *testing.B) {
	for name, text := range map[string]string{
		"words":  strings.Repeat("The quick brown fox jumps over it. ", 30_000),
		"solid":  strings.Repeat("abcdefghij", 100_000),
		"umlaut": strings.Repeat("Zwölf Boxkämpfer jagen Viktor quer über den Deich. ", 18_000),
	} {
		b.Run(name, func(b *testing.B) {
			s := newStage(b, text)
			s.buf = buffer.New(&nextPatch{}, text, 0)
			s.buf.Flow(nextState)
			s.buf.Track(&s.view.top)
			s.view.forget()
			s.focus()
			s.GoTo(s.buf.Len() / 2)
			back := &fyne.KeyEvent{Name: fyne.KeyBackspace}
			for b.Loop() {
				s.TypedRune('a')
				s.TypedKey(back)
			}
		})
	}
}

func BenchmarkScroll(b *testing.B) {
	s := newStage(b, numbered(10_000))
	d := float32(60)
	for b.Loop() {
		s.scrollBy(d)
		s.paint()
		if s.offset() == 0 || s.atEnd() {
			d = -d
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	text := numbered(10_000)
	s := newStage(b, text)
	for b.Loop() {
		s.Reset(text, 0)
		s.view.forget()
		s.update()
	}
}
