package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// maxRosters bounds how many rosters are remembered by either side; nearly all
// heads name one of a few.
const maxRosters = 1024

// rosters remembers what rows of the table of rosters hold, which never change:
// those that are committed, for readers, by number.
type rosters struct {
	mu    sync.Mutex
	known map[int64][][32]byte
}

// get returns the hashes of a roster. The caller must not write to them.
func (k *rosters) get(num int64) ([][32]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	hashes, ok := k.known[num]
	return hashes, ok
}

func (k *rosters) put(num int64, hashes [][32]byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxRosters {
		k.known = map[int64][][32]byte{}
	}
	k.known[num] = hashes
}

// lastRoster is the one that the writer's newest head names, as those of the
// keystrokes after it do. nums has others.
type lastRoster struct {
	of  [][32]byte
	num int64
}

func (l *lastRoster) is(hashes [][32]byte) bool {
	if l.num == 0 || len(l.of) != len(hashes) {
		return false
	}
	for i := range hashes {
		if l.of[i] != hashes[i] {
			return false
		}
	}
	return true
}

// roster returns the number of the row of a head's roster, a new one if there is
// none; nil for a head that names no roster.
func (t *txn) roster(hashes [][32]byte) (any, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	if t.w.roster.is(hashes) {
		return t.w.roster.num, nil
	}
	joined := joinRoster(hashes)
	if _, err := t.conn.exec("INSERT OR IGNORE INTO rosters (hashes) VALUES (?)", joined); err != nil {
		return nil, err
	}
	var num int64
	if err := t.conn.row("SELECT num FROM rosters WHERE hashes = ?", []any{joined}, &num); err != nil {
		return nil, err
	}
	t.w.roster = lastRoster{of: splitRoster(joined), num: num}
	return num, nil
}

func joinRoster(hashes [][32]byte) []byte {
	b := make([]byte, 0, len(hashes)*32)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

func splitRoster(b []byte) [][32]byte {
	hashes := make([][32]byte, 0, len(b)/32)
	for ; len(b) >= 32; b = b[32:] {
		hashes = append(hashes, [32]byte(b[:32]))
	}
	return hashes
}

// rosterOf reads the roster of a head whose row has this number.
func (s *Store) rosterOf(ctx context.Context, tx *sql.Tx, num int64) ([][32]byte, error) {
	if hashes, ok := s.rosters.get(num); ok {
		return hashes, nil
	}
	var stored []byte
	err := tx.QueryRowContext(ctx, "SELECT hashes FROM rosters WHERE num = ?", num).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && (len(stored) == 0 || len(stored)%32 != 0)) {
		return nil, fmt.Errorf("roster %d of %d bytes: %w", num, len(stored), ErrDamaged)
	}
	if err != nil {
		return nil, fmt.Errorf("read roster %d: %w", num, explain(err))
	}
	hashes := splitRoster(stored)
	s.rosters.put(num, hashes)
	return hashes, nil
}
