package trust

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"starling/sync/identity"
)

// ErrWrongActor says that an actor is not the named device's in the document.
var ErrWrongActor = errors.New("the actor is not the named device's")

// ErrBadRoster says that a head's statements are too many or not in order.
var ErrBadRoster = errors.New("the roster of a head is not in its one form")

// MaxHeadRoster is how many statements a head names at most.
const MaxHeadRoster = 16

// MaxActor is the longest actor of another program in bytes. A device's own has
// 16.
const MaxActor = 64

const (
	labelHead     = "starling/head/1"
	labelImport   = "starling/import/1"
	labelActor    = "starling/actor/1"
	labelDocument = "starling/document/1"
	labelBranch   = "starling/branch/1"

	// Of heads that name a roster.
	labelHead2   = "starling/head/2"
	labelImport2 = "starling/import/2"
)

// Nonce ties an actor to its device, and a document to its founder.
type Nonce [16]byte

// NewNonce draws a nonce.
func NewNonce() (Nonce, error) {
	var n Nonce
	if _, err := rand.Read(n[:]); err != nil {
		return Nonce{}, fmt.Errorf("draw a nonce: %w", err)
	}
	return n, nil
}

// ActorID is the Automerge actor of a device in a document: the first 16 bytes
// of a SHA-256. A second device can't find a nonce that gives it the same actor
// (that takes 2^128 tries), and two actors that one device makes alike by
// search (2^64) are both its own.
func ActorID(device identity.DeviceID, doc [16]byte, nonce Nonce) [16]byte {
	return hash16(labelActor, device[:], doc[:], nonce[:])
}

// DocumentID is the ID of a document that a device founds in a space: the first
// 16 bytes of a SHA-256. Its founding actor uses the same nonce, so of all
// changes that build on nothing exactly one actor's can be the document's
// first, and nobody can begin it a second time and so replace its text.
func DocumentID(space SpaceID, founder identity.DeviceID, nonce Nonce) [16]byte {
	return hash16(labelDocument, space[:], founder[:], nonce[:])
}

func hash16(label string, parts ...[]byte) [16]byte {
	h := sha256.New()
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write(p)
	}
	return [16]byte(h.Sum(nil))
}

// Head is a device's signature over the newest change of an actor. It vouches
// for the actor's changes up to Seq, which the hash chain reaches.
type Head struct {
	// Actor is the raw bytes of an Automerge actor ID.
	Actor  string
	Seq    uint64
	Hash   [32]byte
	Device identity.DeviceID
	// Nonce ties the actor to the device or, in an import head, the document.
	Nonce Nonce
	Sig   []byte
	// Import says that the actor is none of Starling's: it comes from a file
	// with which the device has founded the document.
	Import bool
	// Roster names the statements that the device knew when it signed; all
	// earlier ones follow from them. Sorted, at most [MaxHeadRoster]. It is
	// empty in the heads of version 1.
	Roster []StatementHash
}

// SignHead vouches for the changes of an actor of ours up to seq. roster is
// [Roster.Frontier].
func SignHead(id *identity.Identity, space SpaceID, doc [16]byte, nonce Nonce, seq uint64, hash [32]byte, roster []StatementHash) Head {
	actor := ActorID(id.ID(), doc, nonce)
	h := Head{Actor: string(actor[:]), Seq: seq, Hash: hash, Device: id.ID(), Nonce: nonce, Roster: roster}
	h.Sig = id.Sign(h.message(space, doc))
	return h
}

// SignImportHead vouches for the changes up to seq of an actor of the file that
// doc is founded with. nonce is the one that doc is founded with, by us.
func SignImportHead(id *identity.Identity, space SpaceID, doc [16]byte, nonce Nonce, actor string, seq uint64, hash [32]byte, roster []StatementHash) Head {
	h := Head{Actor: actor, Seq: seq, Hash: hash, Device: id.ID(), Nonce: nonce, Import: true, Roster: roster}
	h.Sig = id.Sign(h.message(space, doc))
	return h
}

// message is what is signed. In a head of our own kind every field has a fixed
// length; in an import head the actor's comes before it, and the roster fills
// the rest. So no two heads have the same message, and the labels keep the kinds
// apart.
func (h Head) message(space SpaceID, doc [16]byte) []byte {
	m := make([]byte, 0, len(labelImport)+1+32+16+1+len(h.Actor)+8+32+32*len(h.Roster))
	m = append(m, h.label()...)
	m = append(m, 1) // version
	m = append(m, space[:]...)
	m = append(m, doc[:]...)
	if h.Import {
		m = append(m, byte(len(h.Actor)))
	}
	m = append(m, h.Actor...)
	m = binary.BigEndian.AppendUint64(m, h.Seq)
	m = append(m, h.Hash[:]...)
	for _, s := range h.Roster {
		m = append(m, s[:]...)
	}
	return m
}

func (h Head) label() string {
	switch {
	case h.Import && len(h.Roster) > 0:
		return labelImport2
	case h.Import:
		return labelImport
	case len(h.Roster) > 0:
		return labelHead2
	default:
		return labelHead
	}
}

func be64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// Verify checks that the actor is the device's, or of the file with which the
// device has founded the document, and that the device signed.
func (h Head) Verify(space SpaceID, doc [16]byte) error {
	if !h.actorFits(space, doc) {
		return fmt.Errorf("head of actor %x: %w", h.Actor, ErrWrongActor)
	}
	if len(h.Roster) > MaxHeadRoster || !ordered(h.Roster) {
		return fmt.Errorf("head of actor %x seq %d: %w", h.Actor, h.Seq, ErrBadRoster)
	}
	if !h.Device.Verify(h.message(space, doc), h.Sig) {
		return fmt.Errorf("head of actor %x seq %d: %w", h.Actor, h.Seq, ErrBadSignature)
	}
	return nil
}

func (h Head) actorFits(space SpaceID, doc [16]byte) bool {
	own := ActorID(h.Device, doc, h.Nonce)
	if !h.Import {
		return h.Actor == string(own[:])
	}
	return len(h.Actor) >= 1 && len(h.Actor) <= MaxActor && h.Actor != string(own[:]) &&
		DocumentID(space, h.Device, h.Nonce) == doc
}

// Founds reports whether the head's actor may make the document's first change.
// The answer is right of a head that was not verified, too.
func (h Head) Founds(space SpaceID, doc [16]byte) bool {
	founder, ok := h.Founder(space, doc)
	return ok && !h.Import && h.Actor == founder
}

// Founder is the actor that the document was founded by, if the head names the
// device and the nonce for that; its own or, in an import head, the one beside it.
func (h Head) Founder(space SpaceID, doc [16]byte) (actor string, ok bool) {
	a := ActorID(h.Device, doc, h.Nonce)
	return string(a[:]), DocumentID(space, h.Device, h.Nonce) == doc
}
