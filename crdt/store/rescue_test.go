package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A snapshot that is damaged, or that cannot be reached at all, is told as lost, and
// all else is saved.
func TestSalvageDamagedSnapshot(t *testing.T) {
	t.Parallel()
	half := "CAST(substr(bytes, 1, length(bytes) / 2) AS BLOB)"
	for name, statement := range map[string]string{
		"a byte": "UPDATE snapshots SET bytes = CAST(" + half +
			" || CASE hex(substr(bytes, length(bytes) / 2 + 1, 1)) WHEN '2A' THEN x'2B' ELSE x'2A' END" +
			" || substr(bytes, length(bytes) / 2 + 2) AS BLOB)",
		"its end":  "UPDATE snapshots SET bytes = " + half,
		"its hash": "UPDATE snapshots SET hash = zeroblob(32)",
		"no table": "DROP TABLE snapshots",
	} {
		from, want := stopped(t)
		meddle(t, from, statement)
		// Else the pages that were written to count as lost.
		if err := os.Remove(filepath.Join(from, "page-sums")); err != nil {
			t.Fatal(err)
		}
		s, got, out := salvaged(t, from)
		if !slices.Contains(out.Lost, "snapshots") {
			t.Errorf("%s: lost of %v", name, out.Lost)
		}
		saved := 0
		for id, changes := range got.Loaded {
			saved += len(changes) + len(got.Beside[id])
		}
		if saved != 105 && name != "no table" || saved < 105 {
			t.Errorf("%s: %d changes were saved", name, saved)
		}
		checkSalvaged(t, name, s, got, want)
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
