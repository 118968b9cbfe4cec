package protocol

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"starling/crdt"
	"starling/sync/trust"
)

// A keystroke goes out in few bytes: what the two know already is left out. Each
// message of changes on the control stream with one head may give a number to a
// line, which is an actor's changes in a document, each built on the one before.
// From then on a brief message names the line, and of each change has only what
// its author could not know; of the head only the signature, since it is over
// the last of those changes. Acknowledgements name the line and a seq. Both sides
// keep a line as the control stream tells it, whatever becomes of the changes, so
// they keep it alike.

// brief is changes of one line and the signature over the last one.
type brief struct {
	Line    uint64   `cbor:"1,keyasint"`
	Changes [][]byte `cbor:"2,keyasint"`
	Sig     []byte   `cbor:"3,keyasint"`
}

// got acknowledges changes of lines that the receiver of this message has
// begun: the number of a line, then the seq up to which all is committed, and so
// on.
type got struct {
	Lines []uint64 `cbor:"1,keyasint"`
}

func (*brief) kind() kind { return kindBrief }
func (*got) kind() kind   { return kindGot }

func (m *brief) check() error {
	if len(m.Changes) == 0 || len(m.Sig) != 64 {
		return fmt.Errorf("nothing of a line: %w", ErrMalformed)
	}
	return atMost("changes", len(m.Changes), MaxChanges)
}

func (m *got) check() error {
	if len(m.Lines)%2 != 0 {
		return fmt.Errorf("a line without a seq: %w", ErrMalformed)
	}
	return atMost("lines", len(m.Lines)/2, MaxLines)
}

// line is an actor's changes in a document, as one side sends them.
type line struct {
	n      uint64
	space  trust.SpaceID
	doc    crdt.DocID
	head   head       // the last one
	unsaid []crdt.Tip // the ends of its messages that were not acknowledged by brief words
}

// maxUnsaid is how many messages of a line may be unacknowledged before it begins
// anew, and maxHeard how many of the peer's are remembered to be acknowledged so.
const (
	maxUnsaid = 1024
	maxHeard  = 16
)

type lineKey struct {
	doc   crdt.DocID
	actor string
}

// lines are those of one side, by what they are and by number; under Session.mu.
type lines struct {
	of map[lineKey]*line
	n  []*line // the first has the number 1
}

// begin sets a line to a head. It reports false for one too many.
func (ls *lines) begin(n uint64, space trust.SpaceID, doc crdt.DocID, h head) (*line, bool) {
	key := lineKey{doc, string(h.Actor)}
	switch {
	case n == 0 || n > MaxLines || n > uint64(len(ls.n))+1:
		return nil, false
	case n == uint64(len(ls.n))+1:
		ls.n = append(ls.n, nil)
	default:
		old := ls.n[n-1]
		delete(ls.of, lineKey{old.doc, string(old.head.Actor)})
	}
	l := &line{n: n, space: space, doc: doc, head: h}
	ls.n[n-1] = l
	if ls.of == nil {
		ls.of = make(map[lineKey]*line)
	}
	ls.of[key] = l
	return l, true
}

func (ls *lines) number(n uint64) *line {
	if n == 0 || n > uint64(len(ls.n)) {
		return nil
	}
	return ls.n[n-1]
}

// shorten makes a message of changes brief, if the peer knows the rest of it, or
// else has it begin a line; under mu.
func (s *Session) shorten(m *changes) message {
	if len(m.Heads) != 1 || m.Heads[0].Import || len(m.Changes) == 0 {
		return m
	}
	h := m.Heads[0]
	l := s.ours.of[lineKey{m.Doc, string(h.Actor)}]
	n := uint64(len(s.ours.n)) + 1
	if l != nil {
		if b := l.brief(m, h); b != nil {
			return b
		}
		n = l.n
	}
	if l, ok := s.ours.begin(n, m.Space, m.Doc, h); ok {
		m.Line = l.n
		l.unsaid = append(l.unsaid, crdt.Tip{Seq: h.Seq, Hash: h.Hash})
	}
	return m
}

// brief is m as a message of the line, nil if it does not go on with it.
func (l *line) brief(m *changes, h head) *brief {
	if l.space != m.Space || l.head.Device != h.Device || l.head.Nonce != h.Nonce || len(l.unsaid) > maxUnsaid {
		return nil
	}
	if !sameRoster(l.head.Roster, h.Roster) || h.Seq != l.head.Seq+uint64(len(m.Changes)) {
		return nil
	}
	b := &brief{Line: l.n, Sig: h.Sig}
	last := crdt.Hash(l.head.Hash)
	for _, chunk := range m.Changes {
		short, ok := shortChange(chunk, last, h.Actor)
		if !ok {
			return nil
		}
		b.Changes = append(b.Changes, short)
		last = hashOfChunk(chunk)
	}
	if last != h.Hash {
		return nil
	}
	l.head = h
	l.unsaid = append(l.unsaid, crdt.Tip{Seq: h.Seq, Hash: h.Hash})
	return b
}

func sameRoster(a, b [][32]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// onBrief restores what a brief message left out.
func (s *Session) onBrief(ctx context.Context, m *brief) error {
	s.mu.Lock()
	l := s.theirs.number(m.Line)
	if l == nil {
		s.mu.Unlock()
		return fmt.Errorf("line %d was not begun: %w", m.Line, ErrMalformed)
	}
	h := l.head
	full := &changes{Space: l.space, Doc: l.doc}
	for _, short := range m.Changes {
		chunk, err := longChange(short, h.Hash, h.Actor)
		if err != nil {
			s.mu.Unlock()
			return err
		}
		full.Changes = append(full.Changes, chunk)
		h.Seq, h.Hash = h.Seq+1, hashOfChunk(chunk)
	}
	h.Sig = m.Sig
	l.head = h
	l.heard()
	full.Heads = []head{h}
	s.mu.Unlock()
	return s.onChanges(ctx, full)
}

// beginTheirs begins a line of the peer's, if a message says so.
func (s *Session) beginTheirs(m *changes) error {
	if m.Line == 0 {
		return nil
	}
	if len(m.Heads) != 1 || m.Heads[0].Import {
		return fmt.Errorf("a line with %d heads: %w", len(m.Heads), ErrMalformed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.theirs.begin(m.Line, m.Space, m.Doc, m.Heads[0])
	if !ok {
		return fmt.Errorf("line %d: %w", m.Line, ErrMalformed)
	}
	l.heard()
	return nil
}

// heard notes what ends a message of the peer's line.
func (l *line) heard() {
	if len(l.unsaid) == maxHeard {
		l.unsaid = append(l.unsaid[:0], l.unsaid[1:]...)
	}
	l.unsaid = append(l.unsaid, crdt.Tip{Seq: l.head.Seq, Hash: l.head.Hash})
}

// onGot notes what the peer has committed of our lines. What it says of a change
// that we no longer remember is of no use: the line has begun anew meanwhile.
func (s *Session) onGot(m *got) error {
	s.mu.Lock()
	var told []*docState
	for i := 0; i < len(m.Lines); i += 2 {
		l := s.ours.number(m.Lines[i])
		if l == nil {
			s.mu.Unlock()
			return fmt.Errorf("line %d was not begun: %w", m.Lines[i], ErrMalformed)
		}
		tip, ok := l.acknowledged(m.Lines[i+1])
		sp := s.spaces[l.space]
		if !ok || sp == nil {
			continue
		}
		d := sp.doc(l.doc)
		if err := d.learnTip(crdt.ActorID(l.head.Actor), tip); err != nil {
			s.mu.Unlock()
			return err
		}
		s.heard(d)
		told = append(told, d)
	}
	s.mu.Unlock()
	for _, d := range told {
		s.tellHost(d)
	}
	return nil
}

// acknowledged finds the change of a seq, and forgets those up to it.
func (l *line) acknowledged(seq uint64) (crdt.Tip, bool) {
	for i, tip := range l.unsaid {
		if tip.Seq == seq {
			l.unsaid = append(l.unsaid[:0], l.unsaid[i+1:]...)
			return tip, true
		}
	}
	return crdt.Tip{}, false
}

// The parts of a change chunk that a brief one leaves out: magic, checksum,
// type and length, the actor, and what it builds on if that is the last change
// of the line (the specification of Automerge's binary format, "Change chunks").
const (
	chunkHead   = 9 // magic, checksum and type
	changeChunk = 1
)

var chunkMagic = []byte{0x85, 0x6f, 0x4a, 0x83}

func hashOfChunk(chunk []byte) [32]byte { return sha256.Sum256(chunk[8:]) }

// shortChange leaves out of a chunk what longChange can restore. A zero in front
// says that it builds on last alone; else what it builds on stands there as it
// does in the chunk, a number that is not zero first.
func shortChange(chunk []byte, last crdt.Hash, actor []byte) ([]byte, bool) {
	if len(chunk) < chunkHead || chunk[8] != changeChunk {
		return nil, false
	}
	length, n := binary.Uvarint(chunk[chunkHead:])
	if n <= 0 || uint64(len(chunk)) != uint64(chunkHead+n)+length {
		return nil, false
	}
	content := chunk[chunkHead+n:]
	count, n := binary.Uvarint(content)
	if n <= 0 || count == 0 || count > uint64(len(content)-n)/32 {
		return nil, false
	}
	deps, rest := content[:n+int(count)*32], content[n+int(count)*32:]
	rest, ok := bytes.CutPrefix(rest, append([]byte{byte(len(actor))}, actor...))
	if !ok {
		return nil, false
	}
	if count == 1 && bytes.Equal(deps[n:], last[:]) {
		deps = []byte{0}
	}
	short := append(bytes.Clone(deps), rest...)
	again, err := longChange(short, last, actor)
	return short, err == nil && bytes.Equal(again, chunk)
}

// longChange is the chunk of a short one.
func longChange(short []byte, last crdt.Hash, actor []byte) ([]byte, error) {
	count, n := binary.Uvarint(short)
	if n <= 0 || count > uint64(len(short)-n)/32 {
		return nil, fmt.Errorf("a short change: %w", ErrMalformed)
	}
	deps, rest := short[:n+int(count)*32], short[n+int(count)*32:]
	if count == 0 {
		deps = append([]byte{1}, last[:]...)
	}
	length := len(deps) + 1 + len(actor) + len(rest)
	chunk := make([]byte, 0, chunkHead+binary.MaxVarintLen64+length)
	chunk = append(append(chunk, chunkMagic...), 0, 0, 0, 0, changeChunk)
	chunk = binary.AppendUvarint(chunk, uint64(length))
	chunk = append(append(chunk, deps...), byte(len(actor)))
	chunk = append(append(chunk, actor...), rest...)
	sum := hashOfChunk(chunk)
	copy(chunk[4:8], sum[:4])
	return chunk, nil
}
