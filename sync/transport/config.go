package transport

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
)

// ALPN names the protocol in the handshake (RFC 7301). Another protocol version
// gets another name.
const ALPN = "starling/1"

const (
	// IdleTimeout is after how long a silent peer counts as gone. It runs from
	// the first packet sent into the silence (RFC 9000, 10.1), at the latest
	// the keep-alive, so a dead peer is noticed within 9 s.
	IdleTimeout = 7 * time.Second
	// KeepAlive is how often an idle connection shows that it lives. It leaves
	// room for two lost packets within IdleTimeout.
	KeepAlive = 2 * time.Second
	// handshakeTimeout is after how long of silence a handshake is given up,
	// and crowdedTimeout while many are open.
	handshakeTimeout = 5 * time.Second
	crowdedTimeout   = time.Second
	// maxStreams and maxReceives bound the streams that a peer has open at
	// once, bidirectional and unidirectional.
	maxStreams  = 16
	maxReceives = 64
)

const (
	// streamWindow and connWindow are how many bytes a peer may send at first
	// that nobody has read: what 32 strangers send and we never read stays below
	// 2 MB. QUIC widens them for one whose bytes are read.
	streamWindow = 32 << 10
	connWindow   = 64 << 10
)

// packetSize is how many bytes a datagram holds at most: the least that every network
// for QUIC carries (RFC 9000, 14). Longer ones are not tried: quic-go finds out what
// arrives, and never that it has stopped to, as where a link's MTU is lowered or a
// connection goes on over another link (RFC 8899, 4.3, calls that a black hole).
const packetSize = 1200

// connIDLen is the length of a connection ID in bytes: long enough that none
// comes back, since a reset token follows from its connection ID.
const connIDLen = 8

// labelReset separates the reset key from all else that the device signs.
const labelReset = "starling/quic/reset/1"

var (
	// ErrWrongDevice says that another device than the wanted one answered.
	ErrWrongDevice = errors.New("another device answered")
	// ErrSelf says that this device was about to connect to itself.
	ErrSelf = errors.New("this is the device itself")
	// ErrClosed says that the endpoint has been closed.
	ErrClosed = errors.New("the endpoint is closed")
	// ErrNotLocal says that an address is not on this network and was not
	// allowed.
	ErrNotLocal = errors.New("the address is not on this network")
	// ErrNoAddress says that there is no address to dial.
	ErrNoAddress = errors.New("no address to dial")

	errProtocol = errors.New("the peer speaks another protocol")
	errFull     = errors.New("too many strangers")
)

// Config is what an endpoint needs.
type Config struct {
	// Identity is this device. Required.
	Identity *identity.Identity
	// Links tells what is on this network. Packets are exchanged with such
	// addresses alone, unless [Endpoint.Allow] names others. Nil knows loopback
	// and link-local addresses.
	Links Links
	// Known reports whether a device is no stranger: only strangers are limited
	// in number. It is called from several goroutines and must not call the
	// endpoint. Nil knows nobody.
	Known func(identity.DeviceID) bool
	// Logger gets failed handshakes; nil discards.
	Logger *slog.Logger
}

func quicConfig() *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout:  handshakeTimeout,
		MaxIdleTimeout:        IdleTimeout,
		KeepAlivePeriod:       KeepAlive,
		MaxIncomingStreams:    maxStreams,
		MaxIncomingUniStreams: maxReceives,
		EnableDatagrams:       true, // for Probe
		InitialPacketSize:     packetSize,

		DisablePathMTUDiscovery: true,

		InitialStreamReceiveWindow:     streamWindow,
		InitialConnectionReceiveWindow: connWindow,
	}
}

// tlsConfig pins the peer to want, or to any device but this one if want is
// zero. The same serves to listen and to dial.
func tlsConfig(cert tls.Certificate, own, want identity.DeviceID) *tls.Config {
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		NextProtos:             []string{ALPN},
		MinVersion:             tls.VersionTLS13,
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true, // no authority vouches for a device: verify is our own check
		SessionTicketsDisabled: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verify(state, own, want)
		},
	}
}

// verify checks whom the peer's certificate names. TLS calls it before the peer
// has proved that it holds the key; a handshake without that proof fails after.
func verify(state tls.ConnectionState, own, want identity.DeviceID) error {
	if state.Version != tls.VersionTLS13 || state.NegotiatedProtocol != ALPN || state.DidResume {
		return errProtocol
	}
	id, err := identity.FromTLS(state)
	if err != nil {
		return err
	}
	if id == own {
		return ErrSelf
	}
	if !want.IsZero() && id != want {
		return fmt.Errorf("%w: %s", ErrWrongDevice, id)
	}
	return nil
}

// resetKey lets a device that crashed tell its old peers so (RFC 9000, 10.3):
// it follows from the device's key and is the same after a restart.
func resetKey(id *identity.Identity) *quic.StatelessResetKey {
	key := quic.StatelessResetKey(sha256.Sum256(id.Sign([]byte(labelReset))))
	return &key
}
