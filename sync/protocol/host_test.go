package protocol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// fakeHost keeps a peer's promises in memory: it takes a change when all that it
// builds on is held and a head covers it, commits in order some time later, and
// pushes what is committed to all sessions.
type fakeHost struct {
	t       testing.TB
	id      identity.DeviceID
	key     *identity.Identity // whose ID it is, nil for one that nobody has
	disk    time.Duration      // how long a commit takes
	read    time.Duration      // how long it takes until what was read is there
	onHeads func()             // called before heads are read

	mu            sync.Mutex
	spaces        map[trust.SpaceID]*fakeSpace
	docs          map[crdt.DocID]*fakeDoc
	paired        map[identity.DeviceID]bool
	links         []*fakeLink
	queue         []Commit
	wake          chan struct{}
	pairings      map[*Session][]Pairing
	places        []Presence
	acked         map[crdt.DocID]crdt.Vector
	refuse        func(Received) error // stands before Receive
	forget        func() bool          // whether all that waits is forgotten now
	unread        error                // what reading changes gives
	received      int                  // changes in all
	twice         int                  // that were held already
	carried       int                  // bytes of changes that came
	minSnapshot   int                  // changes of a document that goes out as a snapshot; 0 for none
	pieces        map[crdt.DocID]Piece
	snapshotBytes int // that came
	served        []*fakeLink
	onPairing     func(Pairing)
	pause         time.Duration // what one who asks to pair is told to wait
	redeem        func(Redemption) error
	withhold      bool          // brings nobody in
	vouching      []crdt.Change // is proof of whatever is asked for

	redemptions []Redemption
	redeemed    []error
	claims      []Claim
	asked       int       // how often
	holders     []holders // as it was told
	declined    int
	unsaved     bool // the disk takes no statements
	renamed     []string
	grants      int
	first       []crdt.DocID // on the screen
	wantsOut    int          // how often something was missing
}

type fakeSpace struct {
	secret     trust.Secret
	older      []trust.Secret
	gone       map[identity.DeviceID]bool // who was a member
	members    map[identity.DeviceID]bool
	statements [][]byte // each is a member's ID, padded with noise
}

type fakeDoc struct {
	space     trust.SpaceID
	changes   []crdt.Change // held, in order
	committed int           // how many of them
	held      crdt.Vector
	has       map[crdt.Hash]bool
	heads     []trust.Head
	waiting   map[crdt.Hash]crdt.Change
	wHeads    []trust.Head
	actor     [16]byte // ours
}

type fakeLink struct {
	*wire
	session *Session
	from    *fakeHost
	err     error
	done    chan struct{}
}

func newFakeHost(t testing.TB, id byte) *fakeHost {
	h := &fakeHost{
		t: t, id: identity.DeviceID{id}, wake: make(chan struct{}, 1),
		spaces: make(map[trust.SpaceID]*fakeSpace), docs: make(map[crdt.DocID]*fakeDoc),
		paired: make(map[identity.DeviceID]bool), pairings: make(map[*Session][]Pairing),
		acked: make(map[crdt.DocID]crdt.Vector), pieces: make(map[crdt.DocID]Piece),
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.commitLoop(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return h
}

// nobody is a member that a test plays itself.
func nobody(id byte) *fakeHost {
	return &fakeHost{id: identity.DeviceID{id}, spaces: make(map[trust.SpaceID]*fakeSpace)}
}

// found makes a space of some hosts.
func found(id byte, hosts ...*fakeHost) trust.SpaceID {
	space := trust.SpaceID{id}
	for _, h := range hosts {
		sp := &fakeSpace{secret: trust.Secret{id}, members: make(map[identity.DeviceID]bool)}
		for _, m := range hosts {
			sp.admit(m.id)
		}
		h.spaces[space] = sp
	}
	return space
}

func (sp *fakeSpace) secrets() []trust.Secret { return append([]trust.Secret{sp.secret}, sp.older...) }

// remove is what a statement of that says.
func (sp *fakeSpace) remove(id identity.DeviceID) {
	if sp.gone == nil {
		sp.gone = make(map[identity.DeviceID]bool)
	}
	sp.members[id], sp.gone[id] = false, true
}

func (h *fakeHost) brings(identity.DeviceID) bool { return !h.withhold }

func (sp *fakeSpace) admit(id identity.DeviceID) {
	if !sp.members[id] {
		sp.members[id] = true
		sp.statements = append(sp.statements, id[:])
	}
}

func (h *fakeHost) doc(space trust.SpaceID, id crdt.DocID) *fakeDoc {
	d := h.docs[id]
	if d == nil {
		d = &fakeDoc{
			space: space, held: crdt.Vector{}, has: make(map[crdt.Hash]bool),
			waiting: make(map[crdt.Hash]crdt.Change), actor: [16]byte{h.id[0], id[0], id[1]},
		}
		h.docs[id] = d
	}
	return d
}

// edit makes a change of pad bytes on top of all that is held.
func (h *fakeHost) edit(space trust.SpaceID, id crdt.DocID, pad int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.doc(space, id)
	seq := d.held[crdt.ActorID(d.actor[:])].Seq + 1
	c := makeChange(d.actor[:], seq, pad, d.tops()...)
	d.take(c)
	h.commitLater(Commit{Space: space, Doc: id, Changes: []crdt.Change{c}, Heads: []trust.Head{h.head(c)}})
}

func (h *fakeHost) head(c crdt.Change) trust.Head {
	return trust.Head{Actor: string(c.Actor), Seq: c.Seq, Hash: c.Hash, Device: h.id, Sig: make([]byte, 64)}
}

func makeChange(actor []byte, seq uint64, pad int, deps ...crdt.Hash) crdt.Change {
	f := fakeChange{actor, deps, fakeRest{seq, make([]byte, pad)}}
	raw := f.chunk()
	return crdt.Change{
		Actor: crdt.ActorID(actor), Seq: seq, Deps: deps, Bytes: raw,
		Hash: hashOfChunk(raw), StartOp: 1, MaxOp: 1,
	}
}

// tops are the held changes on which no other one builds.
func (d *fakeDoc) tops() []crdt.Hash {
	tops := maps.Clone(d.has)
	for _, c := range d.changes {
		for _, dep := range c.Deps {
			delete(tops, dep)
		}
	}
	sorted := slices.SortedFunc(maps.Keys(tops), crdt.Hash.Compare)
	return sorted[:min(len(sorted), 100)] // enough for any test
}

func (d *fakeDoc) take(c crdt.Change) {
	d.changes = append(d.changes, c)
	d.has[c.Hash] = true
	d.held.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
}

func (d *fakeDoc) vector() crdt.Vector {
	return tips(d.changes[:d.committed])
}

func (h *fakeHost) commitLater(c Commit) {
	h.queue = append(h.queue, c)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *fakeHost) commitLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		for {
			h.mu.Lock()
			if len(h.queue) == 0 {
				h.mu.Unlock()
				break
			}
			c := h.queue[0]
			h.queue = h.queue[1:]
			disk := h.disk
			h.mu.Unlock()
			select {
			case <-ctx.Done():
				return
			case <-time.After(disk):
			}
			h.mu.Lock()
			d := h.docs[c.Doc]
			d.committed += len(c.Changes)
			d.heads = append(d.heads, c.Heads...)
			links := slices.Clone(h.links)
			members := h.spaces[c.Space].members
			h.mu.Unlock()
			for _, l := range links {
				if l.session.Peer() == c.From {
					for id := range l.session.Reaches() {
						if members[id] {
							c.Also = append(c.Also, id)
						}
					}
				}
			}
			for _, l := range links {
				l.session.Push(c)
			}
		}
	}
}

// dial connects two hosts; both sides run until the connection or the test ends.
func dial(a, b *fakeHost, change ...func(*wire)) (*fakeLink, *fakeLink) {
	w := newWire(a.id, b.id, a.id[0]^b.id[0])
	for _, c := range change {
		c(w)
	}
	x, y := w.ends()
	return a.serve(x), b.serve(y)
}

func (h *fakeHost) serve(e end) *fakeLink {
	l := &fakeLink{wire: e.wire, from: h, done: make(chan struct{})}
	l.session = NewSession(h.id, e, h, discard)
	h.mu.Lock()
	h.served = append(h.served, l)
	h.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(func() { cancel(); <-l.done })
	go func() {
		defer close(l.done)
		l.err = l.session.Run(ctx)
		h.mu.Lock()
		h.links = slices.DeleteFunc(h.links, func(o *fakeLink) bool { return o == l })
		h.mu.Unlock()
		h.tellReach()
	}()
	return l
}

func (l *fakeLink) stop() {
	l.session.End(nil)
	<-l.done
}

// tellReach tells all sessions whom we reach.
func (h *fakeHost) tellReach() {
	h.mu.Lock()
	links := slices.Clone(h.links)
	h.mu.Unlock()
	for _, l := range links {
		var reach []identity.DeviceID
		for _, o := range links {
			if o != l {
				reach = append(reach, o.session.Peer())
			}
		}
		l.session.SetReach(reach)
	}
}

// pass lets time pass until nothing moves any more.
func pass(d time.Duration) {
	time.Sleep(d) // of the bubble's clock
	synctest.Wait()
}

// lastPairing is the state that a person sees.
func (h *fakeHost) lastPairing(s *Session) Pairing {
	h.mu.Lock()
	defer h.mu.Unlock()
	if all := h.pairings[s]; len(all) > 0 {
		return all[len(all)-1]
	}
	return Pairing{}
}

// content is what is held, document by document.
func (h *fakeHost) content() map[crdt.DocID]crdt.Vector {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[crdt.DocID]crdt.Vector)
	for id, d := range h.docs {
		if v := d.vector(); len(v) > 0 {
			out[id] = v
		}
	}
	return out
}

func inShort(v crdt.Vector) string {
	if len(v) > 5 {
		return fmt.Sprintf("%d actors", len(v))
	}
	return fmt.Sprint(v)
}

// same fails unless all hosts hold the same.
func same(t testing.TB, hosts ...*fakeHost) {
	t.Helper()
	want := hosts[0].content()
	for _, h := range hosts[1:] {
		got := h.content()
		if len(got) != len(want) {
			t.Fatalf("host %d holds %d documents, host %d holds %d", h.id[0], len(got), hosts[0].id[0], len(want))
		}
		for id, v := range want {
			if !got[id].Equal(v) {
				t.Fatalf("document %v: host %d has %s, host %d has %s", id, h.id[0], inShort(got[id]), hosts[0].id[0], inShort(v))
			}
		}
	}
}

var (
	errDisk = errors.New("the disk can't be read")
	discard = slog.New(slog.DiscardHandler)
)
