package peer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/identity"
)

// Damage says what was found to be wrong with the file that holds everything. The
// zero value is a sound one.
type Damage struct {
	// Saved is what could be saved of a damaged file when the home was opened, a
	// sentence, "" if it was sound. The damaged file is kept beside the new one, and
	// what is missing is asked for from those who have it.
	Saved string
	// Emptied says that the file was missing or empty, though the home had one before,
	// so that nothing could be saved. It is told until the home has a space again.
	Emptied bool
	// Found is what was found since, nil if nothing. Part of the file can't be read
	// then; the next start saves the rest.
	Found error
}

// Saving reports whether somebody saves what can be read of a home's damaged file, or
// was cut off at it.
func Saving(home string) bool { return store.Saving(home) }

// keyEmptied is set in a store that took the place of a file of which nothing was left.
const keyEmptied = "emptied"

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
	// The key is made after the first store.
	keyless, err := missing(filepath.Join(p.config.Home, identity.KeyFile))
	if err != nil {
		return nil, err
	}
	o := store.Options{
		Wait: p.config.LockWait, Began: !keyless,
		Logger: p.log, Expand: crdt.Expand, Judge: secondOpinion,
		Lost: p.lost, Corrupt: p.corrupt,
	}
	s, err := store.Open(ctx, p.config.Home, o)
	if !errors.Is(err, store.ErrCorrupt) {
		return s, err
	}
	p.log.Error("the store is damaged; saving what can be read", "home", p.config.Home, "err", err)
	saved, salvageErr := store.Salvage(ctx, p.config.Home, o)
	if salvageErr != nil {
		return nil, fmt.Errorf("%w: saving what can be read of it failed, and nothing was deleted: %w; it is damaged, as %w",
			store.ErrCorrupt, salvageErr, err)
	}
	p.log.Warn("the store was damaged", "home", p.config.Home, "saved", saved)
	s, openErr := store.Open(ctx, p.config.Home, o)
	if openErr != nil {
		return nil, openErr
	}
	if errors.Is(err, store.ErrEmptied) {
		if err := s.Set(ctx, keyEmptied, []byte{1}); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		return s, nil // loadDamage tells it
	}
	p.harm.mu.Lock()
	p.harm.seen = Damage{Saved: saved.String()}
	p.harm.mu.Unlock()
	return s, nil
}

// loadDamage notes that the home's file was found missing or empty, now or by an
// earlier run, as long as nothing is in the new one; it is called once the spaces are
// known.
func (p *Peer) loadDamage(ctx context.Context) error {
	emptied, err := p.store.Get(ctx, keyEmptied)
	if err != nil || len(emptied) == 0 || len(p.spaces) > 0 {
		return err
	}
	p.log.Warn("nothing is left of the store, and there is no space yet", "home", p.config.Home)
	p.harm.mu.Lock()
	defer p.harm.mu.Unlock()
	p.harm.seen = Damage{Emptied: true}
	return nil
}
