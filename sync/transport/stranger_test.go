package transport

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
)

// selfSigned is a certificate with a key of any kind.
func selfSigned(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// strangers are TLS sides that must not get in.
func strangers(t *testing.T) map[string]*tls.Config {
	t.Helper()
	good := must[tls.Certificate](t)(newIdentity(t).Certificate())
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	side := func(alpn string, certs ...tls.Certificate) *tls.Config {
		return &tls.Config{
			Certificates:       certs,
			NextProtos:         []string{alpn},
			InsecureSkipVerify: true,
			ClientAuth:         tls.RequestClientCert,
		}
	}
	chain := good
	chain.Certificate = append(chain.Certificate[:1:1], chain.Certificate[0])
	stolen := good // shows a key that it does not hold
	stolen.PrivateKey = edKey
	return map[string]*tls.Config{
		"other protocol":        side("starling/2", good),
		"RSA key":               side(ALPN, selfSigned(t, must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048)))),
		"ECDSA key":             side(ALPN, selfSigned(t, must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)))),
		"two certificates":      side(ALPN, chain),
		"somebody else's key":   side(ALPN, stolen),
		"no certificate at all": side(ALPN),
	}
}

// rawTransport is quic-go without our rules.
func rawTransport(t *testing.T) *quic.Transport {
	t.Helper()
	s, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	tr := &quic.Transport{Conn: s}
	t.Cleanup(func() { tr.Close(); s.Close() })
	return tr
}

func TestStrangersDoNotGetIn(t *testing.T) {
	e := open(t, "127.0.0.1:0")
	for name, conf := range strangers(t) {
		t.Run(name, func(t *testing.T) {
			c, err := rawTransport(t).Dial(short(t), net.UDPAddrFromAddrPort(e.Addr()), conf, nil)
			if err == nil { // its own handshake may end before we have looked
				select {
				case <-c.Context().Done():
					err = context.Cause(c.Context())
				case <-short(t).Done():
					t.Fatal("the connection stays")
				}
			}
			if _, is := errors.AsType[*quic.TransportError](err); !is && name != "somebody else's key" {
				t.Errorf("ended with %v", err)
			}
		})
	}
	// None of them waits in the queue before a device that may come in.
	if _, got := pair(t, open(t, "127.0.0.1:0"), e); got.Context().Err() != nil {
		t.Error("a stranger was accepted")
	}
}

func TestStrangersAreNotReached(t *testing.T) {
	e := open(t, "127.0.0.1:0")
	for name, conf := range strangers(t) {
		if len(conf.Certificates) == 0 {
			continue // TLS itself does not let a server do so
		}
		t.Run(name, func(t *testing.T) {
			l, err := rawTransport(t).Listen(conf, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Dial(short(t), addrPort(l.Addr()), identity.DeviceID{})
			if err == nil {
				t.Fatal("connected")
			}
			if code, _, ok := CodeOf(err); !ok || code != Refused && code != Version && code != Internal {
				t.Errorf("%v: %v", code, err)
			}
		})
	}
}

// countingCache counts the session tickets that a server gives out.
type countingCache struct{ puts atomic.Int32 }

func (c *countingCache) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (c *countingCache) Put(string, *tls.ClientSessionState)        { c.puts.Add(1) }

func TestNoSessionTickets(t *testing.T) {
	e := open(t, "127.0.0.1:0")
	var cache countingCache
	conf := tlsConfig(must[tls.Certificate](t)(newIdentity(t).Certificate()), identity.DeviceID{}, e.id)
	conf.SessionTicketsDisabled = false
	conf.ClientSessionCache = &cache
	c, err := rawTransport(t).Dial(short(t), net.UDPAddrFromAddrPort(e.Addr()), conf, nil)
	if err != nil {
		t.Fatal(err)
	}
	there, err := e.Accept(short(t))
	if err != nil {
		t.Fatal(err)
	}
	// A ticket would come before the first stream.
	s, err := there.OpenSend(short(t))
	if err != nil {
		t.Fatal(err)
	}
	send(t, s, "hello")
	if _, err := c.AcceptUniStream(short(t)); err != nil {
		t.Fatal(err)
	}
	if n := cache.puts.Load(); n != 0 {
		t.Errorf("%d tickets", n)
	}
	if state := c.ConnectionState(); state.TLS.DidResume || state.Used0RTT {
		t.Error("resumed")
	}
}
