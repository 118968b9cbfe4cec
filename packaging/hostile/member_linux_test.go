package hostile

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"starling/crdt"
	"starling/packaging/lab"
)

// member is a device that a person has let into a space.
type member struct {
	device
	space, secret []byte
}

// pairWith makes the victim's person pair with a device that the test is, as the
// real commands do it, and returns what the grant told.
func pairWith(t *testing.T, v *victim, name string) *member {
	t.Helper()
	d := newDevice(t, name)
	l := d.dial(t, v).greet(t)
	defer l.close()
	l.send(t, kindTags, fields{1: [][]byte{}})
	lab.Eventually(t, "the peer knows us", func() bool { return v.Peers()[name].Connected })
	asking := v.Start("pair", d.String(), "--space", v.space)
	l.await(t, pairRequest)
	nonce := make([]byte, 32)
	l.send(t, pairNonce, fields{1: nonce})
	l.await(t, pairReveal)
	l.send(t, pairConfirm, fields{})
	v.Must("pair", "--confirm", asking.Out.Next(t))
	g := l.await(t, kindGrant)
	if code := asking.Wait(); code != 0 {
		t.Fatalf("pair ended with %d: %q", code, asking.Err.All())
	}
	var secrets [][]byte
	g.field(t, 2, &secrets)
	return &member{d, g.bytes(t, 1), secrets[0]}
}

// join connects as a member, until the space is open.
func (m *member) join(t *testing.T, v *victim) *line {
	t.Helper()
	l := m.dial(t, v).greet(t)
	l.send(t, kindTags, fields{1: [][]byte{m.tag(l)}})
	l.await(t, kindDigest)
	return l
}

// tag shows on one connection that the space is known.
func (m *member) tag(l *line) []byte {
	mac := hmac.New(sha256.New, m.secret)
	mac.Write([]byte("starling/space/1"))
	mac.Write(l.exporter)
	mac.Write(m.id())
	return mac.Sum(nil)
}

// fetch says that nothing is held, and returns the changes of a document that
// the peer then sends.
func (m *member) fetch(t *testing.T, v *victim, doc crdt.DocID) (changes []crdt.Change) {
	t.Helper()
	l := m.join(t, v)
	defer l.close()
	nothing := make([]byte, 32)
	l.send(t, kindDigest, fields{1: m.space, 2: nothing, 3: nothing})
	l.send(t, kindParts, fields{1: m.space, 2: slices.Repeat([][]byte{nothing[:16]}, 256)})
	l.send(t, kindVectors, fields{1: m.space, 2: []any{}, 3: true})
	for {
		patience, cancel := context.WithTimeout(t.Context(), lab.Soon)
		s, err := l.conn.AcceptUniStream(patience)
		cancel()
		if err != nil {
			t.Fatalf("waiting for document %v: %v", doc, err)
		}
		_ = s.SetReadDeadline(time.Now().Add(lab.Soon))
		ours := false
		for {
			got, err := read(s)
			if err != nil {
				break // the end of the stream
			}
			if hex.EncodeToString(got.bytes(t, 2)) != doc.String() {
				continue
			}
			ours = true
			var chunks [][]byte
			if err := cbor.Unmarshal(got.m[3], &chunks); err != nil {
				t.Fatal(err)
			}
			for _, chunk := range chunks {
				c, err := crdt.ParseChange(chunk)
				if err != nil {
					t.Fatal(err)
				}
				changes = append(changes, c)
			}
		}
		if ours {
			return changes
		}
	}
}

// hash16 is the start of a SHA-256 over a label and parts.
func hash16(label string, parts ...[]byte) []byte {
	h := sha256.New()
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)[:16]
}

func newNonce(t *testing.T) []byte {
	t.Helper()
	n := make([]byte, 16)
	if _, err := rand.Read(n); err != nil {
		t.Fatal(err)
	}
	return n
}

// actor is the member's in a document, by a nonce.
func (m *member) actor(doc crdt.DocID, nonce []byte) []byte {
	return hash16("starling/actor/1", m.id(), doc[:], nonce)
}

// found names a document that the member founds by a nonce.
func (m *member) found(nonce []byte) crdt.DocID {
	return crdt.DocID(hash16("starling/document/1", m.space, m.id(), nonce))
}

// head signs that a change is the member's.
func (m *member) head(doc crdt.DocID, nonce []byte, seq uint64, hash [32]byte) fields {
	actor := m.actor(doc, nonce)
	return fields{1: actor, 2: seq, 3: hash[:], 4: m.id(), 5: nonce, 6: m.sign("starling/head/1", doc, actor, seq, hash)}
}

// importHead signs that a change is of the file that the member has founded the
// document with.
func (m *member) importHead(doc crdt.DocID, nonce, actor []byte, seq uint64, hash [32]byte) fields {
	named := append([]byte{byte(len(actor))}, actor...)
	return fields{
		1: actor, 2: seq, 3: hash[:], 4: m.id(), 5: nonce, 7: true,
		6: m.sign("starling/import/1", doc, named, seq, hash),
	}
}

func (m *member) sign(label string, doc crdt.DocID, actor []byte, seq uint64, hash [32]byte) []byte {
	msg := append([]byte(label), 1)
	msg = append(append(append(msg, m.space...), doc[:]...), actor...)
	msg = binary.BigEndian.AppendUint64(msg, seq)
	return ed25519.Sign(m.key, append(msg, hash[:]...))
}

// offer sends changes and heads of a document.
func (m *member) offer(t *testing.T, l *line, doc crdt.DocID, chunks [][]byte, heads ...fields) {
	t.Helper()
	l.send(t, kindChanges, fields{1: m.space, 2: doc[:], 3: chunks, 4: heads})
}

// hashOf is what a chunk would be named, whatever it is.
func hashOf(chunk []byte) [32]byte { return sha256.Sum256(chunk[min(8, len(chunk)):]) }
