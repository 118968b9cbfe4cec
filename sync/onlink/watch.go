package onlink

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// pollEvery is how often the interfaces are looked at.
	pollEvery = 500 * time.Millisecond
	// sleptFor is by how much the wall clock outruns the other one, or a tick
	// comes late, when the machine has slept.
	sleptFor = 3 * time.Second
)

// Read asks the system for its interfaces.
func Read() (*Table, error) {
	links, err := read()
	if err != nil {
		return nil, err
	}
	return NewTable(links), nil
}

// Watch keeps a table current while it runs. It is safe for concurrent use.
type Watch struct {
	read  func() (*Table, error)
	log   *slog.Logger
	table atomic.Pointer[Table]
}

// NewWatch reads the interfaces once. If the system does not tell, only
// loopback and link-local addresses are on the network until it does. log may
// be nil.
func NewWatch(log *slog.Logger) *Watch { return newWatch(log, Read) }

func newWatch(log *slog.Logger, read func() (*Table, error)) *Watch {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	w := &Watch{read: read, log: log}
	w.table.Store(new(Table))
	w.look()
	return w
}

// Table is what the interfaces were when they were last looked at.
func (w *Watch) Table() *Table { return w.table.Load() }

// Local is [Table.Local] of the current table.
func (w *Watch) Local(a netip.Addr) bool { return w.Table().Local(a) }

// Run looks at the interfaces twice a second until ctx ends, and then returns
// nil. It calls changed, from its own goroutine, when anything about them has
// changed or when the machine has slept.
func (w *Watch) Run(ctx context.Context, changed func()) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		slept := slept(last, now)
		last = now
		if w.look() || slept {
			w.log.Info("the network has changed", "slept", slept)
			changed()
		}
	}
}

// slept reports whether the machine slept between two ticks. While it does, the
// monotonic clock stands still on some systems and runs on on others.
func slept(last, now time.Time) bool {
	return now.Round(0).Sub(last.Round(0))-now.Sub(last) > sleptFor || now.Sub(last) > pollEvery+sleptFor
}

// look reads the interfaces and reports whether anything has changed. If the
// system does not tell, they stay as they were.
func (w *Watch) look() bool {
	t, err := w.read()
	if err != nil {
		w.log.Warn("the interfaces can't be read", "err", err)
		return false
	}
	if t.Equal(w.Table()) {
		return false
	}
	w.table.Store(t)
	return true
}

// Own is [Table.Own] of the current table.
func (w *Watch) Own(a netip.Addr) bool { return w.Table().Own(a) }
