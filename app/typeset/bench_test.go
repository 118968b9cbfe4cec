package typeset

import (
	"strings"
	"testing"

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
