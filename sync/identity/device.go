package identity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrBadID says that a text or a key is not a device ID.
var ErrBadID = errors.New("not a device ID")

// TagLen is the length of a [DeviceID.Tag].
const TagLen = 16

// DeviceID is a device's Ed25519 public key (RFC 8032), written as 64
// lower-case hex digits. It is the device's name wherever names must be sure.
type DeviceID [ed25519.PublicKeySize]byte

// ParseDeviceID reads what [DeviceID.String] wrote, and nothing else. It fails
// with [ErrBadID].
func ParseDeviceID(s string) (DeviceID, error) {
	var id DeviceID
	if len(s) != hex.EncodedLen(len(id)) {
		return DeviceID{}, fmt.Errorf("device %q: %w", s, ErrBadID)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return DeviceID{}, fmt.Errorf("device %q: %w", s, ErrBadID)
	}
	return id, nil
}

func (id DeviceID) String() string { return hex.EncodeToString(id[:]) }

// Tag is the start of the ID, [TagLen] hex digits, as neighbours announce it.
// It is a hint: only a handshake proves an ID.
func (id DeviceID) Tag() string { return id.String()[:TagLen] }

// IsZero reports whether the ID has not been set.
func (id DeviceID) IsZero() bool { return id == DeviceID{} }

// Compare orders IDs by their bytes.
func (id DeviceID) Compare(other DeviceID) int { return bytes.Compare(id[:], other[:]) }

// Verify reports whether sig is this device's signature over msg.
func (id DeviceID) Verify(msg, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && ed25519.Verify(id[:], msg, sig)
}
