package peer

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"starling/crdt/store"
)

// slowRows is a store in which the first row of a person takes until it is let go.
type slowRows struct {
	Storage
	came   atomic.Bool
	begun  chan struct{}
	goesOn chan struct{}
}

func (s *slowRows) PutPerson(ctx context.Context, row store.Person) error {
	if !s.came.Swap(true) {
		close(s.begun)
		<-s.goesOn
	}
	return s.Storage.PutPerson(ctx, row)
}

// Something is noted of a device, and meanwhile it is revoked: also after a restart
// it is.
func TestARevokedDeviceStaysRevoked(t *testing.T) {
	p, _ := alone(t)
	other := DeviceID{7}
	_ = p.linked(t.Context(), other, []byte("its word")) // which no roster takes: it is no signature
	p.background.Wait()
	slow := &slowRows{Storage: p.store, begun: make(chan struct{}), goesOn: make(chan struct{})}
	p.store = slow
	p.remember(other, func(w *person) { w.seen = noon })
	<-slow.begun
	revoked := make(chan error)
	go func() { revoked <- p.RevokeDevice(t.Context(), other.String()) }()
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
