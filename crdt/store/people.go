package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Person is what this device remembers of another.
type Person struct {
	Device       [32]byte
	Name, Colour string
	// Paired says that both have confirmed the code.
	Paired bool
	// Address is where the device was last reached, and Typed the address that
	// the person here has typed for it; either may be empty.
	Address, Typed string
	Seen           time.Time
	// Consent is the device's signed word that it is the same person as we, nil if
	// there is none. Same says that we take it for that.
	Consent []byte
	Same    bool
}

// PutPerson writes a person anew or over the one with that device.
func (s *Store) PutPerson(ctx context.Context, p Person) error {
	err := s.do(ctx, func(t *txn) error {
		_, err := t.conn.exec(`INSERT OR REPLACE INTO people (device, name, colour, paired, address, typed, seen, consent, same)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.Device[:], p.Name, p.Colour, p.Paired, p.Address, p.Typed, toNano(p.Seen), nonNil(p.Consent), p.Same)
		return err
	})
	if err != nil {
		return fmt.Errorf("store person %x: %w", p.Device, err)
	}
	return nil
}

// People lists everyone, by device.
func (s *Store) People(ctx context.Context) ([]Person, error) {
	const query = "SELECT device, name, colour, paired, address, typed, seen, consent, same FROM people ORDER BY device"
	return list(ctx, s, "people", query, nil, func(rows *sql.Rows, p *Person) error {
		var device sql.RawBytes
		var seen int64
		err := rows.Scan(&device, &p.Name, &p.Colour, &p.Paired, &p.Address, &p.Typed, &seen, &p.Consent, &p.Same)
		if len(p.Consent) == 0 {
			p.Consent = nil
		}
		p.Seen = fromNano(seen)
		return errors.Join(err, fixed(p.Device[:], device))
	})
}

// Set keeps a value under a key; nil removes the key.
func (s *Store) Set(ctx context.Context, key string, value []byte) error {
	err := s.do(ctx, func(t *txn) error {
		if value == nil {
			_, err := t.conn.exec("DELETE FROM settings WHERE key = ?", key)
			return err
		}
		_, err := t.conn.exec("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", key, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("store setting %q: %w", key, err)
	}
	return nil
}

// Get returns the value of a key, or nil if there is none.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := s.view(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", key).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		value = nonNil(value)
		return explain(err)
	})
	if err != nil {
		return nil, fmt.Errorf("read setting %q: %w", key, err)
	}
	return value, nil
}

// list reads all rows of a query into values of type T.
func list[T any](ctx context.Context, s *Store, what, query string, args []any, scan func(*sql.Rows, *T) error) ([]T, error) {
	var all []T
	err := s.view(ctx, func(tx *sql.Tx) error {
		return readEach(ctx, tx, query, args, func(rows *sql.Rows) error {
			var v T
			if err := scan(rows, &v); err != nil {
				return err
			}
			all = append(all, v)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	return all, nil
}

func contentHash(b []byte) [32]byte { return sha256.Sum256(b) }

// toNano writes a time as rows have it; the zero time is 0.
func toNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNano(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
