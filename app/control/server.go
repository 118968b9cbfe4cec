package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"starling/sync/peer"
)

const (
	// farewell is how long a client has, at the server's end, to take its last
	// lines.
	farewell = time.Second
	// askTime is how long a client has for its request.
	askTime = 30 * time.Second
	// maxClients is how many clients are served at once; more wait to be
	// accepted.
	maxClients = 256
	// acceptPause is how long to wait when the system gives no connection, as
	// when it has no descriptors left.
	acceptPause = 100 * time.Millisecond
)

// Server answers commands for one running peer.
type Server struct {
	home     string
	peer     *peer.Peer
	table    map[string]operation
	log      *slog.Logger
	listener *net.UnixListener
	// places holds one value for each client that is served.
	places chan struct{}
}

// Listen opens the control socket of home, which p has open: whoever holds the
// home's lock may replace a socket that a killed peer left. Clients wait until
// [Server.Run] serves them. The caller must call Run.
func Listen(home string, p *peer.Peer, log *slog.Logger) (*Server, error) {
	listener, err := listen(home)
	if err != nil {
		return nil, err
	}
	return newServer(home, p, operations(), log, listener), nil
}

func newServer(home string, p *peer.Peer, table map[string]operation, log *slog.Logger, l *net.UnixListener) *Server {
	return &Server{
		home: home, peer: p, table: table, log: log, listener: l, places: make(chan struct{}, maxClients),
	}
}

func listen(home string) (*net.UnixListener, error) {
	name, err := socketName(home)
	if err != nil {
		return nil, err
	}
	// The old socket may lie elsewhere, if the environment was another. One
	// that we cannot remove is in nobody's way there.
	if old, err := readAddress(home); err == nil && filepath.Base(old) == name {
		_ = removeSocket(old)
	}
	dir, err := socketFolder(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name)
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	listener.SetUnlinkOnClose(false)
	err = os.Chmod(path, 0o600)
	if err == nil {
		err = writeAddress(home, path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the control socket: %w", err), listener.Close(), removeSocket(path))
	}
	return listener, nil
}

// Run serves until ctx ends, then lets short commands finish for a moment, ends
// every other request, closes and removes the socket and returns nil. It returns an error if the socket fails before.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer stop()
	var clients sync.WaitGroup
	err := s.accept(ctx, &clients)
	if ctx.Err() != nil {
		err = nil
	}
	cancel()
	clients.Wait()
	_ = s.listener.Close() // closed already, unless accept failed
	return errors.Join(err, removeAddress(s.home), removeSocket(s.listener.Addr().String()))
}

// accept serves clients until ctx ends or the listener is closed. Whatever else
// goes wrong with one of them passes: the peer must not end for it.
func (s *Server) accept(ctx context.Context, clients *sync.WaitGroup) error {
	for {
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		conn, err := s.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept on the control socket: %w", err)
		}
		if err != nil {
			<-s.places
			s.log.Warn("accept on the control socket", "err", err)
			pause(ctx, acceptPause)
			continue
		}
		clients.Go(func() {
			defer func() { <-s.places }()
			if err := s.client(ctx, conn); err != nil {
				s.log.Debug("control client", "err", err)
			}
		})
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// client serves one connection to its end. The error is for the log alone.
func (s *Server) client(ctx context.Context, conn *net.UnixConn) error {
	var reading sync.WaitGroup
	defer reading.Wait() // ends because the connection closes
	defer conn.Close()
	if err := sameUser(conn); err != nil {
		s.log.Warn("turned a control client away", "err", err)
		return err
	}
	in := bufio.NewReader(conn)
	req, err := s.greet(ctx, conn, in)
	if err != nil {
		return errors.Join(err, conn.SetWriteDeadline(time.Now().Add(farewell)), writeLine(conn, s.failure(err)))
	}
	during, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetWriteDeadline(time.Now().Add(farewell))
		if op, ok := s.table[req.Op]; ok && !op.needsRun() {
			pause(during, farewell) // it is as good as done
		}
		cancel()
	})
	defer stop()
	reading.Go(func() {
		_, _ = in.ReadByte() // a word more or the end, the client is done
		cancel()
	})
	err = s.serve(during, req, conn)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", req.Op, err), writeLine(conn, s.failure(err)))
	}
	return writeLine(conn, response{End: true})
}

// greet says hello and reads the request, for which the client has [askTime].
// If ctx ends before it is read, that is [errEnding]: nothing was begun.
func (s *Server) greet(ctx context.Context, conn *net.UnixConn, in *bufio.Reader) (request, error) {
	if err := conn.SetDeadline(time.Now().Add(askTime)); err != nil {
		return request{}, fmt.Errorf("greet a client: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	if err := writeLine(conn, hello{wireName, wireVersion}); err != nil {
		return request{}, err
	}
	req, err := readRequest(in)
	// The end of ctx may be what this overwrites, so ctx is asked after it.
	err = errors.Join(err, conn.SetDeadline(time.Time{}))
	if ctx.Err() != nil {
		return request{}, errEnding
	}
	return req, err
}

func readRequest(r *bufio.Reader) (request, error) {
	line, err := readLine(r)
	if err != nil {
		return request{}, fmt.Errorf("read a request: %w", err)
	}
	return parseRequest(line)
}

func (s *Server) serve(ctx context.Context, req request, w io.Writer) error {
	op, ok := s.table[req.Op]
	if !ok {
		return fmt.Errorf("%w: it does not know %q", ErrVersion, req.Op)
	}
	return op.serve(ctx, s.peer, req.Args, func(value json.RawMessage) error {
		return writeLine(w, response{Value: value})
	})
}

// failure is the last line of a request that failed.
func (s *Server) failure(err error) response {
	if errors.Is(err, context.Canceled) {
		err = ErrStopped
	}
	return response{Error: err.Error(), Kind: Kind(err)}
}
