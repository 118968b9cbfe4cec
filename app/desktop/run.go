package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/control"
	"starling/assets"
	"starling/sync/peer"
)

// usualLockWait is a session's lockWait.
const usualLockWait = 2 * time.Second

// Config says what to show.
type Config struct {
	// Home is the folder of the peer. It is made if it is missing.
	Home string
	// Name is the person's, for a first start; empty asks for it.
	Name string
	// Listen is the UDP address to listen on; empty for any.
	Listen      string
	NoDiscovery bool
	// Place is where the window is shown first; the zero one leaves it to the
	// system.
	Place  Place
	Logger *slog.Logger
	// Fail is told at once, on any goroutine, why there will be no window.
	Fail func(error)
}

// Run shows the window of a home until it is closed, then ends everything and
// returns. The error is what kept the peer from opening, which a window has
// shown by then, or from closing.
//
// Run must be called on the main goroutine, with an application that does not
// run yet.
func Run(a fyne.App, c Config) error {
	a.Settings().SetTheme(Theme{})
	a.SetIcon(assets.AppIcon)
	endPlainly(a)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &session{app: a, config: c, lockWait: usualLockWait}
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	a.Run()
	s.close()
	cancel()
	return <-ended
}

// endPlainly takes away the last thing that Fyne does: to save preferences, of
// which we have none. It asks the window's goroutine for that just as it ends,
// and at times (v2.8.1) the question panics on a closed queue or waits for ever.
func endPlainly(a fyne.App) {
	type hooked interface{ SetOnStoppedHookExecuted(func()) }
	if l, ok := a.Lifecycle().(hooked); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// session owns everything behind one window.
type session struct {
	app    fyne.App
	config Config
	// lockWait is how long another process may hold the home at the start before
	// that is said: a command of starlingd has it for a moment.
	lockWait time.Duration

	mu     sync.Mutex
	bridge *bridge
}

// run opens the peer, runs it, and closes it when the context ends.
func (s *session) run(ctx context.Context) error {
	p, err := peer.Open(ctx, peer.Config{
		Home: s.config.Home, Name: s.config.Name, Make: true, LockWait: s.lockWait,
		Listen: s.config.Listen, NoDiscovery: s.config.NoDiscovery, Logger: s.config.Logger,
	})
	if err != nil {
		s.config.Fail(err)
		fyne.Do(func() { s.showFailure(err) })
		<-ctx.Done()
		return err
	}
	like, err := readSettings(s.config.Home)
	if err != nil {
		s.config.Logger.Warn("settings of the page are the usual ones", "err", err)
	}
	where, err := readTrail(s.config.Home, s.config.Logger)
	if err != nil {
		s.config.Logger.Warn("where you were is forgotten", "err", err)
	}
	s.serve(ctx, p, like, where)
	if err := p.Close(); err != nil {
		return fmt.Errorf("end Starling: %w", err)
	}
	return nil
}

// serve runs the network, the control socket and the bridge, and returns when
// all have ended.
func (s *session) serve(ctx context.Context, p *peer.Peer, like settings, where *trail) {
	var w *window // of the window's goroutine
	b := newBridge(ctx, p, fyne.Do, func(n news) { w.show(n) })
	s.mu.Lock()
	s.bridge = b
	s.mu.Unlock()
	fyne.Do(func() {
		if b.closed.Load() {
			return
		}
		w = newWindow(s.newWindow(), p, s.config.Home, s.config.Name, like, where)
		w.bridge = b
		w.loadSpelling()
		s.app.Settings().AddListener(func(fyne.Settings) { w.restyle() })
	})
	var running sync.WaitGroup
	running.Go(func() { s.report(b, "the network", p.Run(ctx)) })
	running.Go(func() { s.report(b, "the control socket", s.control(ctx, p)) })
	running.Go(b.run)
	running.Go(func() { where.run(ctx) })
	running.Wait()
	b.wait()
	if doc := b.open.Load(); doc != nil {
		doc.Close()
	}
}

func (s *session) control(ctx context.Context, p *peer.Peer) error {
	server, err := control.Listen(s.config.Home, p, s.config.Logger)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

// report logs and shows what ended by itself. The window goes on without it.
func (s *session) report(b *bridge, what string, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	s.config.Logger.Error("ended", "what", what, "err", err)
	b.tell(news{err: fmt.Errorf("run %s: %w", what, err)})
}

// close stops all calls to the window.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bridge != nil {
		s.bridge.close()
	}
}

// newWindow makes the window; it is shown once there is something to show.
func (s *session) newWindow() fyne.Window {
	win := s.app.NewWindow("Starling")
	win.SetPadded(false)
	win.SetMaster()
	win.SetOnClosed(s.close)
	place := s.config.Place
	if place.Width == 0 || place.Height == 0 {
		place.Width, place.Height = assets.WindowWidth, assets.WindowHeight
	}
	win.Resize(fyne.NewSize(float32(place.Width), float32(place.Height)))
	if d, ok := win.(desktop.Window); ok && place.Fixed {
		d.RequestPosition(place.X, place.Y)
	}
	return win
}

// showFailure says in a small window why there is no other.
func (s *session) showFailure(err error) {
	win := s.app.NewWindow("Starling")
	win.SetMaster()
	win.SetPadded(false)
	content := newCentredStack(14,
		newEmblem(40),
		newProse(failure(err), 340, faceText, inkText).centred(),
		newButton(primary, "Close", win.Close))
	win.SetContent(newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(420, 220) },
		func(size fyne.Size) {
			own := content.MinSize()
			place(content, middle(size.Width, own.Width), middle(size.Height, own.Height), own.Width, own.Height)
		}, content))
	win.Canvas().SetOnTypedKey(func(event *fyne.KeyEvent) {
		if event.Name == fyne.KeyEscape || event.Name == fyne.KeyReturn {
			win.Close()
		}
	})
	win.Show()
}

// failure says why there is no window, and what to do.
func failure(err error) string {
	if errors.Is(err, peer.ErrInUse) {
		return "Starling is open already with these documents. Look for its window, or end the other one first."
	}
	if errors.Is(err, peer.ErrFileInUse) {
		return "Another program has opened the file with your documents. Close it and start Starling again."
	}
	return "Starling can't open its documents. Nothing was changed. " + sentence(err, "")
}
