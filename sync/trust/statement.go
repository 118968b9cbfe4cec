package trust

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"starling/sync/identity"
)

// Limits of a statement. They are part of the protocol's version.
const (
	MaxStatement = 8 << 10 // bytes, signature included
	MaxKnown     = 128     // statements named in one
	MaxName      = 64      // code points
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
	// Admit gives a device a role, in place of any that it had.
	Admit Kind = 2
)

// Role is what a member may do.
type Role uint8

// The roles, the mightiest first.
const (
	Owner  Role = 1 // writes, and admits others
	Editor Role = 2 // writes
)

func (r Role) String() string {
	switch r {
	case Owner:
		return "owner"
	case Editor:
		return "editor"
	default:
		return fmt.Sprintf("role %d", uint8(r))
	}
}

// Statement is one signed sentence about a space. It is immutable.
type Statement struct {
	Kind   Kind
	Space  SpaceID // zero in the founding statement, which it names
	Author identity.DeviceID
	// Known are the statements that the author knew and that no other one it
	// knew names: all earlier ones follow from them. Sorted, none twice.
	Known []StatementHash
	// Time is the author's clock, whole seconds since 1970. It labels only.
	Time int64
	// Random makes two spaces of one device and second differ.
	Random [16]byte
	// Name is the space's name in the founding statement, and in the others
	// the subject's, as the author knew it.
	Name    string
	Subject identity.DeviceID
	Role    Role

	hash StatementHash
	raw  []byte
}

// Hash names the statement.
func (s *Statement) Hash() StatementHash { return s.hash }

// Bytes is the statement as it is stored and sent; not to be written to.
func (s *Statement) Bytes() []byte { return s.raw }

const labelStatement = "starling/statement/1"

// signed is the form in which a statement is kept: the body's very bytes and
// the signature over the label and them.
type signed struct {
	Body []byte `cbor:"1,keyasint"`
	Sig  []byte `cbor:"2,keyasint"`
}

type body struct {
	Kind    Kind              `cbor:"1,keyasint"`
	Space   SpaceID           `cbor:"2,keyasint"`
	Author  identity.DeviceID `cbor:"3,keyasint"`
	Known   []StatementHash   `cbor:"4,keyasint"`
	Time    int64             `cbor:"5,keyasint"`
	Random  [16]byte          `cbor:"6,keyasint"`
	Name    string            `cbor:"7,keyasint"`
	Subject identity.DeviceID `cbor:"8,keyasint"`
	Role    Role              `cbor:"9,keyasint"`
}

var (
	encMode = must(encOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 4,
		MaxArrayElements: MaxKnown, MaxMapPairs: 16, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

// encOptions gives each statement one form: of the two for "knows nothing", null
// and the empty list, the list.
func encOptions() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	return o
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // constants of this package, checked by every test
	}
	return v
}

// sign completes a statement.
func sign(id *identity.Identity, s Statement) (*Statement, error) {
	s.Author = id.ID()
	if _, err := rand.Read(s.Random[:]); err != nil {
		return nil, fmt.Errorf("sign a statement: %w", err)
	}
	b, err := encMode.Marshal(s.body())
	if err != nil {
		return nil, fmt.Errorf("encode a statement: %w", err)
	}
	raw, err := encMode.Marshal(signed{b, id.Sign(append([]byte(labelStatement), b...))})
	if err != nil {
		return nil, fmt.Errorf("encode a statement: %w", err)
	}
	return ParseStatement(raw)
}

func (s *Statement) body() body {
	return body{
		s.Kind, s.Space, s.Author, s.Known, s.Time, s.Random,
		s.Name, s.Subject, s.Role,
	}
}

// ParseStatement reads and checks one statement: its one form, its limits and
// its signature. Whether its author might say so is for the [Roster].
func ParseStatement(raw []byte) (*Statement, error) {
	if len(raw) > MaxStatement {
		return nil, fmt.Errorf("%d bytes: %w", len(raw), ErrBadStatement)
	}
	var outer signed
	var b body
	if err := decodeExact(raw, &outer); err != nil {
		return nil, err
	}
	if err := decodeExact(outer.Body, &b); err != nil {
		return nil, err
	}
	if !b.Author.Verify(append([]byte(labelStatement), outer.Body...), outer.Sig) {
		return nil, fmt.Errorf("statement by %v: %w", b.Author, ErrBadSignature)
	}
	s := &Statement{
		b.Kind, b.Space, b.Author, b.Known, b.Time, b.Random, b.Name, b.Subject, b.Role,
		sha256.Sum256(raw), bytes.Clone(raw),
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// decodeExact reads CBOR that must be in the one form that encoding gives.
func decodeExact(raw []byte, v any) error {
	if err := decMode.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%w: %w", ErrBadStatement, err)
	}
	again, err := encMode.Marshal(v)
	if err != nil || !bytes.Equal(raw, again) {
		return fmt.Errorf("not in its one form: %w", ErrBadStatement)
	}
	return nil
}

func (s *Statement) check() error {
	bad := func(why string) error { return fmt.Errorf("%s: %w", why, ErrBadStatement) }
	if utf8.RuneCountInString(s.Name) > MaxName {
		return bad("the name is too long")
	}
	sorted := slices.IsSortedFunc(s.Known, compareHashes)
	if !sorted || len(slices.Compact(slices.Clone(s.Known))) != len(s.Known) {
		return bad("the known statements are not in order")
	}
	switch s.Kind {
	case Found:
		if s.Space != (SpaceID{}) || len(s.Known) > 0 || !s.Subject.IsZero() || s.Role != 0 {
			return bad("a founding that says more than it may")
		}
	case Admit:
		if s.Space == (SpaceID{}) || len(s.Known) == 0 || s.Subject.IsZero() {
			return bad("an admission that says too little")
		}
		if s.Role != Owner && s.Role != Editor {
			return bad("an unknown role")
		}
	default:
		return bad("an unknown kind")
	}
	return nil
}

func compareHashes(a, b StatementHash) int { return bytes.Compare(a[:], b[:]) }
