package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// journal is what happened in a seed, printed if it fails. What peers log as a
// warning or worse is kept; what no honest peer may cause is counted.
type journal struct {
	mu    sync.Mutex
	start time.Time
	lines []string
	blame []string
}

// keepLines bounds the journal.
const keepLines = 4000

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := fmt.Sprintf("%10.3f ", time.Since(j.start).Seconds()) + fmt.Sprintf(format, args...)
	if testing.Verbose() && os.Getenv("STARLING_SEED_LOG") != "" {
		fmt.Fprintln(os.Stderr, line)
	}
	if j.lines = append(j.lines, line); len(j.lines) > keepLines {
		j.lines = j.lines[len(j.lines)-keepLines/2:]
	}
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// report tells how to run a story again, who is in it and what has happened.
func (w *world) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Tell it again: go test ./sync/simulation -run '%s' -count 20\n", runPattern(w.t.Name()))
	fmt.Fprintf(&b, "%d people; real QUIC and SQLite: %t; changing rosters: %t; copied homes: %t; wrong clocks: %t\n",
		w.plan.people, w.plan.real, w.plan.rosters, w.plan.copies, w.plan.clocks)
	for _, p := range w.people {
		fmt.Fprintf(&b, "%s is device %v at %v\n", p.name, p.id.ID().Tag(), p.addr)
	}
	for i, doc := range w.docs {
		fmt.Fprintf(&b, "D%d is document %v\n", i, doc)
	}
	fmt.Fprintf(&b, "   seconds what\n%s", w.names().Replace(w.journal.String()))
	return b.String()
}

// runPattern is a -run flag for one test alone.
func runPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + part + "$"
	}
	return strings.Join(parts, "/")
}

// names has IDs told by the names of what they stand for.
func (w *world) names() *strings.Replacer {
	var pairs []string
	known := map[string]bool{}
	add := func(id, name string) {
		if !known[id] { // two people with one key are told by the first one's name
			known[id] = true
			pairs = append(pairs, id, name)
		}
	}
	for i, doc := range w.docs {
		add(doc.String(), fmt.Sprintf("D%d", i))
	}
	for _, p := range w.people {
		add(p.id.ID().String(), p.name)
		add(p.id.ID().Tag(), p.name)
		add(p.addr.String(), p.name)
	}
	add(w.space.String(), "the space")
	return strings.NewReplacer(pairs...)
}

// of is the logger of one person.
func (j *journal) of(name string) slog.Handler { return &journalist{j: j, name: name} }

type journalist struct {
	j     *journal
	name  string
	attrs []slog.Attr
}

func (h *journalist) Enabled(_ context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || os.Getenv("STARLING_SEED_LOG") != ""
}

func (h *journalist) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	for _, a := range h.attrs {
		fmt.Fprintf(&b, " %s", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s", a)
		return true
	})
	line := fmt.Sprintf("%s: %s %s%s", h.name, r.Level, r.Message, b.String())
	h.j.add("%s", line)
	if strings.Contains(r.Message, "protocol was broken") {
		h.j.mu.Lock()
		h.j.blame = append(h.j.blame, line)
		h.j.mu.Unlock()
	}
	return nil
}

func (h *journalist) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &journalist{h.j, h.name, append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

func (h *journalist) WithGroup(string) slog.Handler { return h }
