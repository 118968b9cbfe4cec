package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// At a clean stop a checksum of each page of the database is written to a file
// beside it, and compared at the next start: what no hash of a row covers, such as a
// name, the structure of a table, or which space a document belongs to, would
// otherwise be taken for right after a bit of it has flipped on the disk. A run that
// was not stopped cleanly leaves none, and then only the small tables are checked at
// the start, and other rows as they are read.

const (
	// sumsName is the file of page sums in the home.
	sumsName = "page-sums"
	// sumsLabel begins it. The CRC-32C of each page follows, big endian, then that
	// of all before.
	sumsLabel = "starling page sums 1\n"
	// maxSummed bounds the database that is summed, in bytes, as the start waits for
	// it: about 30 ms for each 100 MB that the system has in memory.
	maxSummed = 512 << 20
)

// sums are the page sums of a clean stop.
type sums struct{ pages []uint32 }

// writeSums sums the pages of the database in a home up; nobody may have it open.
// It writes nothing if a log is left, or the file is too long.
func writeSums(home string) error {
	path := filepath.Join(home, File)
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxSummed {
		return err
	}
	pages, err := sumPages(path)
	if err != nil {
		return err
	}
	b := []byte(sumsLabel)
	for _, sum := range pages {
		b = binary.BigEndian.AppendUint32(b, sum)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return os.WriteFile(filepath.Join(home, sumsName), b, 0o600)
}

// sumPages returns the sum of each page of a file; the last may be shorter. No
// connection of this process may have it open.
func sumPages(path string) ([]uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var pages []uint32
	buf := make([]byte, 256*pageSize)
	for {
		n, err := io.ReadFull(f, buf)
		for page := range slices.Chunk(buf[:n], pageSize) {
			pages = append(pages, crc32.Checksum(page, castagnoli))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return pages, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// readSums returns the page sums of a home, or nil if there are none that can be
// read.
func readSums(home string) *sums {
	b, err := os.ReadFile(filepath.Join(home, sumsName))
	const least = len(sumsLabel) + 4
	if err != nil || len(b) < least || (len(b)-least)%4 != 0 || !bytes.HasPrefix(b, []byte(sumsLabel)) {
		return nil
	}
	end := len(b) - 4
	if crc32.Checksum(b[:end], castagnoli) != binary.BigEndian.Uint32(b[end:]) {
		return nil
	}
	s := &sums{}
	for rest := b[len(sumsLabel):end]; len(rest) > 0; rest = rest[4:] {
		s.pages = append(s.pages, binary.BigEndian.Uint32(rest))
	}
	return s
}

// bad returns the pages of a file, from 0, that do not have their sums, and those
// that are missing.
func (s *sums) bad(path string) ([]int, error) {
	pages, err := sumPages(path)
	if err != nil {
		return nil, err
	}
	var bad []int
	for i := range max(len(pages), len(s.pages)) {
		if i >= len(pages) || i >= len(s.pages) || pages[i] != s.pages[i] {
			bad = append(bad, i)
		}
	}
	return bad, nil
}

// maxMend bounds the pages of which a flipped bit is looked for: whoever puts
// another file in place of the database changes more.
const maxMend = 32

// suspects are the pages of a database that the sums of the last stop speak against.
type suspects struct {
	of     *sums // nil if there are none
	pages  []int
	mended int // pages of which one bit had flipped
}

// suspect compares the pages of the database in a home with its sums, and mends, in
// the file, those of which a single bit has flipped: the sum tells which. It is
// called while no connection of this process has the file open.
func suspect(home string) (suspects, error) {
	found := suspects{of: readSums(home)}
	path := filepath.Join(home, File)
	if found.of == nil {
		return found, nil
	}
	bad, err := found.of.bad(path)
	if err != nil || len(bad) == 0 || len(bad) > maxMend {
		found.pages = bad
		return found, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return found, err
	}
	defer f.Close()
	for _, n := range bad {
		page := make([]byte, pageSize)
		if n >= len(found.of.pages) {
			found.pages = append(found.pages, n)
			continue
		}
		if _, err := f.ReadAt(page, int64(n)*pageSize); err != nil || !mend(page, found.of.pages[n]) {
			found.pages = append(found.pages, n)
			continue
		}
		if _, err := f.WriteAt(page, int64(n)*pageSize); err != nil {
			return found, err
		}
		found.mended++
	}
	if found.mended > 0 {
		err = f.Sync()
	}
	return found, err
}

// mend flips the one bit of a page back that keeps it from having its sum, if one
// does.
func mend(page []byte, sum uint32) bool {
	// A CRC is linear: the difference that a bit makes does not depend on the rest.
	// In the last byte it is that of the bit alone, and each byte after it shifts it
	// on, as the CRC of a zero byte does.
	wrong := crc32.Checksum(page, castagnoli) ^ sum
	var makes [8]uint32
	for bit := range makes {
		makes[bit] = castagnoli[1<<bit]
	}
	for at := len(page) - 1; at >= 0; at-- {
		for bit, difference := range makes {
			if difference == wrong {
				page[at] ^= 1 << bit
				return true
			}
			makes[bit] = castagnoli[byte(difference)] ^ difference>>8
		}
	}
	return false
}

// checkSums judges pages that were found to differ before the file was opened, and
// voids the sums. Another program may have written to the file, or somebody has put
// another in its place; so SQLite is asked whether it is sound.
func (s *Store) checkSums(ctx context.Context, found suspects) error {
	if found.mended > 0 {
		s.tellDamage(fmt.Errorf("%w: a bit had flipped in each of %d pages, and was flipped back", ErrMended, found.mended))
	}
	if len(found.pages) > 0 {
		var first string
		err := s.write.conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&first)
		if err == nil && first != "ok" {
			err = fmt.Errorf("%w: %s", ErrCorrupt, first)
		}
		if err != nil {
			return fmt.Errorf("%d of its pages are not as they were at the last stop: %w", len(found.pages), explain(err))
		}
		s.log.Warn("the file of the store was changed since the last stop", "home", s.home, "pages", len(found.pages))
	}
	err := os.Remove(filepath.Join(s.home, sumsName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// smallTables are those that say what there is, with no long values.
var smallTables = []string{"documents", "actors", "spaces", "secrets", "people", "statements", "rosters", "settings", "unchecked"}

// checkSmall asks SQLite whether the small tables are sound, where no page sums tell:
// through an index that leads elsewhere, a document would lack an actor, and its text
// all that this one wrote, without a word. It takes about 60 ms for 10,000 documents.
func checkSmall(ctx context.Context, conn *sql.Conn) error {
	for _, table := range smallTables {
		var first string
		err := conn.QueryRowContext(ctx, "PRAGMA integrity_check('"+table+"')").Scan(&first)
		if err == nil && first != "ok" {
			err = fmt.Errorf("%w: %s", ErrCorrupt, first)
		}
		if err != nil {
			return fmt.Errorf("check table %s: %w", table, explain(err))
		}
	}
	return nil
}
