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

// farewell is how long a client has, at the server's end, to take its last
// lines.
const farewell = time.Second

// Server answers commands for one running peer.
type Server struct {
	home     string
	peer     *peer.Peer
	table    map[string]operation
	log      *slog.Logger
	listener *net.UnixListener
}

// Listen opens the control socket of home, which p has open: whoever holds the
// home's lock may replace a socket that a killed peer left. Clients wait until
// [Server.Run] serves them. The caller must call Run.
func Listen(home string, p *peer.Peer, log *slog.Logger) (*Server, error) {
	listener, err := listen(home)
	if err != nil {
		return nil, err
	}
	return &Server{home, p, operations(), log, listener}, nil
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

// Run serves until ctx ends, then ends every request, closes and removes the
// socket and returns nil. It returns an error if the socket fails before.
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

func (s *Server) accept(ctx context.Context, clients *sync.WaitGroup) error {
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			return fmt.Errorf("accept on the control socket: %w", err)
		}
		clients.Go(func() {
			if err := s.client(ctx, conn); err != nil {
				s.log.Debug("control client", "err", err)
			}
		})
	}
}

// client serves one connection to its end. The error is for the log alone.
func (s *Server) client(ctx context.Context, conn *net.UnixConn) error {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait() // ends because the connection closes
	defer conn.Close()
	defer cancel()
	if err := sameUser(conn); err != nil {
		s.log.Warn("turned a control client away", "err", err)
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetReadDeadline(time.Now())
		_ = conn.SetWriteDeadline(time.Now().Add(farewell))
	})
	defer stop()
	if err := writeLine(conn, hello{wireName, wireVersion}); err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	req, err := readRequest(in)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return errors.Join(err, writeLine(conn, s.failure(err)))
	}
	reading.Go(func() {
		_, _ = in.ReadByte() // a word more or the end, the client is done
		cancel()
	})
	err = s.serve(ctx, req, conn)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", req.Op, err), writeLine(conn, s.failure(err)))
	}
	return writeLine(conn, response{End: true})
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
	return response{Error: err.Error(), Kind: kindOf(err)}
}
