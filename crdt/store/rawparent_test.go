package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"starling/crdt"
)

// shortRoot returns the file with a root that leads to fewer pages and looks sound: as
// it was before the last ones came, if stale, or with another count of its cells.
func shortRoot(t *testing.T, f rawFile, table string, stale bool) rawFile {
	t.Helper()
	f = f.without()
	root := f.trees(nil).trees[table].root
	children, _ := f.children(root)
	if len(children) < 4 {
		t.Fatalf("%s has %d children", table, len(children))
	}
	page, left := f.page(root), len(children)/2
	binary.BigEndian.PutUint16(page[3:], uint16(left))
	if stale {
		binary.BigEndian.PutUint32(page[8:], uint32(children[left]))
	}
	return f
}

// What a page that leads to others no longer leads to is saved, as all else says that
// it is used, and it is told that the table is damaged.
func TestShortParent(t *testing.T) {
	t.Parallel()
	const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO `
	f, all, stays := retreated(t)
	f = meddled(t, f, fill+"statements (space, hash, bytes) SELECT zeroblob(32), randomblob(32), randomblob(400) FROM n")
	f = meddled(t, f, fill+"rosters (hashes) SELECT CAST((SELECT hash FROM statements WHERE num = i) || randomblob(320) AS BLOB) FROM n")
	f = meddled(t, f, fill+`people (device, name, colour, paired, address, typed, seen)
		SELECT randomblob(32), hex(randomblob(200)), '', 0, '', '', 0 FROM n`)
	for i := range 60 {
		content := bytes.Repeat([]byte{byte(i)}, 400)
		sum := sha256.Sum256(content)
		f = meddled(t, f, "INSERT INTO aside (kind, doc, device, reason, hash, bytes, at) VALUES ('', x'01', x'02', '', ?, ?, 0)", sum[:], content)
	}
	for table, least := range map[string]int{
		"changes": stays, "beside": len(all) - stays, "statements": 60, "rosters": 60, "aside": 60, "people": 50, // some are on the root itself
	} {
		for _, stale := range []bool{true, false} {
			s, out := saved(t, shortRoot(t, f, table, stale))
			if !slices.Contains(out.Lost, table) {
				t.Errorf("%s (stale: %v): lost of %v", table, stale, out.Lost)
			}
			if got := count(t, s, "SELECT count(*) FROM "+table); got < least {
				t.Errorf("%s (stale: %v): %d rows, want at least %d", table, stale, got, least)
			}
			wantLoad(t, s, crdt.DocID{1}, all[:stays], DamageError{})
		}
	}
}
