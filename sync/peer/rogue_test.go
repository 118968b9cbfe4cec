package peer_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/protocol"
	"starling/sync/transport"
	"starling/sync/trust"
)

// dialRaw connects to p without a peer behind it.
func dialRaw(t *testing.T, id *identity.Identity, p *peer.Peer) *transport.Conn {
	t.Helper()
	e, err := transport.Listen(transport.Config{Identity: id}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	conn, err := e.Dial(t.Context(), netip.MustParseAddrPort(status(t, p).Listen[0]), p.ID())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func endedWith(t *testing.T, conn *transport.Conn) transport.Code {
	t.Helper()
	eventually(t, "the connection ends", func() bool { return conn.Context().Err() != nil })
	code, _, remote, err := conn.Cause()
	if !remote {
		t.Fatalf("it ended here: %v", err)
	}
	return code
}

// A stranger that speaks nonsense is told so and hung up on; the peer goes on.
func TestNonsenseFromAStrangerEndsItsSession(t *testing.T) {
	p := start(t, "Ada")
	hello := []byte{0, 0, 0, 1, 1}
	tests := []struct {
		name string
		send []byte
		want transport.Code
	}{
		{"not a frame", []byte("GET / HTTP/1.1\r\n\r\n"), transport.Limit},
		{"an empty frame", []byte{0, 0, 0, 0, 1}, transport.Malformed},
		{"an empty hello", hello, transport.Malformed},
		{"changes before the hello", []byte{0, 0, 0, 2, 7, 0xa0}, transport.Malformed},
		{"a frame of 2 GB", []byte{0x7f, 0xff, 0xff, 0xff, 1}, transport.Limit},
		{"another version", append([]byte{0, 0, 0, 7, 1}, 0xa1, 1, 0x19, 3, 0xe7, 0), transport.Malformed},
		{"version 1", append([]byte{0, 0, 0, 4, 1}, 0xa1, 1, 1), transport.Version},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := identity.New()
			if err != nil {
				t.Fatal(err)
			}
			conn := dialRaw(t, id, p)
			s, err := conn.OpenStream(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Write(tt.send); err != nil {
				t.Fatal(err)
			}
			if got := endedWith(t, conn); got != tt.want {
				t.Errorf("closed with %v, want %v", got, tt.want)
			}
		})
	}
}

// rogue is a host that offers bytes of its own as the changes of a document. It
// stands in for a member's program that someone has changed.
type rogue struct {
	protocol.Host
	id     *identity.Identity
	space  store.Space
	doc    crdt.DocID
	vector crdt.Vector
	chunk  []byte
	heads  []trust.Head
}

func (r *rogue) Profile() protocol.Profile                            { return protocol.Profile{Name: "Mallory"} }
func (r *rogue) Introduced(*protocol.Session, protocol.Profile) error { return nil }
func (r *rogue) Opened(*protocol.Session, trust.SpaceID)              {}
func (r *rogue) Statements(trust.SpaceID) [][]byte                    { return nil }
func (r *rogue) RosterDigest(trust.SpaceID) [32]byte                  { return [32]byte{} }
func (r *rogue) Committed(trust.SpaceID, crdt.DocID) crdt.Vector      { return r.vector }
func (r *rogue) Presence(identity.DeviceID, protocol.Presence)        {}
func (r *rogue) PairingChanged(*protocol.Session, protocol.Pairing)   {}
func (r *rogue) Paired(identity.DeviceID) bool                        { return true }
func (r *rogue) MayPair(*protocol.Session) (bool, time.Duration)      { return false, 0 }
func (r *rogue) Spaces(identity.DeviceID) []protocol.Space {
	return []protocol.Space{{ID: r.space.ID, Secrets: []trust.Secret{trust.Secret(r.space.Secrets[0])}, Member: true}}
}

func (r *rogue) TakeStatements(context.Context, identity.DeviceID, trust.SpaceID, [][]byte) error {
	return nil
}

func (r *rogue) Snapshot(context.Context, trust.SpaceID, crdt.DocID) (protocol.Snapshot, error) {
	return protocol.Snapshot{}, nil
}

func (r *rogue) TakePiece(context.Context, protocol.Piece) (crdt.Vector, error) { return nil, nil }
func (r *rogue) Pieces(trust.SpaceID) []protocol.Piece                          { return nil }
func (r *rogue) First(trust.SpaceID) []crdt.DocID                               { return nil }
func (r *rogue) Compared(identity.DeviceID, trust.SpaceID, protocol.View)       {}
func (r *rogue) Holding(context.Context, trust.SpaceID) (*protocol.Holding, error) {
	return (*protocol.Holding)(nil).With(map[crdt.DocID]crdt.Vector{r.doc: r.vector}), nil
}

func (r *rogue) ChangesSince(_ context.Context, _ trust.SpaceID, _ crdt.DocID, _ crdt.Vector, yield func(crdt.Change) error) error {
	actor := r.vector.Actors()[0] // whoever wrote the chunk, the head goes along
	return yield(crdt.Change{Actor: actor, Seq: r.vector[actor].Seq, Bytes: r.chunk})
}

func (r *rogue) HeadsSince(context.Context, trust.SpaceID, crdt.DocID, crdt.Vector) ([]trust.Head, error) {
	return r.heads, nil
}

func (r *rogue) Receive(context.Context, protocol.Received) (crdt.Vector, error) { return nil, nil }

func (r *rogue) Acknowledged(identity.DeviceID, trust.SpaceID, crdt.DocID, crdt.Vector) {}

func (r *rogue) AskedHolders() {}

func (r *rogue) Holders(identity.DeviceID, trust.SpaceID, crdt.DocID, [32]byte, []identity.DeviceID) {
}

// member makes a device that belongs to a space of p's, and returns its key and
// what its store holds of the space.
func member(t *testing.T, p *peer.Peer, space peer.SpaceID) (*identity.Identity, store.Space) {
	t.Helper()
	home := t.TempDir()
	m := open(t, home, "Mallory")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	eventually(t, "running", func() bool { return status(t, m).Running })
	connect(t, m, p)
	pair(t, p, m, space)
	eventually(t, "in the space", func() bool { return status(t, m).Spaces == 1 })
	cancel()
	if err := errors.Join(<-done, m.Close()); err != nil {
		t.Fatal(err)
	}
	id, err := identity.Load(home)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), home, store.Options{Expand: crdt.Expand})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	spaces, err := st.Spaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatalf("%v, %v", spaces, err)
	}
	return id, spaces[0]
}

// offer lets the rogue show its bytes to p, signed as its own, and waits for
// the end.
func (r *rogue) offer(t *testing.T, p *peer.Peer, c crdt.Change, nonce trust.Nonce) transport.Code {
	t.Helper()
	r.vector = crdt.Vector{c.Actor: {Seq: c.Seq, Hash: c.Hash}}
	r.heads = []trust.Head{trust.SignHead(r.id, r.space.ID, r.doc, nonce, max(c.Seq, 1), c.Hash, nil)}
	conn := dialRaw(t, r.id, p)
	s := protocol.NewSession(r.id.ID(), peer.Wire(conn), r, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	code := endedWith(t, conn)
	<-done
	return code
}

// What kills the C library comes from a paired member, with its signature: the
// session ends, nothing of it is kept, and the peer lives on.
func TestHostileBytesFromAMember(t *testing.T) {
	files, err := filepath.Glob("../../crdt/format/testdata/hostile/*.bin")
	if err != nil || len(files) == 0 {
		t.Fatalf("no hostile files: %v", err)
	}
	p := start(t, "Ada")
	space := newSpace(t, p)
	doc := newDoc(t, p, space, "safe\n")
	id, sp := member(t, p, space)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			chunk, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			nonce, err := trust.NewNonce()
			if err != nil {
				t.Fatal(err)
			}
			r := &rogue{id: id, space: sp, doc: doc, chunk: chunk}
			actor := trust.ActorID(id.ID(), doc, nonce)
			c := crdt.Change{Actor: crdt.ActorID(actor[:]), Seq: 1, Hash: sha256.Sum256(chunk[min(8, len(chunk)):])}
			if got := r.offer(t, p, c, nonce); got != transport.Malformed {
				t.Errorf("closed with %v, want malformed", got)
			}
			if got := text(t, p, doc); got != "safe\n" {
				t.Errorf("the text is %q", got)
			}
		})
	}
}

// A member may not begin a document that another has founded, nor speak for
// another's actor.
func TestAMemberCannotReplaceATextOrSpeakForAnother(t *testing.T) {
	p := start(t, "Ada")
	space := newSpace(t, p)
	doc := newDoc(t, p, space, "safe\n")
	id, sp := member(t, p, space)
	nonce, err := trust.NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	actor := trust.ActorID(id.ID(), doc, nonce)
	forged, err := crdt.Open(crdt.Config{ID: doc, Actor: crdt.ActorID(actor[:])})
	if err != nil {
		t.Fatal(err)
	}
	first, err := forged.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	r := &rogue{id: id, space: sp, doc: doc, chunk: first.Bytes}
	if got := r.offer(t, p, first, nonce); got != transport.Malformed {
		t.Errorf("a second beginning: closed with %v", got)
	}
	f, err := format.ParseChange(first.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.Actor = []byte("someone else's...")
	other, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	r.chunk = other.Bytes
	if got := r.offer(t, p, crdt.Change{Actor: crdt.ActorID(actor[:]), Seq: 1, Hash: other.Hash}, nonce); got != transport.Malformed {
		t.Errorf("another's actor: closed with %v", got)
	}
	if got := text(t, p, doc); got != "safe\n" {
		t.Errorf("the text is %q", got)
	}
}
