package crdt_test

import (
	"slices"
	"testing"
	"time"

	"starling/crdt"
)

// pieceAt is the character at a place; false if there is none.
func (p *person) pieceAt(at int) (crdt.Piece, bool) {
	pieces, ok := p.Pieces(at, 1, p.seen, false)
	if !ok || len(pieces) != 1 {
		return crdt.Piece{}, false
	}
	return pieces[0], true
}

// benchPieces asks for stretches of 4,000 code points all over a text.
func benchPieces(b *testing.B, d *crdt.Document) {
	text, seen := d.Text()
	for _, deleted := range []bool{false, true} {
		name := map[bool]string{false: "shown", true: "deleted"}[deleted]
		b.Run(name, func(b *testing.B) {
			at, pieces := 0, 0
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				got, ok := d.Pieces(at, 4000, seen, deleted)
				times = append(times, time.Since(start))
				if !ok || len(got) == 0 {
					b.Fatal("no pieces")
				}
				pieces += len(got)
				at = (at + 9973) % (len(text) - 4500)
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2])/float64(time.Microsecond), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100])/float64(time.Microsecond), "p99-µs")
			b.ReportMetric(float64(pieces)/float64(b.N), "pieces")
		})
	}
}

func BenchmarkPieces1MB(b *testing.B) {
	d, _ := megabyte(b)
	benchPieces(b, d)
}

func BenchmarkPiecesPaper(b *testing.B) {
	thePaper(b)
	benchPieces(b, openPaper(b, "reader"))
}
