package control

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"starling/sync/peer"
)

// soon is how long a test waits for what should come at once.
const soon = 30 * time.Second

type echoArgs struct {
	Text []byte `json:"text"`
}

var errTest = peer.ErrNoDocument

var (
	echoOp  = single("echo", func(_ context.Context, _ *peer.Peer, a echoArgs) (echoArgs, error) { return a, nil })
	failOp  = single("fail", func(context.Context, *peer.Peer, None) (None, error) { return None{}, errTest })
	countOp = Op[None, int]{name: "count", run: func(_ context.Context, _ *peer.Peer, _ None, emit func(int) error) error {
		for i := range 3 {
			if err := emit(i); err != nil {
				return err
			}
		}
		return nil
	}}
)

// blockOp gives one value, then waits for the end of its context, and says so.
func blockOp(ended chan<- struct{}) Op[None, int] {
	return Op[None, int]{name: "block", live: true, run: func(ctx context.Context, _ *peer.Peer, _ None, emit func(int) error) error {
		defer close(ended)
		if err := emit(1); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}}
}

// serveTable runs a server with these operations on a home of its own. The
// returned function stops it and returns what Run returned.
func serveTable(t *testing.T, ops ...operation) (home string, stop func() error) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", "")
	home = t.TempDir()
	listener, err := listen(home)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]operation{}
	for _, op := range ops {
		table[op.opName()] = op
	}
	s := newServer(home, nil, table, slog.New(slog.DiscardHandler), listener)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = func() error {
		cancel()
		select {
		case err := <-done:
			done <- err
			return err
		case <-time.After(soon):
			return errors.New("the server did not stop")
		}
	}
	t.Cleanup(func() { _ = stop() })
	return home, stop
}

func dialTest(t *testing.T, home string) *client {
	t.Helper()
	c, err := dial(t.Context(), home, time.Now().Add(soon))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// greetTest connects, and waits for hello until the deadline. To connect has none: over
// earlier, it would be over by another error.
func greetTest(t *testing.T, home string, deadline time.Time) error {
	t.Helper()
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return (&client{conn, bufio.NewReader(conn)}).greet(t.Context(), deadline)
}

func TestCallsOverTheSocket(t *testing.T) {
	home, _ := serveTable(t, echoOp, failOp, countOp)

	var got echoArgs
	bytes := []byte("bad \xff, <&>, \u2028, \x00 and\nmore" + strings.Repeat("x", 1<<20))
	err := ask(dialTest(t, home), echoOp, echoArgs{bytes}, func(a echoArgs) error { got = a; return nil })
	if err != nil || string(got.Text) != string(bytes) {
		t.Errorf("echo gave %.40q, %v", got.Text, err)
	}

	err = ask(dialTest(t, home), failOp, None{}, func(None) error { return errors.New("a value") })
	if !errors.Is(err, errTest) || err.Error() != errTest.Error() {
		t.Errorf("fail gave %v", err)
	}

	var values []int
	err = ask(dialTest(t, home), countOp, None{}, func(i int) error { values = append(values, i); return nil })
	if err != nil || len(values) != 3 || values[2] != 2 {
		t.Errorf("count gave %v, %v", values, err)
	}

	unknown := single("unknown", func(context.Context, *peer.Peer, None) (None, error) { return None{}, nil })
	err = ask(dialTest(t, home), unknown, None{}, func(None) error { return nil })
	if !errors.Is(err, ErrVersion) {
		t.Errorf("an unknown operation gave %v", err)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	home, _ := serveTable(t, echoOp)
	for _, line := range []string{
		"\n", "{}\n", "rubbish\n", `{"op":"echo","args":{"other":1}}` + "\n", `{"op":"echo","args":[]}` + "\n",
	} {
		c := dialTest(t, home)
		if _, err := c.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		r, err := readResponse(c.in)
		if err != nil || !errors.Is(errorOf(r), errBadRequest) {
			t.Errorf("%q was answered by %+v, %v", line, r, err)
		}
	}
}

func TestTheClientsEndEndsItsRequest(t *testing.T) {
	ended := make(chan struct{})
	home, _ := serveTable(t, blockOp(ended))
	c := dialTest(t, home)
	gone := errors.New("gone")
	err := ask(c, blockOp(nil), None{}, func(int) error { return gone })
	if !errors.Is(err, gone) {
		t.Fatalf("ask gave %v", err)
	}
	_ = c.Close()
	select {
	case <-ended:
	case <-time.After(soon):
		t.Error("the request goes on after its client went")
	}
}

func TestTheServersEndEndsRequests(t *testing.T) {
	ended := make(chan struct{})
	home, stop := serveTable(t, blockOp(ended))
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	silent := dialTest(t, home) // sends no request, and must not hold the end up
	err = ask(dialTest(t, home), blockOp(nil), None{}, func(int) error {
		return stop()
	})
	if !errors.Is(err, ErrStopped) {
		t.Errorf("the request ended with %v", err)
	}
	if r, err := readResponse(silent.in); err != nil || !errors.Is(errorOf(r), errEnding) {
		t.Errorf("the silent client got %+v, %v", r, err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if path, err := readAddress(home); err == nil {
		t.Errorf("the home still says that the socket is %s", path)
	}
}

// A short command that has begun is finished, though the peer ends.
func TestTheServersEndLetsShortCommandsFinish(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	slow := single("slow", func(ctx context.Context, _ *peer.Peer, _ None) (None, error) {
		close(begun)
		return None{}, <-ended
	})
	home, stop := serveTable(t, slow)
	c := dialTest(t, home)
	answer := make(chan error, 1)
	go func() { answer <- ask(c, slow, None{}, func(None) error { return nil }) }()
	<-begun
	stopped, began := make(chan error, 1), time.Now()
	go func() { stopped <- stop() }()
	for {
		if _, err := readAddress(home); err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("unix", c.RemoteAddr().String()); err != nil {
			break // the listener is closed: the server is ending
		} else {
			_ = conn.Close()
		}
	}
	ended <- nil
	if err := <-answer; err != nil && time.Since(began) < farewell {
		t.Error(err) // later, the server need not wait for it any more
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// A client that reads nothing blocks its own request and nothing else.
func TestADeafClientHoldsNothingUp(t *testing.T) {
	flood := Op[None, string]{name: "flood", run: func(ctx context.Context, _ *peer.Peer, _ None, emit func(string) error) error {
		text := strings.Repeat("x", 1<<16)
		for ctx.Err() == nil {
			if err := emit(text); err != nil {
				return err
			}
		}
		return ctx.Err()
	}}
	home, stop := serveTable(t, flood, echoOp)
	if err := writeLine(dialTest(t, home), request{Op: "flood"}); err != nil {
		t.Fatal(err)
	}
	if err := ask(dialTest(t, home), echoOp, echoArgs{}, func(echoArgs) error { return nil }); err != nil {
		t.Errorf("another client: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// However many clients say nothing, one that asks is served once there is room,
// and the server ends at once.
func TestManyClientsWait(t *testing.T) {
	home, stop := serveTable(t, echoOp)
	silent := make([]*client, maxClients)
	for i := range silent {
		silent[i] = dialTest(t, home)
	}
	if err := greetTest(t, home, time.Now().Add(50*time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("client %d got %v", maxClients+1, err)
	}
	_ = silent[0].Close()
	if err := ask(dialTest(t, home), echoOp, echoArgs{}, func(echoArgs) error { return nil }); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestDialWaitsForHello(t *testing.T) {
	home, stop := serveTable(t)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		path, err := readAddress(home)
		if err := errors.Join(err, removeSocket(path)); err != nil {
			t.Error(err)
		}
	})
	for _, test := range []struct {
		hello string
		want  error
	}{
		{`{"hello":"starling","version":2}` + "\n", ErrVersion},
		{`{"hello":"other","version":1}` + "\n", ErrVersion},
		{"", os.ErrDeadlineExceeded},
	} {
		l, err := listen(home)
		if err != nil {
			t.Fatal(err)
		}
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := l.Accept()
			if err == nil {
				_, _ = conn.Write([]byte(test.hello))
			}
			accepted <- conn
		}()
		deadline := time.Now().Add(soon)
		if test.hello == "" {
			deadline = time.Now().Add(100 * time.Millisecond)
		}
		if err := greetTest(t, home, deadline); !errors.Is(err, test.want) {
			t.Errorf("hello %q gave %v, want %v", test.hello, err, test.want)
		}
		_ = (<-accepted).Close()
		_ = l.Close()
	}
}

func TestHelloComesFirst(t *testing.T) {
	home, _ := serveTable(t)
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line, err := readLine(bufio.NewReader(conn))
	if want := `{"hello":"starling","version":1}`; err != nil || string(line) != want {
		t.Errorf("the server said %q, %v; want %q", line, err, want)
	}
}
