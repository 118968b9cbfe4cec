package desktop

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/crdt"
	"starling/sync/peer"
)

// calls are what goroutines asked the UI goroutine to do. Fyne's test driver
// would run them at once, wherever they are, and so hide faults and make races.
var calls = make(chan func(), 10_000)

type (
	loopApp struct {
		fyne.App
		driver fyne.Driver
	}
	loopDriver struct{ fyne.Driver }
)

func (a loopApp) Driver() fyne.Driver { return a.driver }

func (loopDriver) DoFromGoroutine(f func(), wait bool) {
	if !wait {
		calls <- f
		return
	}
	done := make(chan struct{})
	calls <- func() { f(); close(done) }
	<-done
}

func TestMain(m *testing.M) {
	a := test.NewApp()
	a.Settings().SetTheme(Theme{})
	fyne.SetCurrentApp(loopApp{a, loopDriver{a.Driver()}})
	os.Exit(m.Run())
}

// quickPace reads again at once: no test waits for what the window spares.
var quickPace = pace{lists: quick, reach: quick, words: quick, versions: quick}

var quick = rhythm{5 * time.Millisecond, 1, 0}

// stage is a window over a real peer. The test's goroutine is the UI's.
type stage struct {
	t *testing.T
	*window
	peer  *peer.Peer
	board *board
}

// raise opens a peer on the loopback network and its window. name may be "".
func raise(t *testing.T, name string) *stage {
	t.Helper()
	s, end := raiseIn(t, t.TempDir(), name)
	t.Cleanup(end)
	return s
}

// raiseIn is raise in a home; end ends what it began.
func raiseIn(t *testing.T, home, name string) (s *stage, end func()) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	p, err := peer.Open(t.Context(), peer.Config{
		Home: home, Name: name, Make: true, Listen: "127.0.0.1:0", NoDiscovery: true, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s = &stage{t: t, peer: p, board: &board{Peer: p, docs: map[crdt.DocID]peer.Arriving{}}}
	b := newBridge(ctx, p, fyne.Do, func(n news) { s.show(n) })
	b.source, b.pace = s.board, quickPace
	alarm := b.alarm
	b.alarm = func(d time.Duration, f func()) {
		if d != noticeLasts { // a busy machine may take longer to look at a notice
			alarm(d, f)
		}
	}
	win := test.NewWindow(nil)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(1280, 800))
	trail, err := readTrail(home, log)
	if err != nil {
		t.Fatal(err)
	}
	s.window = newWindow(win, p, home, "", usualSettings(), trail)
	s.bridge = b
	var running sync.WaitGroup
	running.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	running.Go(b.run)
	running.Go(func() { trail.run(ctx) })
	return s, func() {
		win.Canvas().Unfocus()
		b.close()
		cancel()
		running.Wait()
		b.wait()
		if doc := b.open.Load(); doc != nil {
			doc.Close()
		}
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// until runs what the UI goroutine is asked to do, until something holds.
func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case call := <-calls:
			call()
		case <-time.After(20 * time.Millisecond): // what holds may not be the UI's
		case <-deadline:
			s.t.Fatalf("not in time: %s", what)
		}
	}
}

// opened waits until a document of a title is on the desk and in the list.
func (s *stage) opened(title string) {
	s.t.Helper()
	s.until("a document called "+title, func() bool {
		return s.editor != nil && titleOf(s.world.document(s.desk.Doc)) == title
	})
}

func (s *stage) write(text string) {
	for _, r := range text {
		if r == '\n' {
			s.editor.TypedKey(key(fyne.KeyReturn))
		} else {
			s.editor.TypedRune(r)
		}
	}
}
