package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"
)

func TestCertificateShowsTheDevice(t *testing.T) {
	id := newIdentity(t)
	cert, err := id.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.CheckSignature(parsed.SignatureAlgorithm, parsed.RawTBSCertificate, parsed.Signature); err != nil {
		t.Errorf("the certificate does not sign itself: %v", err)
	}
	got, err := FromTLS(tls.ConnectionState{PeerCertificates: []*x509.Certificate{parsed}})
	if err != nil || got != id.ID() {
		t.Errorf("%s, %v", got, err)
	}
}

func TestHandshakeProvesBothDevices(t *testing.T) {
	client, server := newIdentity(t), newIdentity(t)
	c, s := net.Pipe()
	defer c.Close()
	defer s.Close()
	there := tls.Server(s, config(t, server))
	done := make(chan error, 1)
	go func() { done <- there.HandshakeContext(t.Context()) }()
	here := tls.Client(c, config(t, client))
	if err := here.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got, err := FromTLS(here.ConnectionState()); err != nil || got != server.ID() {
		t.Errorf("the client sees %s, %v", got, err)
	}
	if got, err := FromTLS(there.ConnectionState()); err != nil || got != client.ID() {
		t.Errorf("the server sees %s, %v", got, err)
	}
}

func config(t *testing.T, id *Identity) *tls.Config {
	t.Helper()
	cert, err := id.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		MinVersion:             tls.VersionTLS13,
		InsecureSkipVerify:     true,
		ClientAuth:             tls.RequireAnyClientCert,
		SessionTicketsDisabled: true, // a ticket would wait for a reader of the pipe
	}
}

func TestFromTLSRefuses(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	with := func(keys ...crypto.PublicKey) []*x509.Certificate {
		var certs []*x509.Certificate
		for _, key := range keys {
			certs = append(certs, &x509.Certificate{PublicKey: key})
		}
		return certs
	}
	good := ed25519.PublicKey(newIdentity(t).id[:])
	if _, err := FromTLS(tls.ConnectionState{PeerCertificates: with(good)}); err != nil {
		t.Fatal(err)
	}
	for name, certs := range map[string][]*x509.Certificate{
		"none":      nil,
		"two":       with(good, good),
		"ECDSA":     with(ec.Public()),
		"no key":    with(nil),
		"short key": with(good[:31]),
		"zero key":  with(make(ed25519.PublicKey, ed25519.PublicKeySize)),
	} {
		t.Run(name, func(t *testing.T) {
			id, err := FromTLS(tls.ConnectionState{PeerCertificates: certs})
			if !errors.Is(err, ErrBadCertificate) || !id.IsZero() {
				t.Errorf("%s, %v", id, err)
			}
		})
	}
}
