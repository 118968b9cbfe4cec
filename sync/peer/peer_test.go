package peer_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// start opens a peer and puts it on the loopback network until the test ends.
func start(t *testing.T, name string) *peer.Peer {
	t.Helper()
	return startIn(t, t.TempDir(), name)
}

func startIn(t *testing.T, home, name string) *peer.Peer {
	t.Helper()
	p := open(t, home, name)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: run: %v", name, err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	})
	eventually(t, "running", func() bool { return status(t, p).Running })
	return p
}

var noon = time.Unix(1_700_000_000, 0)

func open(t *testing.T, home, name string) *peer.Peer {
	t.Helper()
	log := slog.New(cutOff{slog.DiscardHandler, t, name})
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("at", name)
	}
	p, err := peer.Open(t.Context(), peer.Config{
		Home: home, Name: name, Make: true, Listen: "127.0.0.1:0", NoDiscovery: true, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cutOff finds what is called a fault and is only cut off by the end of its peer.
type cutOff struct {
	slog.Handler
	t    *testing.T
	name string
}

func (c cutOff) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (c cutOff) WithAttrs([]slog.Attr) slog.Handler { return c }

func (c cutOff) WithGroup(string) slog.Handler { return c }

func (c cutOff) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && errors.Is(err, context.Canceled) {
			c.t.Errorf("%s: %s: %v", c.name, r.Message, err)
		}
		return true
	})
	return nil
}

func status(t *testing.T, p *peer.Peer) peer.Status {
	t.Helper()
	st, err := p.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	within(t, 30*time.Second, what, ok)
}

// within is eventually with a deadline of its own.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		case <-tick.C:
		}
	}
}

func connect(t *testing.T, from, to *peer.Peer) {
	t.Helper()
	info, err := from.Connect(t.Context(), status(t, to).Listen[0])
	if err != nil {
		t.Fatal(err)
	}
	if info.ID != to.ID() {
		t.Fatalf("connected with %v, not %v", info.ID, to.ID())
	}
}

// pair lets from ask and both confirm, and shares space.
func pair(t *testing.T, from, to *peer.Peer, space peer.SpaceID) {
	t.Helper()
	info, err := from.StartPairing(t.Context(), to.ID().String(), space)
	if err != nil {
		t.Fatal(err)
	}
	if err := from.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request appears", func() bool { return len(to.Pairings()) == 1 })
	in := to.Pairings()[0]
	if in.Code != info.Code || !in.Incoming || in.ID != from.ID() {
		t.Fatalf("asked with %+v, shown %+v", info, in)
	}
	if err := to.ConfirmPairing(in.Code, peer.SpaceID{}); err != nil {
		t.Fatal(err)
	}
	if err := from.WaitPairing(t.Context(), info.Key); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, p *peer.Peer, id crdt.DocID) string {
	t.Helper()
	s, err := p.Text(context.Background(), id)
	if err != nil {
		return ""
	}
	return s
}

func newSpace(t *testing.T, p *peer.Peer) peer.SpaceID {
	t.Helper()
	id, err := p.NewSpace(t.Context(), "Notes")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newDoc(t *testing.T, p *peer.Peer, space peer.SpaceID, text string) crdt.DocID {
	t.Helper()
	id, err := p.NewDocument(t.Context(), space, text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func write(t *testing.T, p *peer.Peer, id crdt.DocID, s string) {
	t.Helper()
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func TestTwoPeersPairAndHoldOneText(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "# Hello\n")
	connect(t, a, b)
	if got, _ := b.Spaces(t.Context()); len(got) != 0 {
		t.Fatalf("a stranger sees spaces: %v", got)
	}
	pair(t, a, b, space)
	eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "# Hello\n" })
	write(t, b, doc, "# Hello\nfrom Grace\n")
	eventually(t, "the answer arrives", func() bool { return text(t, a, doc) == "# Hello\nfrom Grace\n" })

	d, err := a.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	eventually(t, "the acknowledgement arrives", func() bool {
		st := d.State()
		return st.Saved && len(st.Reached) == 1 && st.Reached[0].Name == "Grace" && len(st.Missing) == 0
	})
}

func TestApartAndTogetherAgain(t *testing.T) {
	home := t.TempDir()
	a := start(t, "Ada")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "one\ntwo\n")
	func() {
		b := open(t, home, "Grace")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		eventually(t, "running", func() bool { return status(t, b).Running })
		connect(t, a, b)
		pair(t, a, b, space)
		eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "one\ntwo\n" })
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		write(t, b, doc, "one\ntwo\nthree from Grace\n")
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	write(t, a, doc, "zero from Ada\none\ntwo\n")
	b := startIn(t, home, "Grace")
	connect(t, b, a)
	want := "zero from Ada\none\ntwo\nthree from Grace\n"
	eventually(t, "both hold both", func() bool { return text(t, a, doc) == want && text(t, b, doc) == want })
}

func TestThreePeersInALine(t *testing.T) {
	a, b, c := start(t, "Ada"), start(t, "Grace"), start(t, "Alan")
	space := newSpace(t, b)
	doc := newDoc(t, b, space, "x")
	connect(t, a, b)
	pair(t, b, a, space)
	connect(t, c, b)
	pair(t, b, c, space)
	eventually(t, "all have the text", func() bool { return text(t, a, doc) == "x" && text(t, c, doc) == "x" })
	write(t, a, doc, "x from Ada")
	eventually(t, "it is passed on", func() bool { return text(t, c, doc) == "x from Ada" })
}

func TestRejectedPairingLeavesNothing(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	connect(t, a, b)
	info, err := a.StartPairing(t.Context(), b.ID().String()[:10], space)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request appears", func() bool { return len(b.Pairings()) == 1 })
	if err := a.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
		t.Fatal(err)
	}
	if err := b.RejectPairing(info.Code); err != nil {
		t.Fatal(err)
	}
	if err := a.WaitPairing(t.Context(), info.Key); err == nil {
		t.Fatal("a rejected pairing succeeded")
	}
	if s, _ := a.Spaces(t.Context()); len(s[0].Members) != 1 {
		t.Errorf("members after a rejected pairing: %v", s[0].Members)
	}
	// The person may try again: a new connection gives a new code.
	eventually(t, "nothing is left", func() bool { return len(b.Pairings()) == 0 })
	pair(t, a, b, space)
	eventually(t, "shared", func() bool { s, _ := b.Spaces(context.Background()); return len(s) == 1 })
}

func TestCursorsAreSeen(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello world")
	connect(t, a, b)
	pair(t, a, b, space)
	eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "hello world" })
	da, err := a.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer da.Close()
	db, err := b.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, seen := da.Snapshot()
	da.Presence(peer.Cursor{Caret: 6, Anchor: 11, Seen: seen})
	eventually(t, "the cursor is seen", func() bool {
		o := db.Others()
		return len(o) == 1 && o[0].Name == "Ada" && o[0].Caret == 6 && o[0].Anchor == 11 && !o[0].Typing && !o[0].HasTop
	})
	patches, _, err := da.Edit(crdt.Edit{Seen: seen, At: 11, Insert: "!"})
	if err != nil {
		t.Fatal(err)
	}
	da.Presence(peer.Cursor{Caret: 12, Anchor: 12, Top: 6, HasTop: true, Seen: patches[len(patches)-1].Num})
	eventually(t, "she is seen to type", func() bool {
		o := db.Others()
		return len(o) == 1 && o[0].Caret == 12 && o[0].Typing && o[0].HasTop && o[0].Top == 6
	})
	// She turns the wheel, and he writes above what she sees.
	_, seen = da.Snapshot()
	da.Presence(peer.Cursor{Caret: 12, Anchor: 12, Top: 3, HasTop: true, Seen: seen})
	eventually(t, "she is seen to look elsewhere", func() bool {
		o := db.Others()
		return len(o) == 1 && o[0].Caret == 12 && o[0].HasTop && o[0].Top == 3
	})
	_, seen = db.Snapshot()
	if _, _, err = db.Edit(crdt.Edit{Seen: seen, At: 1, Insert: "ab"}); err != nil {
		t.Fatal(err)
	}
	if o := db.Others(); len(o) != 1 || o[0].Caret != 14 || o[0].Top != 5 {
		t.Errorf("after an edit above she is at %+v", o)
	}
	da.Leave()
	eventually(t, "the cursor is gone", func() bool { return len(db.Others()) == 0 })
}

// A window that has not asked for a name yet tells nobody what the system calls
// its user.
func TestNoNameIsToldBeforeOneIsGiven(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "")
	if b.Named() || b.Me().Name != "" {
		t.Fatalf("unnamed, and called %q", b.Me().Name)
	}
	connect(t, a, b)
	shown := func() string { return a.Peers()[0].Name }
	if got := shown(); got != "Someone "+b.ID().Tag()[:4] {
		t.Errorf("shown as %q", got)
	}
	if err := b.SetMe(t.Context(), "Grace", "#3867B7"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the name is told", func() bool { return shown() == "Grace" && a.Peers()[0].Colour == "#3867B7" })
}

// The last place of someone who types fast is the one that stays.
func TestTheCursorOfOneWhoTypesEndsWhereTheyDo(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "")
	connect(t, a, b)
	pair(t, a, b, space)
	eventually(t, "the document arrives", func() bool { return text(t, a, doc) == text(t, b, doc) && status(t, b).Documents == 1 })
	da, db := openDoc(t, a, doc), openDoc(t, b, doc)
	for round := range 30 {
		typed := 0
		for range 12 {
			before, seen := da.Snapshot()
			patches, _, err := da.Edit(crdt.Edit{Seen: seen, At: len(before), Insert: "k"})
			if err != nil {
				t.Fatal(err)
			}
			typed = len(before) + 1
			da.Presence(peer.Cursor{Caret: typed, Anchor: typed, Seen: patches[len(patches)-1].Num})
			db.Others() // as a window does at each piece of news
		}
		eventually(t, "the cursor is where the typing ended", func() bool {
			o := db.Others()
			return len(o) == 1 && o[0].Caret == typed
		})
		if testing.Short() && round > 5 {
			break
		}
	}
}

func openDoc(t *testing.T, p *peer.Peer, id crdt.DocID) *peer.Doc {
	t.Helper()
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}
