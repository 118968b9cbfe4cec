package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
)

// Space is a space that this device belongs to or has belonged to.
type Space struct {
	ID   [32]byte
	Name string
	// Secrets are all that are known, the newest first.
	Secrets [][]byte
	Joined  time.Time
	// Left says that this device does not belong to it any more.
	Left bool
}

// PutSpace writes a space anew or over the one with its ID, and flushes it to the
// disk before it returns.
func (s *Store) PutSpace(ctx context.Context, sp Space) error {
	err := s.doFlushed(ctx, func(t *txn) error {
		_, err := t.conn.exec("INSERT OR REPLACE INTO spaces (id, name, joined, gone) VALUES (?, ?, ?, ?)",
			sp.ID[:], sp.Name, toNano(sp.Joined), sp.Left)
		if err != nil {
			return err
		}
		if _, err := t.conn.exec("DELETE FROM secrets WHERE space = ?", sp.ID[:]); err != nil {
			return err
		}
		for i, secret := range sp.Secrets {
			_, err := t.conn.exec("INSERT INTO secrets (space, place, secret) VALUES (?, ?, ?)", sp.ID[:], int64(i), nonNil(secret))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store space %x: %w", sp.ID, err)
	}
	return nil
}

// Spaces lists the spaces in the order in which they were joined.
func (s *Store) Spaces(ctx context.Context) ([]Space, error) {
	const query = `SELECT s.id, s.name, s.joined, s.gone, k.secret FROM spaces s
		LEFT JOIN secrets k ON k.space = s.id ORDER BY s.joined, s.id, k.place`
	type row struct {
		Space
		secret []byte
	}
	rows, err := list(ctx, s, "spaces", query, nil, func(rows *sql.Rows, r *row) error {
		var id sql.RawBytes
		var joined int64
		err := rows.Scan(&id, &r.Name, &joined, &r.Left, &r.secret)
		r.Joined = fromNano(joined)
		return errors.Join(err, fixed(r.ID[:], id))
	})
	var spaces []Space
	for _, r := range rows {
		if n := len(spaces); n == 0 || spaces[n-1].ID != r.ID {
			spaces = append(spaces, r.Space)
		}
		if r.secret != nil {
			last := &spaces[len(spaces)-1]
			last.Secrets = append(last.Secrets, r.secret)
		}
	}
	return spaces, err
}

// Statement is one signed statement of a space's roster.
type Statement struct {
	Hash  [32]byte
	Bytes []byte
}

// PutStatements adds statements to a space; those that are held stay. They are
// flushed to the disk before it returns, as nobody may be told of one that a
// power cut could take back.
func (s *Store) PutStatements(ctx context.Context, space [32]byte, statements []Statement) error {
	err := s.doFlushed(ctx, func(t *txn) error {
		for i := range statements {
			_, err := t.conn.exec("INSERT OR IGNORE INTO statements (space, hash, bytes) VALUES (?, ?, ?)",
				space[:], statements[i].Hash[:], nonNil(statements[i].Bytes))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store statements of space %x: %w", space, err)
	}
	return nil
}

// Statements lists the statements of a space in the order in which they came.
func (s *Store) Statements(ctx context.Context, space [32]byte) ([]Statement, error) {
	const query = "SELECT hash, bytes FROM statements WHERE space = ? ORDER BY num"
	return list(ctx, s, "statements", query, []any{space[:]}, func(rows *sql.Rows, st *Statement) error {
		var hash sql.RawBytes
		err := rows.Scan(&hash, &st.Bytes)
		return errors.Join(err, fixed(st.Hash[:], hash))
	})
}

// Aside is something that could not be read and is kept for a person to see.
type Aside struct {
	// Kind is a short word such as [KindChange].
	Kind string
	// Doc and Device are zero where they do not apply.
	Doc    crdt.DocID
	Device [32]byte
	Reason string
	Bytes  []byte
	At     time.Time
}

// SetAside keeps a. The same bytes of the same kind and document are kept once.
func (s *Store) SetAside(ctx context.Context, a Aside) error {
	if err := s.do(ctx, func(t *txn) error { return t.setAside(a) }); err != nil {
		return fmt.Errorf("set a %s of document %v aside: %w", a.Kind, a.Doc, err)
	}
	return nil
}

func (t *txn) setAside(a Aside) error {
	hash := contentHash(a.Bytes)
	_, err := t.conn.exec(`INSERT OR IGNORE INTO aside (kind, doc, device, reason, hash, bytes, at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		a.Kind, a.Doc[:], a.Device[:], a.Reason, hash[:], nonNil(a.Bytes), toNano(a.At))
	return err
}

// Asides lists what was set aside in the order in which it was.
func (s *Store) Asides(ctx context.Context) ([]Aside, error) {
	const query = "SELECT kind, doc, device, reason, bytes, at FROM aside ORDER BY num"
	return list(ctx, s, "things set aside", query, nil, func(rows *sql.Rows, a *Aside) error {
		var doc, device sql.RawBytes
		var at int64
		err := rows.Scan(&a.Kind, &doc, &device, &a.Reason, &a.Bytes, &at)
		a.At = fromNano(at)
		return errors.Join(err, fixed(a.Doc[:], doc), fixed(a.Device[:], device))
	})
}
