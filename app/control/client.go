package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"starling/sync/peer"
)

const (
	// patience is how long a command waits for the home: for its lock, or for
	// the peer that holds it to answer.
	patience = 5 * time.Second
	// firstWait and nextWait are how long one try waits for the lock.
	firstWait = time.Millisecond
	nextWait  = 50 * time.Millisecond
)

// Target is the home that a command is for.
type Target struct {
	Home string
	// Name is the person's name if the command makes the home.
	Name string
	// Make lets the command make a home that is missing.
	Make   bool
	Logger *slog.Logger
}

// Call runs a command that gives one value.
func Call[A, R any](ctx context.Context, t Target, op Op[A, R], args A) (R, error) {
	var value R
	err := Stream(ctx, t, op, args, func(v R) error {
		value = v
		return nil
	})
	return value, err
}

// Stream runs a command and calls yield for each value, on its own goroutine.
// It returns when the command ends, when yield fails, or when ctx ends, which
// ends the command at the peer too. A peer that is just ending is waited for.
func Stream[A, R any](ctx context.Context, t Target, op Op[A, R], args A, yield func(R) error) error {
	deadline := time.Now().Add(patience)
	for {
		p, conn, err := t.reach(ctx, deadline)
		if err != nil {
			return err
		}
		if p != nil {
			return errors.Join(op.offline(ctx, p, args, yield), p.Close())
		}
		err = askOn(ctx, conn, op, args, yield)
		if !errors.Is(err, errEnding) {
			return err
		}
	}
}

// askOn is [ask] on a connection of its own, which it closes.
func askOn[A, R any](ctx context.Context, conn *client, op Op[A, R], args A, yield func(R) error) error {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	err := ask(conn, op, args, yield)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// reach opens the home if nobody has it open, and else connects to who has. The
// two are tried in turn until one works or the deadline is over, because a peer
// may just be starting or ending.
func (t Target) reach(ctx context.Context, deadline time.Time) (*peer.Peer, *client, error) {
	for wait := firstWait; ; wait = nextWait {
		p, err := peer.Open(ctx, peer.Config{
			Home: t.Home, Name: t.Name, Make: t.Make, LockWait: wait, Logger: t.Logger,
		})
		if err == nil {
			return p, nil, nil
		}
		if !errors.Is(err, peer.ErrInUse) {
			return nil, nil, err
		}
		conn, err := dial(ctx, t.Home, deadline)
		if err == nil {
			return nil, conn, nil
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if errors.Is(err, ErrVersion) {
			return nil, nil, err
		}
		if time.Now().After(deadline) {
			if peer.Saving(t.Home) {
				return nil, nil, ErrSaving
			}
			return nil, nil, noAnswer{err}
		}
	}
}

// client is a connection on which the server has said hello.
type client struct {
	*net.UnixConn
	in *bufio.Reader
}

// dial connects to the peer that runs on home and waits for its hello, until
// the deadline.
func dial(ctx context.Context, home string, deadline time.Time) (*client, error) {
	path, err := readAddress(home)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the control socket: %w", err)
	}
	c := &client{conn.(*net.UnixConn), bufio.NewReader(conn)}
	if err := c.greet(ctx, deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *client) greet(ctx context.Context, deadline time.Time) error {
	if err := sameUser(c.UnixConn); err != nil {
		return err
	}
	if err := c.SetDeadline(deadline); err != nil {
		return fmt.Errorf("greet the peer: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	line, err := readLine(c.in)
	if !stop() {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("greet the peer: %w", err)
	}
	var h hello
	if err := decode(line, &h); err != nil || h.Hello != wireName || h.Version != wireVersion {
		return ErrVersion
	}
	return c.SetDeadline(time.Time{})
}

// ask sends the request and reads the answers.
func ask[A, R any](c *client, op Op[A, R], args A, yield func(R) error) error {
	raw, err := encode(args)
	if err != nil {
		return fmt.Errorf("ask the peer to %s: %w", op.name, err)
	}
	line, err := encode(request{op.name, raw})
	if err != nil {
		return fmt.Errorf("ask the peer to %s: %w", op.name, err)
	}
	if _, err := c.Write(line); err != nil {
		// A server that closed before it had all of it said why.
		if r, readErr := readResponse(c.in); readErr == nil && r.Kind != "" {
			return errorOf(r)
		}
		return stopped(err)
	}
	for {
		r, err := readResponse(c.in)
		if err != nil {
			return err
		}
		switch {
		case r.End:
			return nil
		case r.Value == nil:
			return errorOf(r)
		}
		var value R
		if err := decode(r.Value, &value); err != nil {
			return fmt.Errorf("%w: answer to %s: %w", ErrVersion, op.name, err)
		}
		if err := yield(value); err != nil {
			return err
		}
	}
}

func readResponse(in *bufio.Reader) (response, error) {
	line, err := readLine(in)
	if err != nil {
		return response{}, stopped(err)
	}
	var r response
	if err := decode(line, &r); err != nil {
		return response{}, fmt.Errorf("%w: %w", ErrVersion, err)
	}
	return r, nil
}

// stopped turns the end of the connection into the end of the peer.
func stopped(err error) error {
	if errors.Is(err, errTooLong) {
		return err
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w before it answered", ErrStopped)
	}
	return fmt.Errorf("%w before it answered: %w", ErrStopped, err)
}
