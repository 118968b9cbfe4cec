package peer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"starling/crdt/store"
	"starling/sync/trust"
)

// unwilling is a store that takes no statements for a while.
type unwilling struct {
	Storage
	refuses atomic.Bool
}

func (u *unwilling) PutStatements(ctx context.Context, space [32]byte, all []store.Statement) error {
	if u.refuses.Load() {
		return store.ErrNoSpace
	}
	return u.Storage.PutStatements(ctx, space, all)
}

// What somebody states they store themselves, and all has followed it when that
// returns: nobody else takes it out of their hands, unless the disk has refused it.
func TestWhoStoresWhatIsStated(t *testing.T) {
	var disk *unwilling
	p, id := aloneOn(t, func(s Storage) Storage {
		disk = &unwilling{Storage: s}
		return disk
	})
	sp, err := p.space(id)
	if err != nil {
		t.Fatal(err)
	}
	owes := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(sp.owed)
	}
	subject := func() trust.Admission {
		return trust.Admission{Subject: newIdentity(t).ID(), Name: "Grace", Role: trust.Editor}
	}
	p.mu.Lock()
	fresh, err := sp.roster.Admit(p.id, subject(), noon)
	sp.owe(fresh, err)
	p.mu.Unlock()
	if p.storeOwed(t.Context()); err != nil || owes() != 1 {
		t.Fatalf("%d statements are left to who made one: %v", owes(), err)
	}
	if err := p.spread(t.Context(), sp, DeviceID{}); err != nil || owes() != 0 {
		t.Fatalf("%d statements are left: %v", owes(), err)
	}
	disk.refuses.Store(true)
	err = p.amend(t.Context(), id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Admit(p.id, subject(), noon)
	})
	if p.storeOwed(t.Context()); !errors.Is(err, store.ErrNoSpace) || owes() != 1 {
		t.Fatalf("%d statements wait: %v", owes(), err)
	}
	disk.refuses.Store(false)
	soon(t, "it is stored after all", func() bool { return owes() == 0 })
}
