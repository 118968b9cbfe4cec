package editor

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// longLines are texts of one line of 1 MB.
var longLines = []struct {
	name, text string
}{
	{"prose", strings.Repeat("The quick **brown** fox jumps over `it`, und zwar quer. ", 18_000)},
	{"solid", strings.Repeat("abcdefghij", 100_000)},
	{"chinese", strings.Repeat("我们沿着海岸走，数一数燕鸥。", 24_000)},
}

// BenchmarkLongLine writes, goes about and scrolls in a line of 1 MB. What is
// reported is the slowest kind of these, in the worst of the lines.
func BenchmarkLongLine(b *testing.B) {
	const turns = 500
	for b.Loop() {
		var worst float64
		for _, line := range longLines {
			d := newDesk(b, line.text)
			times := make(map[string][]time.Duration)
			for n := range turns {
				if n%wanderEach == 0 {
					d.wander()
				}
				for _, turn := range d.turns() {
					d.rest()
					times[turn.name] = append(times[turn.name], took(func() {
						d.show()
						turn.do()
					}))
				}
			}
			for name, all := range times {
				p99 := millis(percentile(all, 99))
				worst = max(worst, p99)
				b.Logf("%s, %s: %.2f ms, median %.2f ms", line.name, name, p99, millis(percentile(all, 50)))
			}
		}
		b.ReportMetric(worst, "editor.long_line")
	}
}

type turn struct {
	name string
	do   func()
}

// turns are what a person does in a line.
func (d *desk) turns() []turn {
	press := func(name fyne.KeyName) func() { return func() { d.TypedKey(&fyne.KeyEvent{Name: name}) } }
	command := func(c Command) func() { return func() { d.Do(c) } }
	there, back := fyne.KeyRight, fyne.KeyLeft
	if d.rng.IntN(2) == 0 {
		there, back = fyne.KeyDown, fyne.KeyUp
	}
	return []turn{
		{"letter", func() { d.TypedRune('x') }},
		{"backspace", press(fyne.KeyBackspace)},
		{"character or row", press(there)},
		{"character or row", press(back)},
		{"word", command("word.right")},
		{"word", command("word.left")},
		{"page", command("page.down")},
		{"page", command("page.up")},
		{"scroll", func() {
			d.scrollBy(deskHeight)
			d.paint()
		}},
	}
}
