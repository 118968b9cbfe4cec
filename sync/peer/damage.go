package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
)

// Damage says what was found to be wrong with the file that holds everything. The
// zero value is a sound one.
type Damage struct {
	// Saved is what could be saved of a damaged file when the home was opened, a
	// sentence, "" if it was sound. The damaged file is kept beside the new one, and
	// what is missing is asked for from those who have it.
	Saved string
	// Found is what was found since, nil if nothing. Part of the file can't be read
	// then; the next start saves the rest.
	Found error
}

// harm is the damage of this home.
type harm struct {
	mu   sync.Mutex
	seen Damage
}

// Damage says what was found to be wrong with the home's file.
func (p *Peer) Damage() Damage {
	p.harm.mu.Lock()
	defer p.harm.mu.Unlock()
	return p.harm.seen
}

// corrupt notes damage that was come upon; on any goroutine.
func (p *Peer) corrupt(err error) {
	p.harm.mu.Lock()
	p.harm.seen.Found = err
	p.harm.mu.Unlock()
	p.hub.emit(DamageFound{})
}

// openOrSalvage opens the home's store. One that is damaged is replaced by what
// can be read of it.
func (p *Peer) openOrSalvage(ctx context.Context) (*store.Store, error) {
	o := store.Options{
		Wait: p.config.LockWait, Logger: p.log, Expand: crdt.Expand, Judge: secondOpinion,
		Lost: p.lost, Corrupt: p.corrupt,
	}
	s, err := store.Open(ctx, p.config.Home, o)
	if !errors.Is(err, store.ErrCorrupt) {
		return s, err
	}
	p.log.Error("the store is damaged; saving what can be read", "home", p.config.Home, "err", err)
	saved, salvageErr := store.Salvage(ctx, p.config.Home, o)
	if salvageErr != nil {
		return nil, fmt.Errorf("%w; and saving what can be read failed, while nothing was deleted: %w", err, salvageErr)
	}
	p.log.Warn("the store was damaged", "home", p.config.Home, "saved", saved)
	p.harm.mu.Lock()
	p.harm.seen = Damage{Saved: saved.String()}
	p.harm.mu.Unlock()
	return store.Open(ctx, p.config.Home, o)
}
