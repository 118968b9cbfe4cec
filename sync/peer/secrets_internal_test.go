package peer

import (
	"slices"
	"testing"

	"starling/sync/trust"
)

// Whoever brings us in first may have made the secret up: an owner's counts too.
func TestAnOwnersSecretCountsBesideTheFirst(t *testing.T) {
	p, id := alone(t)
	member := newMember(t, p, id, "Mallory")
	for n := range 9 {
		for device, takes := range map[DeviceID]bool{member.ID(): false, p.ID(): n < maxBeside-1} {
			secret, err := trust.NewSecret()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.takeGrant(t.Context(), device, id, []trust.Secret{secret}, nil); err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(p.spaces[id].shown(), secret); got != takes {
				t.Errorf("secret %d of %v: taken %v, want %v", n, device.Tag(), got, takes)
			}
		}
	}
}
