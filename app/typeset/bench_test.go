package typeset

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

const sentence = "Four of us, five tides, one boat. The count starts at 05:40 by the old jetty; "

func BenchmarkLay(b *testing.B) {
	long := strings.Repeat(sentence, 1<<20/len(sentence))
	markdown := "- [ ] Ask about the **north channel** and `the code`, as [the letter](letter.md) says"
	lines := map[string]Line{
		"80":       page(sentence, 640),
		"markdown": page(markdown, 640, markdownSpans()...),
		"1MB":      page(long, 640),
		"1MB_cjk":  page(strings.Repeat("漢字かな交じり文。", 1<<20/27), 640),
		"1MB_cyr":  page(strings.Repeat("Слова на берегу, ", 1<<20/30), 640),
		"1MB_ar":   page(strings.Repeat("القلم أقوى من السيف، ", 1<<20/38), 640),
		"arabic":   page("القلم أقوى من السيف، والكلمة الطيبة صدقة.", 640),
	}
	for name, line := range lines {
		b.Run(name, func(b *testing.B) {
			test.NewTempApp(b)
			s := New(testFonts(b))
			s.Lay(line, nil)
			b.ReportAllocs()
			for b.Loop() {
				s.Lay(line, nil)
			}
		})
	}
}

// BenchmarkOpen lays out 40 lines for the first time, and what they draw.
func BenchmarkOpen(b *testing.B) {
	test.NewTempApp(b)
	fonts := testFonts(b)
	for b.Loop() {
		b.StopTimer()
		s := New(fonts)
		text := longText(40 * 400)
		b.StartTimer()
		for i := range 40 {
			l := s.Lay(page(text[i*400:i*400+400], 640), nil)
			for row := range l.Rows {
				l.Fragments(row)
			}
		}
	}
}

// BenchmarkKey lays out a line with a key more, what is in view of it, and
// finds the caret.
func BenchmarkKey(b *testing.B) {
	for name, text := range map[string]string{
		"80":        sentence,
		"1MB":       longText(1 << 20),
		"1MB_blank": strings.Repeat("QmFzZTY0IGlzIG5vIHByb3Nl", 1<<20/24),
		"1MB_ar":    longText(1<<20, strings.Fields("القلم أقوى من السيف، والكلمة الطيبة صدقة. 12 abc")...),
	} {
		b.Run(name, func(b *testing.B) {
			test.NewTempApp(b)
			s := New(testFonts(b))
			l := s.Lay(page(text, 640), nil)
			at := runeStart(text, len(text)/2)
			key := 0
			var all []time.Duration
			for b.Loop() {
				key++
				text = text[:at] + string('a'+rune(key%26)) + text[at:]
				at++
				start := time.Now()
				l = s.Lay(page(text, 640), l)
				row := l.RowOf(at)
				for i := row; i < min(row+30, len(l.Rows)); i++ {
					l.Fragments(i)
				}
				l.X(row, at)
				all = append(all, time.Since(start))
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// markdownSpans are of a task with its marks hidden.
func markdownSpans() []Span {
	bold, mono := ink, ink
	bold.Face, mono.Face = Bold, Mono
	return []Span{
		{From: 0, To: 6, Ink: ink, As: "☐ "},
		{From: 6, To: 20, Ink: ink},
		{From: 20, To: 22, Ink: bold, Hidden: true},
		{From: 22, To: 35, Ink: bold},
		{From: 35, To: 37, Ink: bold, Hidden: true},
		{From: 37, To: 42, Ink: ink},
		{From: 42, To: 43, Ink: mono, Hidden: true},
		{From: 43, To: 51, Ink: mono},
		{From: 51, To: 52, Ink: mono, Hidden: true},
		{From: 52, To: 83, Ink: ink},
	}
}
