package trust

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"

	"starling/sync/identity"
)

// Secret is what the members of a space share so that they recognise each
// other. It gives no right to anything.
type Secret [32]byte

// NewSecret draws a secret.
func NewSecret() (Secret, error) {
	var s Secret
	if _, err := rand.Read(s[:]); err != nil {
		return Secret{}, fmt.Errorf("draw a secret: %w", err)
	}
	return s, nil
}

const labelSecret = "starling/secret/1"

// Hash tells a renewed secret from others, in the removal that renews it. It is
// zero for the zero secret, which is none.
func (s Secret) Hash() [32]byte {
	if s == (Secret{}) {
		return [32]byte{}
	}
	return sha256.Sum256(append([]byte(labelSecret), s[:]...))
}

// Tag shows on one connection, to one who knows the secret too, that its sender
// knows it: an HMAC-SHA-256 (RFC 2104) over the connection's TLS exporter and
// the sender's ID. To all others it is noise, and it can't be replayed.
type Tag [32]byte

const labelTag = "starling/space/1"

// Tag is what sender shows for the space of this secret.
func (s Secret) Tag(exporter [32]byte, sender identity.DeviceID) Tag {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(labelTag))
	mac.Write(exporter[:])
	mac.Write(sender[:])
	return Tag(mac.Sum(nil))
}

// minTags is how many tags a peer shows at least, so that one who shares
// nothing looks like one who shares a little.
const minTags = 4

// PadTags adds noise up to a power of two and hides the order, so that nobody
// learns how many spaces there are.
func PadTags(tags []Tag) ([]Tag, error) {
	n := minTags
	for n < len(tags) {
		n *= 2
	}
	padded := slices.Clone(tags)
	for len(padded) < n {
		var noise Tag
		if _, err := rand.Read(noise[:]); err != nil {
			return nil, fmt.Errorf("draw noise: %w", err)
		}
		padded = append(padded, noise)
	}
	slices.SortFunc(padded, func(a, b Tag) int { return slices.Compare(a[:], b[:]) })
	return padded, nil
}
