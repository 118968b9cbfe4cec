package peer

import (
	"os"
	"path/filepath"
	"testing"

	"starling/crdt/store"
	"starling/sync/identity"
)

// A restoring that fails between its two files is told from one that has moved
// nothing, and from a home that somebody else has.
func TestHowFarARestoringCame(t *testing.T) {
	for name, tt := range map[string]struct {
		home, stage []string
		half, aside bool
	}{
		"no key in the stage":           {nil, []string{store.File}, true, false},
		"that, and something was there": {[]string{"damaged"}, []string{store.File}, true, true},
		"no database in the stage":      {nil, []string{identity.KeyFile}, false, false},
		"a database is there":           {[]string{store.File}, []string{store.File}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			stage := filepath.Join(home, restoreStage+"1")
			if err := os.Mkdir(stage, 0o700); err != nil {
				t.Fatal(err)
			}
			for folder, files := range map[string][]string{home: tt.home, stage: tt.stage} {
				for _, file := range files {
					if err := os.WriteFile(filepath.Join(folder, file), []byte("it"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			aside, half, err := settleIn(home, stage)
			if err == nil || half != tt.half || (aside != "") != tt.aside {
				t.Errorf("half %v, aside %q, %v", half, aside, err)
			}
			if half && vacant(home, "") != nil {
				t.Error("it can't be begun again")
			}
		})
	}
}
