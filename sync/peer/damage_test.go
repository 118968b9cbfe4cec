package peer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starling/crdt/store"
	"starling/sync/peer"
)

// A home whose file is damaged opens with what can be read, and says so.
func TestADamagedHomeOpens(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := peer.Config{Home: home, Name: "Anna", Make: true}
	p, err := peer.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	space, err := p.NewSpace(t.Context(), "Notes")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := p.NewDocument(t.Context(), space, "# Plan\n"+strings.Repeat("word ", 4000))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, store.File)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	last := len(raw) - 4096
	copy(raw[last:], make([]byte, 4096)) // more than one bit, in the last page
	copy(raw[last-4096:], make([]byte, 4096))
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}

	p, err = peer.Open(t.Context(), c)
	if err != nil {
		t.Fatal("a damaged home does not open:", err)
	}
	defer p.Close()
	if d := p.Damage(); !strings.Contains(d.Saved, "saved") || d.Found != nil {
		t.Errorf("the damage is told as %+v", d)
	}
	if kept, _ := filepath.Glob(filepath.Join(home, "damaged-*")); len(kept) == 0 {
		t.Error("the damaged file was not kept")
	}
	if spaces, err := p.Spaces(t.Context()); err != nil || len(spaces) != 1 {
		t.Errorf("the spaces are %+v, %v", spaces, err)
	}
	if d, err := p.Document(t.Context(), doc); err != nil || d.ID != doc {
		t.Errorf("the document is %+v, %v", d, err)
	}
}
