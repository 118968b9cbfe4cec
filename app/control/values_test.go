package control

import (
	"fmt"
	"strings"
	"testing"

	"starling/sync/peer"
)

func TestDamageThatWasMendedIsToldAsThat(t *testing.T) {
	for _, test := range []struct {
		found error
		want  string
	}{
		{peer.ErrFileDamaged, "the next start saves"},
		{fmt.Errorf("%w: in each of 2 pages", peer.ErrFileMended), "nothing is lost"},
	} {
		if got := damageOf(peer.Damage{Found: test.found}); !strings.Contains(got, test.want) {
			t.Errorf("%v: %q", test.found, got)
		}
	}
}
