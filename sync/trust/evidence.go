package trust

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"starling/sync/identity"
)

// maxPageLines is more lines than fit in a page.
const maxPageLines = 1024

// pageRoom is how many bytes of lines a page takes, so that it stays below
// [MaxPage].
const pageRoom = MaxPage - 128

type pageBody struct {
	Kind  Kind       `cbor:"1,keyasint"`
	Space SpaceID    `cbor:"2,keyasint"`
	Lines []pageLine `cbor:"3,keyasint"`
}

type pageLine struct {
	_     struct{} `cbor:",toarray"`
	Doc   [16]byte
	Actor []byte
	Seq   uint64
}

type forkBody struct {
	Kind  Kind       `cbor:"1,keyasint"`
	Space SpaceID    `cbor:"2,keyasint"`
	Doc   [16]byte   `cbor:"3,keyasint"`
	Heads []forkHead `cbor:"4,keyasint"`
	// Parting is missing where the heads are over the first changes that differ.
	Parting *forkParting `cbor:"5,keyasint,omitempty"`
}

type forkParting struct {
	_          struct{} `cbor:",toarray"`
	Seq        uint64
	One, Other [32]byte
}

type forkHead struct {
	_      struct{} `cbor:",toarray"`
	Actor  []byte
	Seq    uint64
	Hash   [32]byte
	Device identity.DeviceID
	Nonce  Nonce
	Sig    []byte
	Import bool
	Roster []StatementHash
}

// makeEvidence writes a statement that nobody signs: the same bytes whoever
// makes it.
func makeEvidence(body any) (*Statement, error) {
	b, err := encMode.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	raw, err := encMode.Marshal(signed{Evidence: b})
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	return ParseStatement(raw)
}

func parseEvidence(outer *signed) (*Statement, error) {
	if outer.Body != nil || outer.Sig != nil {
		return nil, bad("evidence that is signed")
	}
	var kind struct {
		Kind Kind `cbor:"1,keyasint"`
	}
	// Only to tell the kinds apart; the exact reading follows.
	if err := kindMode.Unmarshal(outer.Evidence, &kind); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadStatement, err)
	}
	switch kind.Kind {
	case Page:
		return parsePage(outer.Evidence)
	case Fork:
		return parseFork(outer.Evidence)
	default:
		return nil, bad("evidence of an unknown kind")
	}
}

func parsePage(raw []byte) (*Statement, error) {
	var b pageBody
	if err := decodeExact(pageMode, raw, &b); err != nil {
		return nil, err
	}
	if b.Space == (SpaceID{}) || len(b.Lines) == 0 {
		return nil, bad("an empty page")
	}
	s := &Statement{Kind: Page, Space: b.Space, Lines: make([]Line, 0, len(b.Lines))}
	for _, l := range b.Lines {
		if len(l.Actor) < 1 || len(l.Actor) > MaxActor || l.Seq == 0 {
			return nil, bad("a line of no actor or to nothing")
		}
		s.Lines = append(s.Lines, Line{l.Doc, string(l.Actor), l.Seq})
	}
	for i := 1; i < len(s.Lines); i++ {
		if compareLines(s.Lines[i-1], s.Lines[i]) >= 0 {
			return nil, bad("lines that are not in order")
		}
	}
	return s, nil
}

func compareLines(a, b Line) int {
	if c := bytes.Compare(a.Doc[:], b.Doc[:]); c != 0 {
		return c
	}
	return strings.Compare(a.Actor, b.Actor)
}

func toForkHead(h Head) forkHead {
	return forkHead{
		Actor: []byte(h.Actor), Seq: h.Seq, Hash: h.Hash, Device: h.Device, Nonce: h.Nonce, Sig: h.Sig,
		Import: h.Import, Roster: h.Roster,
	}
}

func (h forkHead) head() Head {
	return Head{
		Actor: string(h.Actor), Seq: h.Seq, Hash: h.Hash, Device: h.Device, Nonce: h.Nonce, Sig: h.Sig,
		Import: h.Import, Roster: h.Roster,
	}
}

func parseFork(raw []byte) (*Statement, error) {
	if len(raw) > MaxStatement {
		return nil, bad("a fork that is too long")
	}
	var b forkBody
	if err := decodeExact(decMode, raw, &b); err != nil {
		return nil, err
	}
	if b.Space == (SpaceID{}) || len(b.Heads) != 2 {
		return nil, bad("a fork of other than two heads")
	}
	s := &Statement{Kind: Fork, Space: b.Space, Doc: b.Doc}
	for _, h := range b.Heads {
		s.Heads = append(s.Heads, h.head())
	}
	s.Parting = Parting{s.Heads[0].Seq, [2][32]byte{s.Heads[0].Hash, s.Heads[1].Hash}}
	if b.Parting != nil {
		s.Parting = Parting{b.Parting.Seq, [2][32]byte{b.Parting.One, b.Parting.Other}}
		if b.Parting.Seq == 0 || b.Parting.Seq >= s.Heads[0].Seq || b.Parting.One == b.Parting.Other {
			return nil, bad("branches that part nowhere below their heads")
		}
	}
	return s, s.checkFork()
}

// checkFork holds that the two heads prove what they are said to.
func (s *Statement) checkFork() error {
	x, y := s.Heads[0], s.Heads[1]
	switch {
	case x.Actor != y.Actor || x.Seq != y.Seq || x.Seq == 0 || x.Device != y.Device:
		return bad("a fork of two actors or numbers")
	case bytes.Compare(x.Hash[:], y.Hash[:]) >= 0:
		return bad("a fork of one change, or out of order")
	}
	for _, h := range s.Heads {
		if err := h.Verify(s.Space, s.Doc); err != nil {
			return err
		}
	}
	return nil
}

// BranchID is the ID of the second document beside one in which an actor has
// numbered two changes alike: hash is that of the change that does not count.
func BranchID(doc [16]byte, actor string, seq uint64, hash [32]byte) [16]byte {
	h := sha256.New()
	h.Write([]byte(labelBranch))
	h.Write(doc[:])
	h.Write([]byte{byte(len(actor))})
	h.Write([]byte(actor))
	h.Write(be64(seq))
	h.Write(hash[:])
	return [16]byte(h.Sum(nil))
}
