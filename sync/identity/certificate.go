package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// ErrBadCertificate says that a peer's certificate does not show an Ed25519 key.
var ErrBadCertificate = errors.New("the peer's certificate shows no device ID")

// Certificate is a self-signed certificate (RFC 5280) whose only message is the
// device's public key. Its dates are wide: neighbours' clocks can't be trusted,
// and nothing reads them.
func (i *Identity) Certificate() (tls.Certificate, error) {
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, i.key.Public(), i.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: i.key}, nil
}

// FromTLS is the device that a finished handshake has proved: the peer showed
// exactly one certificate, with an Ed25519 key. It fails with [ErrBadCertificate].
func FromTLS(state tls.ConnectionState) (DeviceID, error) {
	if len(state.PeerCertificates) != 1 {
		return DeviceID{}, ErrBadCertificate
	}
	key, ok := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PublicKeySize {
		return DeviceID{}, ErrBadCertificate
	}
	id := DeviceID(key)
	if id.IsZero() { // stands for "no device" everywhere; and anyone could sign for it
		return DeviceID{}, ErrBadCertificate
	}
	return id, nil
}
