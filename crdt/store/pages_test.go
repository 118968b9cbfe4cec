package store

import (
	"os"
	"path/filepath"
	"testing"

	"starling/crdt"
)

// A keystroke writes to three pages, and now and then to those that a new page takes
// more: whether one person writes, or many in turn, each on top of the one before.
func TestPagesOfAKeystroke(t *testing.T) {
	const keys = 400
	for _, writers := range []int{1, 25} {
		home := t.TempDir()
		s := openHere(t, home)
		if err := s.flusher.stop(); err != nil { // it would have the log start over
			t.Fatal(err)
		}
		var authors []func(size int, deps ...crdt.Hash) crdt.Change
		for n := range writers {
			authors = append(authors, author(string(rune('A'+n))))
		}
		frames := func() int64 {
			info, err := os.Stat(filepath.Join(home, File+"-wal"))
			if err != nil {
				t.Fatal(err)
			}
			const header, frame = 32, 24 + pageSize // sqlite.org/fileformat2.html#walformat
			return (info.Size() - header) / frame
		}
		var deps []crdt.Hash
		var before int64
		for i := range writers + keys {
			if i == writers {
				before = frames()
			}
			c := authors[i%writers](100, deps...)
			s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{c}, Seal: sealHere})
			flushHere(t, s)
			if writers > 1 {
				deps = []crdt.Hash{c.Hash}
			}
		}
		if each := float64(frames()-before) / keys; each < 1 || each > 3.5 {
			t.Errorf("%d writers: %.2f pages a keystroke", writers, each)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
