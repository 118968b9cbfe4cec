package peer

import (
	"context"
	"errors"
	"testing"
	"time"

	"starling/crdt/store"
	"starling/sync/trust"
)

// failingSpaces is a store that takes no space, or no statement, as long as it says
// so.
type failingSpaces struct {
	Storage
	fails bool
	tried int
}

var errFull = errors.New("the disk is full")

func (s *failingSpaces) PutSpace(ctx context.Context, sp store.Space) error {
	if s.tried++; s.fails {
		return errFull
	}
	return s.Storage.PutSpace(ctx, sp)
}

// Renewals that fail leave no secret behind, are not tried without end, and later
// one succeeds.
func TestRenewalsThatFail(t *testing.T) {
	full := &failingSpaces{}
	p, id := aloneOn(t, func(s Storage) Storage { full.Storage = s; return full })
	leaver := newMember(t, p, id, "Grace")
	sp := p.spaces[id]
	full.fails, full.tried = true, 0
	gone, err := sp.roster.Remove(leaver, trust.Removal{Subject: leaver.ID(), Whole: true}, noon)
	if err != nil || len(gone) == 0 || !sp.roster.Exposed() {
		t.Fatalf("nobody has left: %v", err)
	}
	before := len(sp.secrets)
	for range 3 * maxBeside {
		p.tendSecrets(t.Context())
	}
	if len(sp.secrets) != before {
		t.Errorf("%d secrets, there were %d", len(sp.secrets), before)
	}
	if full.tried > 2 { // to store it, and without it again
		t.Errorf("tried %d times", full.tried)
	}
	if wait := time.Until(sp.renewAt); wait <= 0 || wait > renewPause {
		t.Errorf("it is tried again in %v", wait)
	}
	sp.renewAt = time.Time{}
	p.tendSecrets(t.Context())
	if wait := time.Until(sp.renewAt); wait <= renewPause || wait > 2*renewPause {
		t.Errorf("then it is tried again in %v", wait)
	}
	full.fails, sp.renewAt = false, time.Time{}
	p.tendSecrets(t.Context())
	if len(sp.secrets) != before+1 || sp.roster.Exposed() {
		t.Errorf("%d secrets, there were %d; exposed: %v", len(sp.secrets), before, sp.roster.Exposed())
	}
}

// A secret that no statement could be made for is nowhere, also after a restart.
func TestASecretThatCameToNothing(t *testing.T) {
	p, id := alone(t)
	before := len(p.spaces[id].secrets)
	refused := errors.New("refused")
	err := p.renewSecret(t.Context(), id, func(*space, trust.Secret) ([]*trust.Statement, error) { return nil, refused })
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	rows, err := p.store.Spaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if len(row.Secrets) != before || len(p.spaces[id].secrets) != before {
			t.Errorf("%d secrets are stored, %d known, there were %d", len(row.Secrets), len(p.spaces[id].secrets), before)
		}
	}
}
