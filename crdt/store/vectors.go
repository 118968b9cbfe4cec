package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"sync"

	"starling/crdt"
)

// vectors holds up to where each document is committed, for the documents that
// somebody has asked for or written to, and of some whether anything of them was
// ever lost to damage.
type vectors struct {
	mu    sync.Mutex
	known map[crdt.DocID]crdt.Vector
	lost  map[crdt.DocID]bool // a part of known
}

// publish tells of committed documents.
func (v *vectors) publish(docs []*docState) {
	if len(docs) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, d := range docs {
		known := v.known[d.id]
		if known == nil || d.fellBack {
			v.put(d.id, d.vector())
			v.putLost(d.id, d.hasLost())
			d.fellBack = false
			continue
		}
		for a, state := range d.actors {
			if state.changed {
				known.Advance(a, state.tip)
			}
		}
	}
	for _, d := range docs {
		d.published()
	}
}

func (v *vectors) put(doc crdt.DocID, vector crdt.Vector) {
	if v.known == nil {
		v.known = map[crdt.DocID]crdt.Vector{}
	}
	v.known[doc] = vector
}

func (v *vectors) putLost(doc crdt.DocID, lost bool) {
	if v.lost == nil {
		v.lost = map[crdt.DocID]bool{}
	}
	v.lost[doc] = lost
}

// getLost returns whether anything of a document was lost, and whether that is
// known.
func (v *vectors) getLost(doc crdt.DocID) (lost, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	lost, ok = v.lost[doc]
	return lost, ok
}

// offerLost is offer for what getLost returns: a loss makes the vector smaller, so
// the writer publishes it after its commit.
func (v *vectors) offerLost(doc crdt.DocID, lost bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, said := v.lost[doc]
	if _, ok := v.known[doc]; ok && !said {
		v.putLost(doc, lost)
	}
}

// get returns a copy, and whether the document is known.
func (v *vectors) get(doc crdt.DocID) (crdt.Vector, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	known, ok := v.known[doc]
	if !ok {
		return nil, false
	}
	return known.Clone(), true
}

// offer takes what a reader found. The writer knows better: it publishes after
// its commit, so what it said meanwhile is newer.
func (v *vectors) offer(doc crdt.DocID, vector crdt.Vector) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.known[doc]; !ok {
		v.put(doc, vector.Clone())
	}
}

// Committed returns up to which vector a document is committed; the caller may
// keep it. It reads the database only for a document that nobody has asked for
// or written to since Open. An unknown document has an empty vector, and so has
// one that cannot be read, which is logged.
func (s *Store) Committed(doc crdt.DocID) crdt.Vector {
	if v, ok := s.vectors.get(doc); ok {
		return v
	}
	v := crdt.Vector{}
	ctx := context.Background()
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT a.id, a.seq, a.hash FROM actors a JOIN documents d ON d.num = a.doc
			WHERE d.id = ? AND a.seq > 0`
		return readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
			return scanTip(rows, v)
		})
	})
	if err != nil {
		s.log.Error("read the vector of a document", "doc", doc, "error", err)
		return crdt.Vector{}
	}
	if len(v) > 0 { // what a peer names and nobody has is not remembered
		s.vectors.offer(doc, v)
	}
	return v
}

// Vectors returns the vector of every document of a space, empty ones too.
func (s *Store) Vectors(ctx context.Context, space [32]byte) (map[crdt.DocID]crdt.Vector, error) {
	all := map[crdt.DocID]crdt.Vector{}
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT d.id, a.id, a.seq, a.hash FROM documents d
			LEFT JOIN actors a ON a.doc = d.num AND a.seq > 0 WHERE d.space = ? ORDER BY d.num`
		var id, actor, hash sql.RawBytes
		var doc crdt.DocID
		var seq sql.NullInt64
		return readEach(ctx, tx, query, []any{space[:]}, func(rows *sql.Rows) error {
			if err := rows.Scan(&id, &actor, &seq, &hash); err != nil {
				return err
			}
			if err := fixed(doc[:], id); err != nil {
				return err
			}
			v := all[doc]
			if v == nil {
				v = crdt.Vector{}
				all[doc] = v
			}
			if !seq.Valid {
				return nil
			}
			tip := crdt.Tip{Seq: uint64(seq.Int64)}
			if err := fixed(tip.Hash[:], hash); err != nil {
				return err
			}
			v[crdt.ActorID(actor)] = tip
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the vectors of space %x: %w", space, err)
	}
	return all, nil
}

// scanTip reads actor, seq and hash into v.
func scanTip(rows *sql.Rows, v crdt.Vector) error {
	var actor, hash sql.RawBytes
	var tip crdt.Tip
	if err := rows.Scan(&actor, &tip.Seq, &hash); err != nil {
		return err
	}
	if err := fixed(tip.Hash[:], hash); err != nil {
		return err
	}
	v[crdt.ActorID(actor)] = tip
	return nil
}

// encodeVector writes a vector as rows have it: for each actor in order, the
// length of its ID in one byte, the ID, seq in eight bytes, big endian, and the
// hash.
func encodeVector(v crdt.Vector) []byte {
	b := []byte{}
	for _, actor := range v.Actors() {
		b = append(b, byte(len(actor)))
		b = append(b, actor...)
		b = binary.BigEndian.AppendUint64(b, v[actor].Seq)
		hash := v[actor].Hash
		b = append(b, hash[:]...)
	}
	return b
}

// decodeVector reads what encodeVector wrote.
func decodeVector(b []byte) (crdt.Vector, error) {
	v := crdt.Vector{}
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+8+32 {
			return nil, fmt.Errorf("a vector ends early: %w", ErrDamaged)
		}
		tip := crdt.Tip{Seq: binary.BigEndian.Uint64(b[1+n:]), Hash: crdt.Hash(b[1+n+8 : 1+n+8+32])}
		v[crdt.ActorID(b[1:1+n])] = tip
		b = b[1+n+8+32:]
	}
	return v, nil
}
