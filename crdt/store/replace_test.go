package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// Where a salvage is cut off, no later run takes the damaged file for a sound one,
// and the next salvage saves the same, with what was in the log.
func TestASalvageThatIsCutOff(t *testing.T) {
	t.Parallel()
	const changes = 50
	from := t.TempDir()
	s := open(t, from)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, from)
	all := storetest.NewAuthor("a", 1).Take(changes)
	s.Submit(store.Entry{Doc: storetest.ID(1), Space: storetest.Key(1), Changes: all, Seal: storetest.Seal(1)})
	flush(t, s)
	running := copyHome(t, from)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cut := map[string]string{ // a file that can't be removed, as it is a folder
		"when the log is gone":             store.File + "-shm",
		"when the new file is there":       "page-sums",
		"when nearly all is done":          "clean-stop",
		"when the new file is there twice": "page-sums",
	}
	for name, obstacle := range cut {
		home := copyHome(t, running)
		obstacle = filepath.Join(home, obstacle)
		if err := os.RemoveAll(obstacle); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(obstacle, "in the way"), 0o700); err != nil {
			t.Fatal(err)
		}
		o := store.Options{Expand: storetest.Expand}
		first, err := store.Salvage(t.Context(), home, o)
		if err == nil {
			t.Fatalf("%s: it was not cut off", name)
		}
		if name == "when the new file is there twice" {
			if _, err := store.Salvage(t.Context(), home, o); err == nil {
				t.Fatalf("%s: it was not cut off again", name)
			}
		}
		if s, err := store.Open(t.Context(), home, o); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: the next run opens it: %v", name, err)
			if err == nil {
				s.Close()
			}
		}
		if err := os.RemoveAll(obstacle); err != nil {
			t.Fatal(err)
		}
		s, got, out := salvaged(t, home)
		if !reflect.DeepEqual(got.Loaded[storetest.ID(1)], all) || out.Changes != changes {
			t.Errorf("%s: %d changes were saved, %d are there", name, out.Changes, len(got.Loaded[storetest.ID(1)]))
		}
		if first.Kept != "" && first.Kept != out.Kept {
			t.Errorf("%s: the damaged file is kept as %s and as %s", name, first.Kept, out.Kept)
		}
		for _, suffix := range []string{"", "-wal"} {
			if _, err := os.Stat(out.Kept + suffix); err != nil {
				t.Errorf("%s: not kept: %v", name, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		left, err := filepath.Glob(filepath.Join(home, "salvag*"))
		if err != nil || len(left) > 0 {
			t.Errorf("%s: left are %v, %v", name, left, err)
		}
	}
}
