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
