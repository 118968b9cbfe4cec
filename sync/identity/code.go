package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// NonceLen is the length of a pairing nonce in bytes.
const NonceLen = 32

const (
	labelCommit = "starling/pair/commit/1"
	labelCode   = "starling/pair/code/1"
)

// Pairing is what both sides know once the nonces are open.
type Pairing struct {
	// Exporter is the TLS exporter (RFC 8446, 7.5) of the connection: it
	// differs on the two legs of anyone in between.
	Exporter             [32]byte
	Requester, Responder DeviceID
	RequesterNonce       [NonceLen]byte
	ResponderNonce       [NonceLen]byte
}

// Commitment is what the requester sends first: it binds its nonce before it
// has seen the other's, so neither side can search for a wanted code.
func Commitment(nonce [NonceLen]byte, requester, responder DeviceID) [32]byte {
	h := sha256.New()
	h.Write([]byte(labelCommit))
	h.Write(nonce[:])
	h.Write(requester[:])
	h.Write(responder[:])
	return [32]byte(h.Sum(nil))
}

// Code is the six digits that both people compare: a stranger in between has
// one guess in a million. (The bias of the modulus over 2^64 is below 10^-13.)
func (p Pairing) Code() string {
	h := sha256.New()
	h.Write([]byte(labelCode))
	h.Write(p.Exporter[:])
	h.Write(p.Requester[:])
	h.Write(p.Responder[:])
	h.Write(p.RequesterNonce[:])
	h.Write(p.ResponderNonce[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(h.Sum(nil))%1_000_000)
}
