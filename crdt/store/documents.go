package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
)

// DocumentInfo is what a list of documents shows.
type DocumentInfo struct {
	ID    crdt.DocID
	Space [32]byte
	// Title is the first line, as last told to the store.
	Title string
	// Created is when the document came to this store, and Updated the time of
	// its last change by the author's clock, both in whole seconds.
	Created, Updated time.Time
}

const documentColumns = "SELECT id, space, title, created, updated FROM documents "

// Documents lists the documents of a space in the order in which they came.
func (s *Store) Documents(ctx context.Context, space [32]byte) ([]DocumentInfo, error) {
	docs, err := s.listDocuments(ctx, documentColumns+"WHERE space = ? ORDER BY num", space[:])
	if err != nil {
		return nil, fmt.Errorf("list documents of space %x: %w", space, err)
	}
	return docs, nil
}

// Document returns one document, or [ErrNoDocument].
func (s *Store) Document(ctx context.Context, id crdt.DocID) (DocumentInfo, error) {
	docs, err := s.listDocuments(ctx, documentColumns+"WHERE id = ?", id[:])
	if err == nil && len(docs) == 0 {
		err = ErrNoDocument
	}
	if err != nil {
		return DocumentInfo{}, fmt.Errorf("document %v: %w", id, err)
	}
	return docs[0], nil
}

func (s *Store) listDocuments(ctx context.Context, query string, args ...any) ([]DocumentInfo, error) {
	var docs []DocumentInfo
	err := s.view(ctx, func(tx *sql.Tx) error {
		return readEach(ctx, tx, query, args, func(rows *sql.Rows) error {
			var d DocumentInfo
			var id, space sql.RawBytes
			var created, updated int64
			if err := rows.Scan(&id, &space, &d.Title, &created, &updated); err != nil {
				return err
			}
			d.Created, d.Updated = time.Unix(created, 0), time.Unix(updated, 0)
			docs = append(docs, d)
			last := &docs[len(docs)-1]
			return errors.Join(fixed(last.ID[:], id), fixed(last.Space[:], space))
		})
	})
	return docs, err
}

// OwnActor returns the last actor of a device in a document and its nonce. ok is
// false if it has none that may number new changes as far as the store knows;
// [Store.Resumable] must hold as well.
func (s *Store) OwnActor(ctx context.Context, doc crdt.DocID, device [32]byte) (actor crdt.ActorID, nonce [16]byte, ok bool, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT a.id, a.nonce, a.retired <> 0 FROM actors a JOIN documents d ON d.num = a.doc
			WHERE d.id = ? AND a.device = ? ORDER BY a.num DESC LIMIT 1`
		var id, stored []byte
		var retired bool
		err := tx.QueryRowContext(ctx, query, doc[:], device[:]).Scan(&id, &stored, &retired)
		if errors.Is(err, sql.ErrNoRows) || (err == nil && retired) {
			return nil
		}
		if err != nil {
			return explain(err)
		}
		actor, ok = crdt.ActorID(id), true
		return fixed(nonce[:], stored)
	})
	if err != nil {
		return "", nonce, false, fmt.Errorf("read own actor of document %v: %w", doc, err)
	}
	return actor, nonce, ok, nil
}

// ActorDevices says which device each actor of a document belongs to, for those
// with a signed head.
func (s *Store) ActorDevices(ctx context.Context, doc crdt.DocID) (map[crdt.ActorID][32]byte, error) {
	devices := map[crdt.ActorID][32]byte{}
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT a.id, a.device FROM actors a JOIN documents d ON d.num = a.doc
			WHERE d.id = ? AND a.device IS NOT NULL`
		return readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
			var id, stored sql.RawBytes
			var device [32]byte
			if err := rows.Scan(&id, &stored); err != nil {
				return err
			}
			if err := fixed(device[:], stored); err != nil {
				return err
			}
			devices[crdt.ActorID(id)] = device
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read devices of document %v: %w", doc, err)
	}
	return devices, nil
}

// Line says up to which change an actor's changes are held in a document.
type Line struct {
	Doc   crdt.DocID
	Actor crdt.ActorID
	Seq   uint64
}

// ActorsOf lists up to where the changes of the devices' actors are held, in all
// documents of a space, by document and actor. What stands beside a document does
// not count.
func (s *Store) ActorsOf(ctx context.Context, space [32]byte, devices [][32]byte) ([]Line, error) {
	const query = `SELECT d.id, a.id, a.seq FROM documents d JOIN actors a ON a.doc = d.num
		WHERE d.space = ? AND a.seq > 0 AND a.device = ?`
	var lines []Line
	for _, device := range devices {
		of, err := list(ctx, s, "actors", query, []any{space[:], device[:]}, func(rows *sql.Rows, l *Line) error {
			var doc, actor sql.RawBytes
			if err := rows.Scan(&doc, &actor, &l.Seq); err != nil {
				return err
			}
			l.Actor = crdt.ActorID(actor)
			return fixed(l.Doc[:], doc)
		})
		if err != nil {
			return nil, fmt.Errorf("actors of device %x in space %x: %w", device, space, err)
		}
		lines = append(lines, of...)
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(bytes.Compare(a.Doc[:], b.Doc[:]), cmp.Compare(a.Actor, b.Actor))
	})
	return lines, nil
}
