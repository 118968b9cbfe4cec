package transport

import (
	"context"
	"testing"
	"time"

	"starling/sync/identity"
)

// patience is how long a test waits for what must happen at once.
const patience = 30 * time.Second

func newIdentity(t *testing.T) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// open listens on a free port of the loopback until the test ends.
func open(t *testing.T, addr string) *Endpoint {
	t.Helper()
	e, err := Listen(Config{Identity: newIdentity(t)}, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func short(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// pair connects a to b and returns a's end and b's.
func pair(t *testing.T, a, b *Endpoint) (dialled, accepted *Conn) {
	t.Helper()
	ctx := short(t)
	dialled, err := a.Dial(ctx, b.Addr(), b.id)
	if err != nil {
		t.Fatal(err)
	}
	accepted, err = b.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return dialled, accepted
}

func ended(t *testing.T, c *Conn) {
	t.Helper()
	select {
	case <-c.Context().Done():
	case <-short(t).Done():
		t.Fatal("the connection did not end")
	}
}
