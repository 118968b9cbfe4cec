package markdown

import (
	"strings"
	"testing"
)

const typical = "- A **bold** word, some `code`, a [link](https://a.example) and *more* of it to read."

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"plain", strings.Repeat("Plain words here. ", 5)[:80]},
		{"typical", typical},
		{"row", "| one | **two** | `three` | four |"},
		{"stars", strings.Repeat("*", MaxInline)},
		{"starred words", strings.Repeat("*a ", MaxInline/3)},
		{"star pairs", strings.Repeat("a**b", MaxInline/4)},
		{"mixed runs", strings.Repeat("*a_b**c__ ", MaxInline/10)},
		{"brackets", strings.Repeat("[", MaxInline)},
		{"nested links", strings.Repeat("[", MaxInline/8) + strings.Repeat("[a](b)", MaxInline/8)},
		{"open links", strings.Repeat("[a](", MaxInline/4)},
		{"open titles", strings.Repeat("[a](b 'c", MaxInline/8)},
		{"bracket pairs", strings.Repeat("[", MaxInline/2) + strings.Repeat("]", MaxInline/2)},
		{"ticks", strings.Repeat("`", MaxInline)},
		{"tick runs", strings.Repeat("`a``b```c````", MaxInline/13)},
		{"escaped ticks", strings.Repeat("\\`a", MaxInline/3)},
		{"pipes", strings.Repeat("|", MaxInline)},
		{"angles", strings.Repeat("<a b='", MaxInline/6)},
		{"comments", strings.Repeat("<!--", MaxInline/4)},
		{"bare links", strings.Repeat("_www.a_b.c_d", MaxInline/12)},
		{"schemes", strings.Repeat("~http://a_b", MaxInline/11)},
		{"quotes", strings.Repeat(">", MaxInline)},
		{"accents", strings.Repeat("*\u0301", MaxInline/3)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(begunBit, aheadFor(c.name), c.line)
			}
		})
	}
}

func aheadFor(name string) Ahead {
	if name == "row" {
		return Look("|-|-|-|-|")
	}
	return 0
}

func BenchmarkNext(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Next(begunBit, typical)
	}
}
