package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"starling/crdt"
)

// reader reads one document's rows, checks each, and leaves out what builds on
// anything that is missing. It may be opened again, in another transaction.
type reader struct {
	doc    crdt.DocID
	num    int64 // the document's
	space  [32]byte
	title  string
	actors map[int64]readActor

	snapshotNum int64 // 0 for none
	covers      crdt.Vector
	// lostSnapshot says that the snapshot cannot be read. Then a change counts
	// only if all that it builds on has been read; tips is up to where.
	lostSnapshot bool
	tips         crdt.Vector
	have         map[crdt.Hash]bool

	missing map[crdt.Hash]bool // changes that cannot be used
	cut     map[int64]bool     // actors that have such changes

	unchecked int64 // the num of the first change not fully checked; 0 for none
	unindexed bool  // the search's text may lack changes

	found         damage
	lost, waiting int
}

type readActor struct {
	id   crdt.ActorID
	tip  uint64
	hash crdt.Hash // of tip
	// lost says that the actor's nums may not rise with its seqs.
	lost bool
	// device and nonce are zero if no head of the device's own is held.
	device [32]byte
	nonce  [16]byte
}

func newReader(doc crdt.DocID) *reader {
	return &reader{
		doc: doc, tips: crdt.Vector{}, have: map[crdt.Hash]bool{},
		missing: map[crdt.Hash]bool{}, cut: map[int64]bool{},
	}
}

func (r *reader) low() int64  { return r.num << docShift }
func (r *reader) high() int64 { return (r.num + 1) << docShift }

// open reads the document, its actors and what its snapshot covers.
func (r *reader) open(ctx context.Context, tx *sql.Tx) error {
	var in, id []byte
	const document = `SELECT num, space, title, EXISTS (SELECT 1 FROM unindexed u WHERE u.doc = d.num),
		(SELECT id FROM documents WHERE num = d.num) FROM documents d WHERE id = ?`
	err := tx.QueryRowContext(ctx, document, r.doc[:]).Scan(&r.num, &in, &r.title, &r.unindexed, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoDocument
	}
	if err != nil {
		return explain(err)
	}
	if !bytes.Equal(id, r.doc[:]) { // the index leads to another row
		return fmt.Errorf("%w: document %v is found where %x is", ErrCorrupt, r.doc, id)
	}
	if err := fixed(r.space[:], in); err != nil {
		return err
	}
	if err := r.openActors(ctx, tx); err != nil {
		return err
	}
	var covers []byte
	const query = "SELECT num, covers, bytes IS NULL FROM snapshots WHERE doc = ?"
	err = tx.QueryRowContext(ctx, query, r.num).Scan(&r.snapshotNum, &covers, &r.lostSnapshot)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		r.snapshotNum, r.covers = 0, nil
	case err != nil:
		return explain(err)
	default:
		if r.covers, err = decodeVector(covers); err != nil {
			return err
		}
	}
	err = tx.QueryRowContext(ctx, "SELECT first FROM unchecked WHERE doc = ?", r.num).Scan(&r.unchecked)
	if errors.Is(err, sql.ErrNoRows) {
		r.unchecked, err = 0, nil
	}
	return explain(err)
}

// readable is what the snapshot covers, if it can be read.
func (r *reader) readable() crdt.Vector {
	if r.lostSnapshot {
		return nil
	}
	return r.covers
}

func (r *reader) openActors(ctx context.Context, tx *sql.Tx) error {
	r.actors = map[int64]readActor{}
	const query = "SELECT num, id, seq, hash, retired & 1, device, nonce FROM actors WHERE doc = ?"
	return readEach(ctx, tx, query, []any{r.num}, func(rows *sql.Rows) error {
		var num int64
		var id, hash, device, nonce sql.RawBytes
		var a readActor
		if err := rows.Scan(&num, &id, &a.tip, &hash, &a.lost, &device, &nonce); err != nil {
			return err
		}
		a.id = crdt.ActorID(id)
		err := fixed(a.hash[:], hash)
		if device != nil {
			err = errors.Join(err, fixed(a.device[:], device), fixed(a.nonce[:], nonce))
		}
		r.actors[num] = a
		return err
	})
}

// readSnapshot returns the snapshot, or nil if there is none that can be read.
func (r *reader) readSnapshot(ctx context.Context, tx *sql.Tx) ([]byte, error) {
	if r.snapshotNum == 0 || r.lostSnapshot {
		return nil, nil
	}
	var hash, chunk []byte
	err := tx.QueryRowContext(ctx, "SELECT hash, bytes FROM snapshots WHERE num = ?", r.snapshotNum).Scan(&hash, &chunk)
	if err != nil {
		return nil, explain(err)
	}
	if sum := sha256.Sum256(chunk); string(sum[:]) != string(hash) {
		r.found.snapshot, r.lostSnapshot = r.snapshotNum, true
		return nil, nil
	}
	return chunk, nil
}

// start returns a num before which every change is in since.
func (r *reader) start(ctx context.Context, tx *sql.Tx, since crdt.Vector) (int64, error) {
	from := r.high()
	for num, a := range r.actors {
		if a.lost || r.lostSnapshot {
			return r.low(), nil // nums may not rise with seqs
		}
		if since.Has(a.id, a.tip) {
			continue
		}
		var first int64
		const query = "SELECT num FROM changes WHERE actor = ? AND seq > ? ORDER BY seq LIMIT 1"
		err := tx.QueryRowContext(ctx, query, num, int64(since[a.id].Seq)).Scan(&first)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return 0, explain(err)
		}
		from = min(from, first)
	}
	return from, nil
}

// changes gives the document's changes from num on, in the order of commits,
// without those that since has or the snapshot, until yield returns false. A
// row that the snapshot has replaced may stay for a while (sweep.go).
func (r *reader) changes(ctx context.Context, tx *sql.Tx, from int64, since crdt.Vector, yield func(int64, crdt.Change) bool) error {
	rows, err := tx.QueryContext(ctx, rowColumns+"WHERE num >= ? AND num < ? ORDER BY num", from, r.high())
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := r.scan(rows)
		if err != nil {
			return err
		}
		known := since.Has(row.change.Actor, row.change.Seq) ||
			(!r.lostSnapshot && r.covers.Has(row.change.Actor, row.change.Seq))
		if known && !r.lostSnapshot {
			continue
		}
		if r.usable(&row) && !known && !yield(row.num, row.change) {
			break
		}
	}
	return explain(rows.Err())
}

// changeRow is one row of changes; sound says that its bytes have its hash.
type changeRow struct {
	num, actor int64
	change     crdt.Change
	sound      bool
}

// rowColumns is how a query for [reader.scan] starts.
const rowColumns = "SELECT num, actor, seq, start_op, max_op, time, hash, deps, bytes, sum FROM changes "

func (r *reader) scan(rows *sql.Rows) (changeRow, error) {
	var row changeRow
	var hash, deps sql.RawBytes
	var sum sql.NullInt64
	c := &row.change
	err := rows.Scan(&row.num, &row.actor, &c.Seq, &c.StartOp, &c.MaxOp, &c.Time, &hash, &deps, &c.Bytes, &sum)
	if err != nil {
		return row, err
	}
	c.Actor = r.actors[row.actor].id
	row.sound = fixed(c.Hash[:], hash) == nil && len(deps)%32 == 0 && hashes(c.Bytes, c.Hash)
	for ; len(deps) >= 32; deps = deps[32:] {
		c.Deps = append(c.Deps, crdt.Hash(deps[:32]))
	}
	row.sound = row.sound && (!sum.Valid || sum.Int64 == rowSum(c))
	return row, nil
}

// usable reports whether the change can be used, and notes what follows.
func (r *reader) usable(row *changeRow) bool {
	c := &row.change
	switch {
	case !row.sound:
		r.lost++
		r.noteLost(row)
	case r.cut[row.actor] || r.lacksDep(c):
		r.waiting++
	default:
		if r.lostSnapshot {
			r.have[c.Hash] = true
			r.tips[c.Actor] = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
		}
		return true
	}
	r.cut[row.actor] = true
	r.missing[c.Hash] = true
	return false
}

// noteLost notes both names that a change that was lost may have.
func (r *reader) noteLost(row *changeRow) {
	c := &row.change
	if c.Bytes != nil {
		r.found.changes = append(r.found.changes, row.num)
		r.missing[contentHash(c.Bytes[min(len(c.Bytes), hashHeader):])] = true
		return
	}
	for _, other := range c.Deps {
		r.missing[other] = true
	}
}

// lacksDep reports whether anything that c builds on cannot be used.
func (r *reader) lacksDep(c *crdt.Change) bool {
	if r.lostSnapshot && r.tips[c.Actor].Seq+1 != c.Seq {
		return true
	}
	for _, dep := range c.Deps {
		if r.missing[dep] || (r.lostSnapshot && !r.have[dep]) {
			return true
		}
	}
	return false
}

// whole reports whether nothing was found to be missing so far, now or before.
func (r *reader) whole() bool {
	if r.lost > 0 || r.waiting > 0 || r.lostSnapshot {
		return false
	}
	for _, a := range r.actors {
		if a.lost {
			return false
		}
	}
	return true
}

// complete checks that nothing is missing without a word, where has is what was
// read: the rows of changes may be out of reach, or the row of an actor wrong.
func (r *reader) complete(has func(crdt.ActorID, uint64) bool) error {
	if !r.whole() {
		return nil // that is told
	}
	for _, a := range r.actors {
		if a.tip > 0 && !has(a.id, a.tip) {
			return fmt.Errorf("%w: change %d of actor %v is not found", ErrCorrupt, a.tip, a.id)
		}
	}
	return nil
}

// byID returns the numbers of the actors in the order of their IDs.
func (r *reader) byID() []int64 {
	return slices.SortedFunc(maps.Keys(r.actors), func(a, b int64) int {
		return strings.Compare(string(r.actors[a].id), string(r.actors[b].id))
	})
}
