package hostile

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/quic-go/quic-go"

	"starling/packaging/lab"
)

// version is the protocol's.
const version = 2

// The kinds of frames, as starling/sync tells them.
const (
	kindUnknown, kindHello, kindTags, kindRoster, kindGrant = 0, 1, 2, 3, 4
	kindDigest, kindVectors, kindChanges, kindHave          = 5, 6, 7, 8
	kindPresence, kindReach                                 = 9, 15
	kindRedeem, kindRedeemed, kindKey, kindParts            = 16, 17, 18, 19
	kindSnapshot, kindFirst, kindBrief, kindGot, kindResume = 20, 21, 22, 23, 24
	pairRequest, pairNonce, pairReveal, pairConfirm         = 10, 11, 12, 13
)

// fields is a message: a map with small integer keys.
type fields map[int]any

// device is a device without a program behind it.
type device struct {
	key  ed25519.PrivateKey
	name string
}

func newDevice(t *testing.T, name string) device {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return device{key, name}
}

func (d device) id() []byte     { return d.key.Public().(ed25519.PublicKey) }
func (d device) String() string { return hex.EncodeToString(d.id()) }

// line is a connection to a peer and its control stream.
type line struct {
	device
	conn     *quic.Conn
	control  *quic.Stream
	exporter []byte
	peer     []byte
}

// config is how the device shakes hands.
func (d device) config(t *testing.T) *tls.Config {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, d.key.Public(), d.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates:       []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: d.key}},
		NextProtos:         []string{"starling/1"},
		InsecureSkipVerify: true,
	}
}

// dial connects, and says nothing yet.
func (d device) dial(t *testing.T, v *victim) *line {
	t.Helper()
	conn, err := quic.DialAddr(t.Context(), v.Addr, d.config(t), &quic.Config{
		InitialConnectionReceiveWindow: 32 << 20, // streams that a test does not read keep no other one waiting
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseWithError(0, "") })
	state := conn.ConnectionState().TLS
	exporter, err := state.ExportKeyingMaterial("EXPORTER-starling-1", nil, 32)
	if err != nil {
		t.Fatal(err)
	}
	control, err := conn.OpenStreamSync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &line{d, conn, control, exporter, state.PeerCertificates[0].PublicKey.(ed25519.PublicKey)}
}

// greet says hello as a program that was just started.
func (l *line) greet(t *testing.T) *line {
	t.Helper()
	run := make([]byte, 16)
	if _, err := rand.Read(run); err != nil {
		t.Fatal(err)
	}
	l.send(t, kindHello, fields{1: version, 2: l.name, 3: "", 4: run})
	l.await(t, kindTags)
	return l
}

// frame is length, kind and map.
func frame(t *testing.T, kind byte, m fields) []byte {
	t.Helper()
	body, err := cbor.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	return append(append(out, kind), body...)
}

// send writes a message to the control stream. The peer may have hung up.
func (l *line) send(t *testing.T, kind byte, m fields) {
	t.Helper()
	l.write(frame(t, kind, m))
}

func (l *line) write(p []byte) {
	_ = l.control.SetWriteDeadline(time.Now().Add(lab.Soon))
	_, _ = l.control.Write(p)
}

// message is what came.
type message struct {
	kind byte
	m    map[int]cbor.RawMessage
}

func (m message) bytes(t *testing.T, key int) []byte {
	t.Helper()
	var b []byte
	m.field(t, key, &b)
	return b
}

func (m message) field(t *testing.T, key int, into any) {
	t.Helper()
	if err := cbor.Unmarshal(m.m[key], into); err != nil {
		t.Fatalf("field %d of message %d: %v", key, m.kind, err)
	}
}

// read reads one frame.
func read(r io.Reader) (message, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return message{}, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head)-1)
	if _, err := io.ReadFull(r, body); err != nil {
		return message{}, err
	}
	m := message{kind: head[4]}
	return m, cbor.Unmarshal(body, &m.m)
}

// await reads the control stream up to a message of a kind.
func (l *line) await(t *testing.T, kind byte) message {
	t.Helper()
	_ = l.control.SetReadDeadline(time.Now().Add(lab.Soon))
	for {
		m, err := read(l.control)
		if err != nil {
			t.Fatalf("waiting for message %d: %v", kind, err)
		}
		if m.kind == kind {
			return m
		}
	}
}

// heard reads what the peer says until it hangs up or is silent for a while, and
// returns the kinds of its messages.
func (l *line) heard(silence time.Duration) (kinds []byte) {
	for {
		_ = l.control.SetReadDeadline(time.Now().Add(silence))
		m, err := read(l.control)
		if err != nil {
			return kinds
		}
		kinds = append(kinds, m.kind)
	}
}

// settled waits until the peer has done what it does about all that was said, and
// reports whether it has hung up.
func (l *line) settled(t *testing.T) bool {
	t.Helper()
	const nobodys = 200 // an unknown message is answered, after those before it
	l.send(t, nobodys, fields{})
	_ = l.control.SetReadDeadline(time.Now().Add(lab.Soon))
	for {
		m, err := read(l.control)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the peer neither answers nor hangs up")
		}
		if err != nil || m.kind == kindUnknown {
			return err != nil
		}
	}
}

// ended waits until the peer has hung up.
func (l *line) ended(within time.Duration) bool {
	select {
	case <-l.conn.Context().Done():
		return true
	case <-time.After(within):
		return false
	}
}

// why is what the peer said when it hung up.
func (l *line) why() error { return context.Cause(l.conn.Context()) }

func (l *line) close() { _ = l.conn.CloseWithError(0, "") }
