package buffer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt"
)

// nextPatch answers every edit with its patches, the last place first, and keeps
// nothing.
type nextPatch struct {
	Document
	num uint64
}

func (d *nextPatch) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	return d.EditAll(e.Seen, []Splice{{At: e.At, Delete: e.Delete, Insert: e.Insert}})
}

func (d *nextPatch) EditAll(_ uint64, splices []Splice) ([]crdt.Patch, uint64, error) {
	own := d.num + 1
	out := make([]crdt.Patch, 0, len(splices))
	for _, s := range slices.Backward(splices) {
		d.num++
		out = append(out, crdt.Patch{Num: d.num, At: s.At, Delete: s.Delete, Insert: s.Insert, Inserted: utf8.RuneCountInString(s.Insert)})
	}
	return out, own, nil
}

// percentile runs f and reports its 99th percentile.
func percentile(b *testing.B, f func()) {
	var all []time.Duration
	for b.Loop() {
		start := time.Now()
		f()
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Nanoseconds()), "p99-ns")
}

// megabyte is a text of 1 MB in 20,000 lines.
func megabyte() string {
	return strings.Repeat("A line of some sixty letters, as in most of texts,\n", 20_000)
}

// BenchmarkKey types a letter and takes it back, anywhere, and looks at the lines
// around it. A run does both.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{1, 10} {
		b.Run(fmt.Sprint(n, "MB"), func(b *testing.B) {
			buf := New(&nextPatch{}, strings.Repeat(megabyte(), n), 0)
			buf.Flow(fences)
			r := rand.New(rand.NewPCG(1, 1))
			percentile(b, func() {
				buf.MoveTo(r.IntN(buf.Len()), false)
				typeAndLook(b, buf)
			})
		})
	}
}

func typeAndLook(b *testing.B, buf *Buffer) {
	b.Helper()
	for _, act := range []func() error{
		func() error { return buf.Insert("x") },
		func() error { return buf.Backspace(Character) },
	} {
		if err := act(); err != nil {
			b.Fatal(err)
		}
		i, offset := buf.Pos(buf.Caret())
		buf.At(i, offset)
		buf.Top(i)
		last := i + 40
		buf.Walk(max(i-20, 0), func(i, _ int, _ uint32, _ Line, _ string) (float32, bool) { return 1, i < last })
	}
}

// fences counts what starts with a fence, and a little more work for each line.
func fences(state uint32, text string) uint32 {
	if strings.HasPrefix(strings.TrimLeft(text, " "), "```") {
		return state ^ 1
	}
	return state
}

// longLines are lines of about 1 MB.
var longLines = map[string]string{
	"words":   strings.Repeat("The quick brown fox jumps over it. ", 30_000),
	"solid":   strings.Repeat("abcdefghij", 100_000),
	"umlaut":  strings.Repeat("Zwölf Boxkämpfer jagen Viktor quer über den Deich. ", 18_000),
	"chinese": strings.Repeat("天地玄黄宇宙洪荒日月盈昃辰宿列张", 21_000),
	"thai":    strings.Repeat("เป็นมนุษย์สุดประเสริฐเลิศคุณค่า", 11_000),
	"family":  strings.Repeat("👩‍👩‍👧", 55_000),
	"flags":   strings.Repeat("🇫🇷", 125_000),
	"marks":   "a" + strings.Repeat("\u0301", 500_000),
}

func BenchmarkLongLine(b *testing.B) {
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range longLines {
			if !yield(name) {
				return
			}
		}
	}) {
		buf := New(&nextPatch{}, longLines[name], 0)
		r := rand.New(rand.NewPCG(1, 1))
		b.Run(name+"/key", func(b *testing.B) {
			percentile(b, func() {
				buf.MoveTo(r.IntN(buf.Len()), false)
				typeAndLook(b, buf)
			})
		})
		for unit, how := range map[Unit]string{Character: "character", Word: "word"} {
			b.Run(name+"/"+how, func(b *testing.B) {
				percentile(b, func() {
					buf.MoveTo(r.IntN(buf.Len()), false)
					buf.Move(unit, true, false)
					buf.Move(unit, false, false)
				})
			})
		}
	}
}

// BenchmarkStorm takes 1,000 patches of others, one at a time and not.
func BenchmarkStorm(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprint("by", size), func(b *testing.B) {
			buf := New(nil, megabyte(), 0)
			r := rand.New(rand.NewPCG(1, 1))
			remotes := make([]Remote, 20)
			buf.SetRemotes(remotes)
			num := uint64(0)
			for b.Loop() {
				var patches []crdt.Patch
				for range 1000 {
					num++
					patches = append(patches, crdt.Patch{Num: num, At: r.IntN(buf.Len() - 2000), Insert: "x", Inserted: 1})
				}
				for part := range slices.Chunk(patches, size) {
					if err := buf.Apply(part); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkReplaceAll makes 10,000 splices over 1 MB.
func BenchmarkReplaceAll(b *testing.B) {
	for name, text := range map[string]string{"lines": megabyte(), "one line": longLines["words"], "umlaut": longLines["umlaut"]} {
		b.Run(name, func(b *testing.B) {
			n := utf8.RuneCountInString(text)
			var splices []Splice
			for i := range 10_000 {
				splices = append(splices, Splice{At: i * (n / 10_000), Delete: 4, Insert: "other"})
			}
			for b.Loop() {
				b.StopTimer()
				buf := New(&nextPatch{}, text, 0)
				b.StartTimer()
				if err := buf.Replace(splices, n/2, n/2); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReset(b *testing.B) {
	text := megabyte()
	buf := New(nil, text, 0)
	for i := 0; b.Loop(); i++ {
		at := i * 997 % len(text)
		buf.Reset(text[:at]+"new"+text[at:], 0)
	}
}

func BenchmarkPaste(b *testing.B) {
	text := strings.ReplaceAll(megabyte(), "\n", "\r\n")
	for b.Loop() {
		buf := New(&nextPatch{}, "before and after", 0)
		buf.MoveTo(7, false)
		if err := buf.Paste(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoveLines(b *testing.B) {
	buf := New(&nextPatch{}, megabyte(), 0)
	buf.MoveTo(buf.Len()/2, false)
	down := false
	for b.Loop() {
		if err := buf.MoveLines(down); err != nil {
			b.Fatal(err)
		}
		down = !down
	}
}

func BenchmarkLineAtHeight(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		buf := New(nil, strings.Repeat("line\n", n), 0)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				buf.LineAtHeight(float64(n / 2))
			}
		})
	}
}
