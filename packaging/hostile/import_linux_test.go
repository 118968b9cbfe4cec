package hostile

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/packaging/lab"
)

// Files that kill automerge-go and spoilt files of JavaScript's: each that is
// refused has a reason and leaves nothing, and none harms the peer.
func TestImportOfHostileFiles(t *testing.T) {
	v := attacked(t, "Ada")
	v.settle(t)
	before := v.Must("doc", "list")
	files := hostileFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if v.importFile(t, name, files[name]) == 0 && name != "bomb-seq5.bin" {
			t.Logf("%s was taken", name)
		}
	}
	taken := 0
	rng := rand.New(rand.NewPCG(8, 8))
	good, err := filepath.Glob("../../crdt/format/testdata/js/*.automerge")
	if err != nil || len(good) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for i := range 60 {
		data, err := os.ReadFile(good[i%len(good)])
		if err != nil {
			t.Fatal(err)
		}
		chunks, err := format.SplitFile(data)
		if err != nil {
			t.Fatal(err)
		}
		content := slices.Clone(formattest.Content(chunks[0]))
		content[rng.IntN(len(content))] ^= 1 << rng.IntN(8)
		if v.importFile(t, filepath.Base(good[i%len(good)]), formattest.Seal(chunks[0][8], content)) == 0 {
			taken++
		}
	}
	t.Logf("%d of 60 spoilt fixtures were taken", taken)
	v.check(t)
	v.Must("verify")
	if after := v.Must("doc", "list"); taken == 0 && after != before {
		t.Errorf("the documents were %q and are %q", before, after)
	}
}

// importFile returns the exit code.
func (v *victim) importFile(t *testing.T, name string, data []byte) int {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".automerge")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	documents := v.Must("doc", "list")
	var r lab.Result
	v.inTime(t, name, 2*maxAnswer, func() { r = v.Try("import", "--space", v.space, path) })
	if r.Code == 0 {
		return 0
	}
	if r.Code != 1 || r.Err == "" {
		t.Errorf("%s: exit %d, %q", name, r.Code, r.Err)
	}
	if after := v.Must("doc", "list"); after != documents {
		t.Errorf("%s was refused, and the documents were %q and are %q", name, documents, after)
	}
	return r.Code
}
