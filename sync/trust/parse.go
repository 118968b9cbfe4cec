package trust

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"starling/sync/identity"
)

const labelStatement = "starling/statement/1"

// signed is the form in which a statement is kept: the body's very bytes and
// the signature over the label and them. A page or a fork, which need no
// signature of their own, stand in Evidence instead.
type signed struct {
	Body     []byte `cbor:"1,keyasint,omitempty"`
	Sig      []byte `cbor:"2,keyasint,omitempty"`
	Evidence []byte `cbor:"3,keyasint,omitempty"`
}

// body is what is signed. The first nine fields stand in every statement, as in
// version 1.
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

	Pages      []StatementHash   `cbor:"10,keyasint,omitzero"`
	Whole      bool              `cbor:"11,keyasint,omitzero"`
	SecretHash [32]byte          `cbor:"12,keyasint,omitzero"`
	Person     identity.DeviceID `cbor:"13,keyasint,omitzero"`
	To         identity.DeviceID `cbor:"14,keyasint,omitzero"`
	Consent    []byte            `cbor:"15,keyasint,omitzero"`
	Key        [32]byte          `cbor:"16,keyasint,omitzero"`
	Count      uint32            `cbor:"17,keyasint,omitzero"`
	Expiry     int64             `cbor:"18,keyasint,omitzero"`
	Names      StatementHash     `cbor:"19,keyasint,omitzero"`
	Choice     [32]byte          `cbor:"20,keyasint,omitzero"`
}

var (
	encMode = must(encOptions().EncMode())
	decMode = must(decOptions(MaxKnown).DecMode())
	// kindMode reads one field and passes over the rest.
	kindMode = must(kindOptions().DecMode())
	// pageMode reads pages, which have longer lists.
	pageMode = must(decOptions(maxPageLines).DecMode())
)

func decOptions(elements int) cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 6,
		MaxArrayElements: elements, MaxMapPairs: 24, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}
}

func kindOptions() cbor.DecOptions {
	o := decOptions(maxPageLines)
	o.ExtraReturnErrors = cbor.ExtraDecErrorNone
	return o
}

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
	raw, err := encMode.Marshal(signed{Body: b, Sig: id.Sign(append([]byte(labelStatement), b...))})
	if err != nil {
		return nil, fmt.Errorf("encode a statement: %w", err)
	}
	return ParseStatement(raw)
}

func (s *Statement) body() body {
	return body{
		s.Kind, s.Space, s.Author, s.Known, s.Time, s.Random, s.Name, s.Subject, s.Role,
		s.Pages, s.Whole, s.SecretHash, s.Person, s.To, s.Consent, s.Key, s.Count, s.Expiry,
		s.Names, s.Choice,
	}
}

// ParseStatement reads and checks one statement: its one form, its limits and
// its signatures. Whether its author might say so is for the [Roster].
func ParseStatement(raw []byte) (*Statement, error) {
	if len(raw) > MaxPage {
		return nil, fmt.Errorf("%d bytes: %w", len(raw), ErrBadStatement)
	}
	var outer signed
	if err := decodeExact(decMode, raw, &outer); err != nil {
		return nil, err
	}
	var s *Statement
	var err error
	if outer.Evidence != nil {
		s, err = parseEvidence(&outer)
	} else {
		s, err = parseSigned(raw, &outer)
	}
	if err != nil {
		return nil, err
	}
	s.hash, s.raw = sha256.Sum256(raw), bytes.Clone(raw)
	return s, nil
}

func parseSigned(raw []byte, outer *signed) (*Statement, error) {
	if len(raw) > MaxStatement {
		return nil, fmt.Errorf("%d bytes: %w", len(raw), ErrBadStatement)
	}
	var b body
	if err := decodeExact(decMode, outer.Body, &b); err != nil {
		return nil, err
	}
	if !b.Author.Verify(append([]byte(labelStatement), outer.Body...), outer.Sig) {
		return nil, fmt.Errorf("statement by %v: %w", b.Author, ErrBadSignature)
	}
	s := &Statement{
		Kind: b.Kind, Space: b.Space, Author: b.Author, Known: b.Known, Time: b.Time, Random: b.Random,
		Name: b.Name, Subject: b.Subject, Role: b.Role, Pages: b.Pages, Whole: b.Whole,
		SecretHash: b.SecretHash, Person: b.Person, To: b.To, Consent: b.Consent,
		Key: b.Key, Count: b.Count, Expiry: b.Expiry, Names: b.Names, Choice: b.Choice,
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// decodeExact reads CBOR that must be in the one form that encoding gives.
func decodeExact(mode cbor.DecMode, raw []byte, v any) error {
	if err := mode.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%w: %w", ErrBadStatement, err)
	}
	again, err := encMode.Marshal(v)
	if err != nil || !bytes.Equal(raw, again) {
		return fmt.Errorf("not in its one form: %w", ErrBadStatement)
	}
	return nil
}
