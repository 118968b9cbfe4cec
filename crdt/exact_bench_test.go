package crdt

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkReceiveOneKey is one key of another in a text of so many characters,
// read and applied, by the order and by comparing texts.
func BenchmarkReceiveOneKey(b *testing.B) {
	for _, size := range []int{0, 100_000, 1_000_000} {
		for _, exact := range []bool{true, false} {
			b.Run(fmt.Sprintf("size=%d/exact=%v", size, exact), func(b *testing.B) {
				receiveKeys(b, size, exact)
			})
		}
	}
}

func receiveKeys(b *testing.B, size int, exact bool) {
	b.Helper()
	w, r := pair(b, strings.Repeat("hello word ", size/11))
	if !exact {
		r.order.StepAside()
	}
	var chunks [][]byte
	for i := range b.N {
		out, err := w.Edit(Edit{Seen: w.log.last(), At: size/2 - size/2%11 + i, Insert: "x"}, time.Unix(0, 0))
		if err != nil {
			b.Fatal(err)
		}
		chunks = append(chunks, out.Changes[0].Bytes)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, chunk := range chunks {
		c, err := ParseChange(chunk)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Apply([]Change{c}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAudit is what an audit of a text of 100,000 characters holds the
// lock for.
func BenchmarkAudit(b *testing.B) {
	_, r := pair(b, strings.Repeat("hello word ", 100_000/11))
	for b.Loop() {
		r.unread = true
		if _, err := r.Audit(); err != nil {
			b.Fatal(err)
		}
	}
}
