package protocol

import (
	"fmt"
	"math"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// kind is the first byte of a frame.
type kind uint8

const (
	kindUnknown     kind = 0 // answers a kind that the other does not know
	kindHello       kind = 1
	kindTags        kind = 2
	kindRoster      kind = 3
	kindGrant       kind = 4
	kindDigest      kind = 5
	kindVectors     kind = 6
	kindChanges     kind = 7
	kindHave        kind = 8
	kindPresence    kind = 9
	kindPairRequest kind = 10
	kindPairNonce   kind = 11
	kindPairReveal  kind = 12
	kindPairConfirm kind = 13
	kindPairReject  kind = 14
	kindReach       kind = 15
	kindParts       kind = 19
	kindRedeem      kind = 16
	kindRedeemed    kind = 17
	kindKey         kind = 18
	kindSnapshot    kind = 20
	kindFirst       kind = 21
	kindBrief       kind = 22
	kindGot         kind = 23
	kindResume      kind = 24
	kindClaim       kind = 25
	kindHolders     kind = 26
)

// message is one of the structs below. check holds its limits.
type message interface {
	kind() kind
	check() error
}

// unknown says that a message was passed over because its kind is not known.
type unknown struct {
	Kind uint8 `cbor:"1,keyasint"`
}

// hello is the first message of each side.
type hello struct {
	Version uint32   `cbor:"1,keyasint"`
	Name    string   `cbor:"2,keyasint"`
	Colour  string   `cbor:"3,keyasint"`
	Run     [16]byte `cbor:"4,keyasint"` // drawn anew at each start
	// Clock is the sender's, in seconds since 1970, so that a wrong one can be
	// told of; 0 if it does not say.
	Clock int64 `cbor:"5,keyasint,omitempty"`
	// Knows says that the receiver is no stranger to the sender, so that it may
	// bring it into a space: to a stranger that would be too much at once.
	Knows bool `cbor:"6,keyasint,omitempty"`
}

// tags shows which spaces the sender shares with the receiver.
type tags struct {
	Tags []trust.Tag `cbor:"1,keyasint"`
}

// roster carries statements of a space.
type roster struct {
	Space      trust.SpaceID `cbor:"1,keyasint"`
	Statements [][]byte      `cbor:"2,keyasint"`
}

// digest says once what the sender holds of a space, in two hashes.
type digest struct {
	Space     trust.SpaceID `cbor:"1,keyasint"`
	Roster    [32]byte      `cbor:"2,keyasint"`
	Documents [32]byte      `cbor:"3,keyasint"`
}

// entry is one actor's place in a vector. It is a CBOR array of three, since
// there can be thousands in a message.
type entry struct {
	_     struct{} `cbor:",toarray"`
	Actor []byte
	Seq   uint64
	Hash  crdt.Hash
}

// docVector is the vector of one document, or a part of it.
type docVector struct {
	Doc    crdt.DocID `cbor:"1,keyasint"`
	Vector []entry    `cbor:"2,keyasint"`
}

// parts says once, of a space whose digests differ, the sum of each part.
type parts struct {
	Space trust.SpaceID `cbor:"1,keyasint"`
	Sums  [][16]byte    `cbor:"2,keyasint"`
}

// first names documents that are on the sender's screen, and what it holds of
// them, or a part of that.
type first struct {
	Space     trust.SpaceID `cbor:"1,keyasint"`
	Documents []docVector   `cbor:"2,keyasint"`
}

// vectors is a page of what the sender holds of the parts that differ, said
// once; a document of those that is on none of the pages up to the last one is
// not held.
type vectors struct {
	Space     trust.SpaceID `cbor:"1,keyasint"`
	Documents []docVector   `cbor:"2,keyasint"`
	Last      bool          `cbor:"3,keyasint"`
}

// head is a signed head without what its message says already.
type head struct {
	Actor  []byte            `cbor:"1,keyasint"`
	Seq    uint64            `cbor:"2,keyasint"`
	Hash   [32]byte          `cbor:"3,keyasint"`
	Device identity.DeviceID `cbor:"4,keyasint"`
	Nonce  trust.Nonce       `cbor:"5,keyasint"`
	Sig    []byte            `cbor:"6,keyasint"`
	Import bool              `cbor:"7,keyasint,omitempty"`
	Roster [][32]byte        `cbor:"8,keyasint,omitempty"`
}

func toHead(h trust.Head) head {
	out := head{
		Actor: []byte(h.Actor), Seq: h.Seq, Hash: h.Hash, Device: h.Device, Nonce: h.Nonce, Sig: h.Sig, Import: h.Import,
	}
	for _, s := range h.Roster {
		out.Roster = append(out.Roster, s)
	}
	return out
}

func (h head) trust() trust.Head {
	out := trust.Head{
		Actor: string(h.Actor), Seq: h.Seq, Hash: h.Hash,
		Device: h.Device, Nonce: h.Nonce, Sig: h.Sig, Import: h.Import,
	}
	for _, s := range h.Roster {
		out.Roster = append(out.Roster, s)
	}
	return out
}

// changes carries change chunks of one document, each after those it builds on,
// and heads that cover them.
type changes struct {
	Space   trust.SpaceID `cbor:"1,keyasint"`
	Doc     crdt.DocID    `cbor:"2,keyasint"`
	Changes [][]byte      `cbor:"3,keyasint"`
	Heads   []head        `cbor:"4,keyasint"`
	// Line, on the control stream only, numbers what the one head is of; see brief.
	Line uint64 `cbor:"5,keyasint,omitempty"`
}

// have acknowledges what the sender has committed: the entries that are new
// since its last word about the document. If it wants what it lacks, they are
// what it holds, committed or not, as far as they have room: what was sent
// beyond that and beyond what it has acknowledged is to be sent again.
type have struct {
	Space  trust.SpaceID `cbor:"1,keyasint"`
	Doc    crdt.DocID    `cbor:"2,keyasint"`
	Vector []entry       `cbor:"3,keyasint"`
	Want   bool          `cbor:"4,keyasint"`
}

// anchor is a place beside a character, a CBOR array of three. See [crdt.Anchor].
type anchor struct {
	_       struct{} `cbor:",toarray"`
	Actor   []byte
	Counter uint64
	After   bool
}

// presence says where the sender is in a document. End is the other end of the
// selection, nil while nothing is selected. Actor is the sender's, and Seq its
// last change before it was there. Top is where the first row in its view
// starts; a program that is older neither says nor reads it.
type presence struct {
	Space  trust.SpaceID `cbor:"1,keyasint"`
	Doc    crdt.DocID    `cbor:"2,keyasint"`
	Caret  anchor        `cbor:"3,keyasint"`
	End    *anchor       `cbor:"4,keyasint,omitempty"`
	Actor  []byte        `cbor:"5,keyasint,omitempty"`
	Seq    uint64        `cbor:"6,keyasint,omitempty"`
	Typing bool          `cbor:"7,keyasint,omitempty"`
	Gone   bool          `cbor:"8,keyasint,omitempty"`
	Top    *anchor       `cbor:"9,keyasint,omitempty"`
}

// reach names the devices with which the sender is connected, among the members
// of spaces that it shares with the receiver.
type reach struct {
	Devices []identity.DeviceID `cbor:"1,keyasint"`
}

func (*unknown) kind() kind     { return kindUnknown }
func (*hello) kind() kind       { return kindHello }
func (*tags) kind() kind        { return kindTags }
func (*roster) kind() kind      { return kindRoster }
func (*grant) kind() kind       { return kindGrant }
func (*digest) kind() kind      { return kindDigest }
func (*vectors) kind() kind     { return kindVectors }
func (*changes) kind() kind     { return kindChanges }
func (*have) kind() kind        { return kindHave }
func (*presence) kind() kind    { return kindPresence }
func (*reach) kind() kind       { return kindReach }
func (*parts) kind() kind       { return kindParts }
func (*first) kind() kind       { return kindFirst }
func (*pairRequest) kind() kind { return kindPairRequest }
func (*pairNonce) kind() kind   { return kindPairNonce }
func (*pairReveal) kind() kind  { return kindPairReveal }
func (*pairConfirm) kind() kind { return kindPairConfirm }
func (*pairReject) kind() kind  { return kindPairReject }

// newMessage makes an empty message of a kind, or nil for an unknown one.
func newMessage(k kind) message {
	switch k {
	case kindUnknown:
		return new(unknown)
	case kindHello:
		return new(hello)
	case kindTags:
		return new(tags)
	case kindRoster:
		return new(roster)
	case kindGrant:
		return new(grant)
	case kindDigest:
		return new(digest)
	case kindVectors:
		return new(vectors)
	case kindChanges:
		return new(changes)
	case kindHave:
		return new(have)
	case kindPresence:
		return new(presence)
	case kindReach:
		return new(reach)
	case kindParts:
		return new(parts)
	case kindFirst:
		return new(first)
	case kindSnapshot:
		return new(snapshot)
	case kindResume:
		return new(resume)
	case kindBrief:
		return new(brief)
	case kindGot:
		return new(got)
	case kindPairRequest:
		return new(pairRequest)
	case kindPairNonce:
		return new(pairNonce)
	case kindPairReveal:
		return new(pairReveal)
	case kindPairConfirm:
		return new(pairConfirm)
	case kindPairReject:
		return new(pairReject)
	case kindRedeem:
		return new(redeem)
	case kindRedeemed:
		return new(redeemed)
	case kindKey:
		return new(key)
	case kindClaim:
		return new(claim)
	case kindHolders:
		return new(holders)
	default:
		return nil
	}
}

func (*unknown) check() error     { return nil }
func (*digest) check() error      { return nil }
func (*pairRequest) check() error { return nil }
func (*pairNonce) check() error   { return nil }
func (*pairReveal) check() error  { return nil }

func (m *hello) check() error {
	if m.Version != Version {
		return nil // which will be said, and nothing else of it is used
	}
	if !utf8.ValidString(m.Name) || utf8.RuneCountInString(m.Name) > MaxName {
		return fmt.Errorf("name: %w", ErrLimit)
	}
	if len(m.Colour) > MaxColour {
		return fmt.Errorf("colour: %w", ErrLimit)
	}
	return nil
}

func (m *parts) check() error {
	if len(m.Sums) != Parts {
		return fmt.Errorf("%d parts: %w", len(m.Sums), ErrMalformed)
	}
	return nil
}

func (m *first) check() error {
	if err := atMost("documents", len(m.Documents), MaxFirst); err != nil {
		return err
	}
	for _, d := range m.Documents {
		if err := atMost("actors", len(d.Vector), MaxFirstActors); err != nil {
			return err
		}
		if err := checkEntries(d.Vector); err != nil {
			return err
		}
	}
	return nil
}

func (m *tags) check() error  { return atMost("tags", len(m.Tags), MaxTags) }
func (m *reach) check() error { return atMost("devices", len(m.Devices), MaxReach) }

func (m *roster) check() error { return checkStatements(m.Statements) }

func (m *vectors) check() error {
	actors := 0
	for _, d := range m.Documents {
		if err := checkEntries(d.Vector); err != nil {
			return err
		}
		actors += len(d.Vector)
	}
	if err := atMost("actors in a page", actors, MaxActors); err != nil {
		return err
	}
	return atMost("documents", len(m.Documents), MaxVectors)
}

func checkEntries(entries []entry) error {
	for _, e := range entries {
		if err := checkPlace(e.Actor, e.Seq); err != nil {
			return err
		}
	}
	return atMost("actors", len(entries), MaxActors)
}

func checkPlace(actor []byte, seq uint64) error {
	if len(actor) == 0 || len(actor) > crdt.MaxActorLen || seq == 0 {
		return fmt.Errorf("an actor without a place: %w", ErrMalformed)
	}
	return nil
}

func (m *changes) check() error {
	if err := atMost("changes", len(m.Changes), MaxChanges); err != nil {
		return err
	}
	for _, h := range m.Heads {
		if err := checkPlace(h.Actor, h.Seq); err != nil {
			return err
		}
		if len(h.Sig) != 64 {
			return fmt.Errorf("a head without a signature: %w", ErrMalformed)
		}
		if err := atMost("statements of a head", len(h.Roster), trust.MaxHeadRoster); err != nil {
			return err
		}
	}
	return atMost("heads", len(m.Heads), MaxHeads)
}

func (m *have) check() error { return checkEntries(m.Vector) }

func (m *presence) check() error {
	if err := m.Caret.check(); err != nil {
		return err
	}
	for _, a := range []*anchor{m.End, m.Top} {
		if a == nil {
			continue
		}
		if err := a.check(); err != nil {
			return err
		}
	}
	if len(m.Actor) > crdt.MaxActorLen || m.Seq > 0 && len(m.Actor) == 0 {
		return fmt.Errorf("a cursor of nobody: %w", ErrMalformed)
	}
	return nil
}

// check holds that the anchor names an element or, without a name, an end of
// the text. Counters of operations have 32 bits.
func (a anchor) check() error {
	if len(a.Actor) > crdt.MaxActorLen || a.Counter > math.MaxUint32 || (len(a.Actor) == 0) != (a.Counter == 0) {
		return fmt.Errorf("an anchor at nothing: %w", ErrMalformed)
	}
	return nil
}

func atMost(what string, n, limit int) error {
	if n > limit {
		return fmt.Errorf("%d %s, at most %d: %w", n, what, limit, ErrLimit)
	}
	return nil
}

func toAnchor(a crdt.Anchor) anchor {
	return anchor{Actor: []byte(a.Actor), Counter: a.Counter, After: a.After}
}

func (a anchor) crdt() crdt.Anchor {
	return crdt.Anchor{Actor: crdt.ActorID(a.Actor), Counter: a.Counter, After: a.After}
}

func toEntries(v crdt.Vector) []entry {
	entries := make([]entry, 0, len(v))
	for _, actor := range v.Actors() {
		tip := v[actor]
		entries = append(entries, entry{Actor: []byte(actor), Seq: tip.Seq, Hash: tip.Hash})
	}
	return entries
}

func toVector(entries []entry) crdt.Vector {
	v := make(crdt.Vector, len(entries))
	for _, e := range entries {
		v.Advance(crdt.ActorID(e.Actor), crdt.Tip{Seq: e.Seq, Hash: e.Hash})
	}
	return v
}
