package control

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"starling/sync/peer"
)

// While another process saves what can be read of a damaged file, nobody is told to
// stop it.
func TestAHomeThatIsBeingSaved(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	lock := flock.New(filepath.Join(home, "lock"))
	if held, err := lock.TryLock(); err != nil || !held {
		t.Fatalf("lock the home: %v, %v", held, err)
	}
	defer lock.Close()
	target := Target{Home: home, Make: true}
	for _, test := range []struct {
		beside string
		want   error
	}{{"", ErrNoAnswer}, {"salvage-17", ErrSaving}} {
		if err := os.MkdirAll(filepath.Join(home, test.beside), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, _, err := target.reach(t.Context(), time.Now()); !errors.Is(err, test.want) {
			t.Errorf("with %q in the home: %v", test.beside, err)
		}
	}
}

// What is wrong with the file is told in words, whatever SQLite says of it.
func TestDamageInWords(t *testing.T) {
	t.Parallel()
	jargon := errors.New("Tree 35 page 35: btreeInitPage() returns error code 11")
	for want, d := range map[string]peer.Damage{
		"next start saves":    {Found: jargon},
		"missing or empty":    {Emptied: true},
		"3 documents, page 7": {Saved: "3 documents, page 7"},
	} {
		if got := damageOf(d); !strings.Contains(got, want) || strings.Contains(got, "btree") {
			t.Errorf("it says %q", got)
		}
	}
}
