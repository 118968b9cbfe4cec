package crdt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrBadID says that a text is not the name of a document, an actor or a
// change.
var ErrBadID = errors.New("not a valid ID")

// DocID names a document: 16 bytes, written as 32 lower-case hex digits.
type DocID [16]byte

// ParseDocID reads what [DocID.String] wrote.
func ParseDocID(s string) (DocID, error) {
	var id DocID
	if err := parseHex(id[:], s); err != nil {
		return DocID{}, fmt.Errorf("document %q: %w", s, err)
	}
	return id, nil
}

func (id DocID) String() string { return hex.EncodeToString(id[:]) }

// Compare orders IDs by their bytes.
func (id DocID) Compare(other DocID) int { return bytes.Compare(id[:], other[:]) }

// MaxActorLen is the longest actor ID in bytes. Ours have 16; other Automerge
// programs choose their own length.
const MaxActorLen = 64

// ActorID names who made a change inside a document: the raw bytes of an
// Automerge actor ID, 1 to [MaxActorLen] of them. It is a string so that it
// can key a map.
type ActorID string

func (a ActorID) String() string { return hex.EncodeToString([]byte(a)) }

// Hash is the SHA-256 of a change chunk, which names the change.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Compare orders hashes by their bytes.
func (h Hash) Compare(other Hash) int { return bytes.Compare(h[:], other[:]) }

func parseHex(dst []byte, s string) error {
	if len(s) != hex.EncodedLen(len(dst)) {
		return ErrBadID
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return ErrBadID
	}
	return nil
}
