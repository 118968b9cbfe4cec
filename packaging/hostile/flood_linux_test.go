package hostile

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// maxSession is how much memory the session of one member may take, in bytes.
const maxSession = 16 << 20

// floodTime is how long a member says what it can.
const floodTime = time.Second

// A member says as much as it can of what is allowed, and of what is not quite: the
// peer reads at its own pace, its session takes no more than 16 MB, and another
// member's words come through.
func TestFloodsFromAMember(t *testing.T) {
	for name, flood := range map[string]func(t *testing.T, a *attack, l *line, until time.Time){
		"places": func(t *testing.T, a *attack, l *line, until time.Time) {
			f := frame(t, kindPresence, fields{1: a.m.space, 2: a.doc[:], 3: []any{[]byte{}, 0, true}, 7: true})
			l.pour(bytes.Repeat(f, 100), until)
		},
		"unknown messages": func(_ *testing.T, _ *attack, l *line, until time.Time) {
			l.pour(append(binary.BigEndian.AppendUint32(nil, 4<<20), append([]byte{99}, make([]byte, 4<<20-1)...)...), until)
		},
		"changes that are held": func(t *testing.T, a *attack, l *line, until time.Time) {
			var chunks [][]byte
			for range 500 {
				chunks = append(chunks, a.held[0].Bytes)
			}
			l.pour(frame(t, kindChanges, fields{1: a.m.space, 2: a.doc[:], 3: chunks, 4: []any{}}), until)
		},
		"documents that are none": func(t *testing.T, a *attack, l *line, until time.Time) {
			for time.Now().Before(until) && l.conn.Context().Err() == nil {
				l.send(t, kindHave, fields{1: a.m.space, 2: newNonce(t), 3: []any{[]any{newNonce(t), 1, nobodysHash()}}, 4: true})
			}
		},
		"wishes": func(t *testing.T, a *attack, l *line, until time.Time) {
			l.pour(frame(t, kindHave, fields{1: a.m.space, 2: a.doc[:], 3: []any{}, 4: true}), until)
		},
		"streams": func(_ *testing.T, _ *attack, l *line, until time.Time) {
			begun := append(binary.BigEndian.AppendUint32(nil, 5<<20-1), kindChanges)
			begun = append(begun, make([]byte, 1<<20)...)
			for time.Now().Before(until) && l.conn.Context().Err() == nil {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				if s, err := l.conn.OpenUniStreamSync(ctx); err == nil {
					_ = s.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
					_, _ = s.Write(begun)
				}
				cancel()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := attackOn(t, true)
			nora := pairWith(t, a.victim, "Nora")
			a.settle(t)
			l := a.m.join(t, a.victim)
			defer l.close()
			a.lookedAfter(t, a.doc.String(), a.text, func() { flood(t, a, l, time.Now().Add(floodTime)) })
			grown, most := a.memory(t, "VmHWM")-a.empty, maxSession
			if name == "documents that are none" {
				most = maxGrowth // the protocol lets a member name 100,000 documents
			}
			t.Logf("took at most %d kB more", grown>>10)
			if grown > most {
				t.Errorf("the session took %d MB, at most %d", grown>>20, most>>20)
			}
			others := *a
			others.m = nora
			others.honest(t)
		})
	}
}

// pour writes bytes again and again.
func (l *line) pour(p []byte, until time.Time) {
	for time.Now().Before(until) && l.conn.Context().Err() == nil {
		_ = l.control.SetWriteDeadline(until)
		if _, err := l.control.Write(p); err != nil {
			return
		}
	}
}

// A member asks for all there is, again and again, and never reads. What waits for
// it takes no more than a session may, and others are served.
func TestASlowReader(t *testing.T) {
	a := attackOn(t, false)
	nora := pairWith(t, a.victim, "Nora")
	path := filepath.Join(t.TempDir(), "long.md")
	if err := os.WriteFile(path, bytes.Repeat([]byte("A line of a long text.\n"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		a.Must("import", "--space", a.space, path)
	}
	a.settle(t)
	l := a.m.join(t, a.victim)
	nothing := make([]byte, 32)
	l.send(t, kindDigest, fields{1: a.m.space, 2: nothing, 3: nothing})
	l.send(t, kindParts, fields{1: a.m.space, 2: repeated(nothing[:16])})
	l.send(t, kindVectors, fields{1: a.m.space, 2: []any{}, 3: true})
	a.lookedAfter(t, a.doc.String(), a.text, func() {
		l.pour(frame(t, kindHave, fields{1: a.m.space, 2: a.doc[:], 3: []any{}, 4: true}), time.Now().Add(floodTime))
	})
	if grown := a.memory(t, "VmHWM") - a.empty; grown > 2*maxSession {
		t.Errorf("it took %d MB more", grown>>20)
	} else {
		t.Logf("took at most %d kB more", grown>>10)
	}
	begin := time.Now()
	if got := nora.fetch(t, a.victim, a.doc); len(got) != len(a.held) {
		t.Errorf("another is sent %d changes, want %d", len(got), len(a.held))
	}
	t.Logf("another was served in %v", time.Since(begin))
	others := *a
	others.m = nora
	others.honest(t)
}

func repeated(sum []byte) (sums [][]byte) {
	for range 256 {
		sums = append(sums, sum)
	}
	return sums
}
