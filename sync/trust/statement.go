package trust

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"starling/sync/identity"
)

// Limits of a statement. They are part of the protocol's version.
const (
	MaxStatement = 8 << 10  // bytes, signature included
	MaxPage      = 32 << 10 // bytes of a page
	MaxKnown     = 128      // statements named in one
	MaxPages     = 128      // pages named in one
	MaxName      = 64       // code points
)

var (
	// ErrBadStatement says that bytes are not a statement in its one form.
	ErrBadStatement = errors.New("not a valid statement")
	// ErrBadSignature says that a signature is not the named device's.
	ErrBadSignature = errors.New("the signature is not the named device's")
	// ErrBadID says that a text is not the ID of a space.
	ErrBadID = errors.New("not a space ID")
)

// SpaceID names a space: the hash of its founding statement, written as 64
// lower-case hex digits.
type SpaceID [32]byte

// ParseSpaceID reads what [SpaceID.String] wrote.
func ParseSpaceID(s string) (SpaceID, error) {
	var id SpaceID
	if len(s) != hex.EncodedLen(len(id)) {
		return SpaceID{}, fmt.Errorf("space %q: %w", s, ErrBadID)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return SpaceID{}, fmt.Errorf("space %q: %w", s, ErrBadID)
	}
	return id, nil
}

func (id SpaceID) String() string { return hex.EncodeToString(id[:]) }

// Compare orders IDs by their bytes.
func (id SpaceID) Compare(other SpaceID) int { return bytes.Compare(id[:], other[:]) }

// StatementHash is the SHA-256 of a statement's bytes, which names it.
type StatementHash [32]byte

func (h StatementHash) String() string { return hex.EncodeToString(h[:]) }

// Kind is what a statement says.
type Kind uint8

// The kinds of statements.
const (
	// Found begins a space; its author is the first owner.
	Found Kind = 1
	// Admit gives a person a role, in place of any that it had.
	Admit Kind = 2
	// Remove takes a person out of the space, or a device from its person.
	Remove Kind = 3
	// Link says that a device is one more of a person's.
	Link Kind = 4
	// Invite lets whoever holds a secret key be admitted.
	Invite Kind = 5
	// Cancel ends an invitation.
	Cancel Kind = 6
	// Page is a part of the lines of a statement that names it. Nobody signs it.
	Page Kind = 7
	// Fork is two signed heads that give one number to two changes. They are
	// its proof; nobody else signs it.
	Fork Kind = 8
	// Choose says which change of a fork counts.
	Choose Kind = 9
	// Renew says that the space has another secret.
	Renew Kind = 10
)

// Role is what a member may do.
type Role uint8

// The roles, the mightiest first.
const (
	Owner     Role = 1 // writes, and says who belongs
	Editor    Role = 2 // writes
	Commenter Role = 3 // comments and suggests
	Viewer    Role = 4 // reads

	// removed is the role of one who was removed: the least.
	removed Role = 5
)

func (r Role) String() string {
	switch r {
	case Owner:
		return "owner"
	case Editor:
		return "editor"
	case Commenter:
		return "commenter"
	case Viewer:
		return "viewer"
	default:
		return fmt.Sprintf("role %d", uint8(r))
	}
}

// ParseRole reads what [Role.String] wrote of the four roles.
func ParseRole(s string) (Role, bool) {
	for r := Owner; r <= Viewer; r++ {
		if r.String() == s {
			return r, true
		}
	}
	return 0, false
}

// Writes reports whether the role lets one write text.
func (r Role) Writes() bool { return r == Owner || r == Editor }

// Line says up to which number an actor's changes in a document count.
type Line struct {
	Doc [16]byte
	// Actor is the raw bytes of an Automerge actor ID.
	Actor string
	Seq   uint64
}

// Statement is one sentence about a space. It is immutable.
type Statement struct {
	Kind   Kind
	Space  SpaceID           // zero in the founding statement, which it names
	Author identity.DeviceID // zero in pages and forks
	// Known are the statements that the author knew and that no other one it
	// knew names: all earlier ones follow from them. Sorted, none twice.
	Known []StatementHash
	// Time is the author's clock, whole seconds since 1970. It labels only.
	Time int64
	// Random makes two spaces of one device and second differ.
	Random [16]byte
	// Name is the space's name in the founding statement, and in the others
	// the subject's, as the author knew it.
	Name string
	// Subject is the person admitted or removed, or the device removed or
	// linked.
	Subject identity.DeviceID
	Role    Role

	// Pages are the lines of a removal, or of an admission that takes writing
	// away, in order.
	Pages []StatementHash
	// Whole says of a removal that the person goes, with all its devices.
	Whole bool
	// SecretHash is the hash of the space's renewed secret, in a removal or alone.
	SecretHash [32]byte
	// Person is whose device a link's subject becomes; To is the device of
	// that person that the subject has consented to be one with.
	Person, To identity.DeviceID
	Consent    []byte
	// Key is an invitation's public half, Count how many may come by it (0:
	// any number), Expiry until when (seconds since 1970; 0: always).
	Key    [32]byte
	Count  uint32
	Expiry int64
	// Names is the invitation that an admission redeems or a cancellation
	// ends, or the fork that is chosen from.
	Names StatementHash
	// Choice is the hash of the change that counts.
	Choice [32]byte

	// Lines are a page's, by document and actor.
	Lines []Line
	// Doc and Heads are a fork's, the head of the smaller hash first.
	Doc   [16]byte
	Heads []Head
	// Parting is where the two branches differ first, as far as whoever made the
	// statement tells; else what the heads are over.
	Parting Parting

	hash StatementHash
	raw  []byte
}

// Hash names the statement.
func (s *Statement) Hash() StatementHash { return s.hash }

// Bytes is the statement as it is stored and sent; not to be written to.
func (s *Statement) Bytes() []byte { return s.raw }

// evidence reports whether nobody needs to sign it.
func (s *Statement) evidence() bool { return s.Kind == Page || s.Kind == Fork }

func compareHashes(a, b StatementHash) int { return bytes.Compare(a[:], b[:]) }
