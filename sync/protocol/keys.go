package protocol

import (
	"context"
	"fmt"
	"slices"

	"starling/sync/trust"
)

// maxSecrets is how many secrets of a space one message carries, and for how
// many a tag is shown: the newest, since with each removal there is one more.
const maxSecrets = 4

// key gives secrets of a space, the newest first, to a member that has shown only
// an older one. They count once the removals that renewed them do.
type key struct {
	Space   trust.SpaceID  `cbor:"1,keyasint"`
	Secrets []trust.Secret `cbor:"2,keyasint"`
}

func (*key) kind() kind { return kindKey }

func (m *key) check() error { return checkSecrets(m.Secrets) }

func checkSecrets(secrets []trust.Secret) error {
	if len(secrets) == 0 {
		return fmt.Errorf("no secret: %w", ErrMalformed)
	}
	return atMost("secrets", len(secrets), maxSecrets)
}

// newest are the secrets that are shown and told.
func (sp Space) newest() []trust.Secret { return sp.Secrets[:min(len(sp.Secrets), maxSecrets)] }

// shows returns which of a space's secrets is the newest that the peer has shown
// a tag of, and false if it has shown none.
func (s *Session) shows(sp Space, shown []trust.Tag) (int, bool) {
	for i, secret := range sp.Secrets {
		if slices.Contains(shown, secret.Tag(s.conn.Exporter(), s.peer)) {
			return i, true
		}
	}
	return 0, false
}

// PushKey gives the peer the newest secrets of a space, if it is open.
func (s *Session) PushKey(space trust.SpaceID) {
	for _, sp := range s.host.Spaces(s.peer) {
		if sp.ID == space && sp.Member && len(sp.Secrets) > 0 && s.Shares(space) {
			s.send(&key{space, sp.newest()})
		}
	}
}

// onKey takes secrets from one that has shown that it knows the space.
func (s *Session) onKey(ctx context.Context, m *key) error {
	if !s.Shares(m.Space) {
		return nil
	}
	return s.host.TakeKey(ctx, s.peer, m.Space, m.Secrets)
}
