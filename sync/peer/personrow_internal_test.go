package peer

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"starling/crdt/store"
	"starling/sync/trust"
)

// slowRows is a store in which, once it is slow, the first row of a person takes until
// it is let go.
type slowRows struct {
	Storage
	slow   atomic.Bool
	came   atomic.Bool
	begun  chan struct{}
	goesOn chan struct{}
}

func (s *slowRows) PutPerson(ctx context.Context, row store.Person) error {
	if s.slow.Load() && !s.came.Swap(true) {
		close(s.begun)
		<-s.goesOn
	}
	return s.Storage.PutPerson(ctx, row)
}

// Something is noted of a device, and meanwhile it is revoked: also after a restart
// it is.
func TestARevokedDeviceStaysRevoked(t *testing.T) {
	slow := &slowRows{begun: make(chan struct{}), goesOn: make(chan struct{})}
	p, _ := aloneOn(t, func(s Storage) Storage { slow.Storage = s; return slow })
	other := DeviceID{7}
	_ = p.linked(t.Context(), other, []byte("its word")) // which no roster takes: it is no signature
	p.background.Wait()
	slow.slow.Store(true)
	p.remember(other, func(w *person) { w.seen = noon })
	<-slow.begun
	revoked := make(chan error)
	go func() {
		_, err := p.Revoke(t.Context(), other.String(), LineOptions{})
		revoked <- err
	}()
	var err error
	select {
	case err = <-revoked:
		close(slow.goesOn)
	case <-time.After(100 * time.Millisecond): // it waits for its turn
		close(slow.goesOn)
		err = <-revoked
	}
	if err != nil {
		t.Fatal(err)
	}
	p.background.Wait()
	rows, err := p.store.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Device == other && (row.Same || row.Paired || !row.Seen.Equal(noon)) {
			t.Errorf("stored is %+v", row)
		}
	}
}

// A device that was revoked and is linked again is ours, in each of several spaces.
func TestARevokedDeviceIsLinkedAgain(t *testing.T) {
	p, first := alone(t)
	second, err := p.NewSpace(t.Context(), "Letters")
	if err != nil {
		t.Fatal(err)
	}
	other := newIdentity(t)
	for range 2 {
		p.mu.Lock()
		p.personLocked(other.ID()).paired = true
		p.mu.Unlock()
		if err := p.linked(t.Context(), other.ID(), trust.Consent(other, p.ID())); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		who := p.people[other.ID()]
		if !who.same || !who.paired || !p.spaces[first].has(other.ID()) || !p.spaces[second].has(other.ID()) {
			t.Errorf("ours: %v, paired: %v, in %v and %v", who.same, who.paired, p.spaces[first].has(other.ID()), p.spaces[second].has(other.ID()))
		}
		p.mu.Unlock()
		if _, err := p.Revoke(t.Context(), other.ID().String(), LineOptions{Now: true}); err != nil {
			t.Fatal(err)
		}
	}
}
