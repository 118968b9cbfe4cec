package peer

import (
	"context"
	"log/slog"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"starling/crdt"
	"starling/crdt/store/memory"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

var noon = time.Unix(1_700_000_000, 0)

// alone opens a peer without a network, in a space of its own.
func alone(t testing.TB) (*Peer, SpaceID) {
	t.Helper()
	return aloneWith(t, Config{})
}

// aloneOn is alone on a store in memory, by way of what wrap makes of it.
func aloneOn(t testing.TB, wrap func(Storage) Storage) (*Peer, SpaceID) {
	t.Helper()
	s, err := new(memory.Disk).Open(crdt.Expand)
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return aloneWith(t, Config{Storage: wrap(s), Identity: id})
}

func aloneWith(t testing.TB, c Config) (*Peer, SpaceID) {
	t.Helper()
	c.Home, c.Name, c.Make, c.Logger = t.TempDir(), "Ada", true, slog.New(slog.DiscardHandler)
	p, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	space, err := p.NewSpace(t.Context(), "Notes")
	if err != nil {
		t.Fatal(err)
	}
	return p, space
}

func begin(t *testing.T, p *Peer, space SpaceID, text string) *Doc {
	t.Helper()
	id, err := p.NewDocument(t.Context(), space, text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// author is another device that writes in a document of p's, without a network.
type author struct {
	id    *identity.Identity
	nonce trust.Nonce
	doc   *crdt.Document
	to    *Doc
}

// newAuthor begins with what d holds. It is a member if p has admitted it.
func newAuthor(t *testing.T, d *Doc) *author {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	nonce, err := trust.NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	a := &author{id: id, nonce: nonce, to: d}
	a.restart(t)
	return a
}

// restart has the author forget what it wrote since, as a backup put back does.
func (a *author) restart(t *testing.T) {
	t.Helper()
	chunk, _, err := a.to.text().Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	actor := trust.ActorID(a.id.ID(), a.to.id, a.nonce)
	doc, err := crdt.Open(crdt.Config{ID: a.to.id, Actor: crdt.ActorID(actor[:]), Snapshot: chunk})
	if err != nil {
		t.Fatal(err)
	}
	a.doc = doc
}

func (a *author) admit(t *testing.T) {
	t.Helper()
	if err := a.to.p.admit(t.Context(), a.to.space, Person{ID: a.id.ID(), Name: "Grace"}); err != nil {
		t.Fatal(err)
	}
}

func (a *author) write(t *testing.T, at int, text string) []crdt.Change {
	t.Helper()
	_, seen := a.doc.Text()
	out, err := a.doc.Edit(crdt.Edit{Seen: seen, At: at, Insert: text}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return out.Changes
}

// sends is changes with a head over the last of them.
func (a *author) sends(changes ...crdt.Change) protocol.Received {
	r := protocol.Received{From: a.id.ID(), Space: a.to.space, Doc: a.to.id}
	for _, c := range changes {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	last := changes[len(changes)-1]
	r.Heads = []trust.Head{trust.SignHead(a.id, a.to.space, a.to.id, a.nonce, last.Seq, last.Hash, nil)}
	return r
}

func (d *Doc) mustReceive(t *testing.T, r protocol.Received) crdt.Vector {
	t.Helper()
	want, err := d.p.receive(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func wantText(t *testing.T, d *Doc, want string) {
	t.Helper()
	if got, _ := d.Snapshot(); got != want {
		t.Fatalf("the text is %q, want %q", got, want)
	}
}

// follow watches d and gives the text that the events make of base.
func follow(t *testing.T, d *Doc, base string) (text func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	events := make(chan WatchEvent, 1000)
	go func() {
		done <- d.p.Watch(ctx, d.id, func() error { close(ready); return nil }, func(e WatchEvent) error {
			select {
			case events <- e:
			case <-ctx.Done(): // nobody reads on
			}
			return nil
		})
	}()
	<-ready
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	runes := []rune(base)
	return func() string {
		for {
			select {
			case e := <-events:
				runes = append(runes[:e.At:e.At], append([]rune(e.Insert), runes[e.At+e.Delete:]...)...)
			default:
				return string(runes)
			}
		}
	}
}

func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		case <-tick.C:
		}
	}
}

// breakIt makes a document think that its own books differ. No input is known that
// does.
func breakIt(d *crdt.Document) {
	f := reflect.ValueOf(d).Elem().FieldByName("broken")
	*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
}
