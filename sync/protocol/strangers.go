package protocol

import (
	"bufio"
	"context"
	"io"
	"sync/atomic"
	"time"
)

// A stranger is a device with which nothing is shared and that nobody here has
// paired with: it has one stream, room for maxStrangerBytes on it in all, and
// strangerTime, unless two people compare a code. One that has had all of that is
// left like anyone else: it did nothing wrong.

// stranger reports whether the peer is one. Who was none stays none: when we learn
// that it has left, something may be on its way.
func (s *Session) stranger() bool {
	s.mu.Lock()
	known := s.familiar || len(s.spaces) > 0 || len(s.matched) > 0
	s.mu.Unlock()
	if !known && !s.host.Paired(s.peer) {
		return true
	}
	s.mu.Lock()
	s.familiar = true
	s.mu.Unlock()
	return false
}

// recognised reports whether we have shown the peer that we know a space of its: one
// that was removed tells us what it knows of that.
func (s *Session) recognised() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.meeting.shown) > 0
}

// watchStranger leaves a peer that has been a stranger for too long.
func (s *Session) watchStranger(ctx context.Context) error {
	wait := time.NewTimer(strangerTime)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.opened:
			return nil // it will not be one any more
		case <-wait.C:
		}
		if s.stranger() && !s.comparing() {
			s.log.Debug("leaving a stranger")
			return errStranger
		}
		wait.Reset(strangerCheck)
	}
}

// comparing reports whether two people compare a code, or are about to.
func (s *Session) comparing() bool {
	s.pairing.mu.Lock()
	defer s.pairing.mu.Unlock()
	return s.pairing.comparing(time.Now())
}

// counted counts what was read of a stream.
type counted struct {
	io.Reader
	n atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// frameLimit is small until the peer has shown that it knows a space, or a
// person here has paired with it: what is left of what a stranger may say. It is
// asked when the header of a frame was read, so it is that of this moment.
func (s *Session) frameLimit(from *counted, r *bufio.Reader) func() int {
	return func() int {
		if !s.stranger() || s.recognised() {
			return MaxFrame
		}
		said := int(from.n.Load()) - r.Buffered()
		return max(0, maxStrangerBytes-said+1) // of the frame the kind is in said
	}
}

// pace is how much a peer may say on the control stream: so many messages and
// bytes a second, and at once what it has not said for some seconds. One who says
// more is read more slowly, which is all that it takes.
type pace struct {
	messages, bytes float64 // that it may say now
	last            time.Time
	said            int64 // bytes that were counted
}

// keepPace waits until a peer that says too much may say more.
func (s *Session) keepPace(ctx context.Context, p *pace, r *bufio.Reader) error {
	said := s.said.n.Load() - int64(r.Buffered())
	wait := p.spend(int(said-p.said), time.Now())
	p.said = said
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// spend counts a message, and returns how long to wait before the next is read.
func (p *pace) spend(bytes int, now time.Time) time.Duration {
	if p.last.IsZero() {
		p.messages, p.bytes = burst*paceMessages, burst*paceBytes
	} else {
		passed := now.Sub(p.last).Seconds()
		p.messages = min(p.messages+passed*paceMessages, burst*paceMessages)
		p.bytes = min(p.bytes+passed*paceBytes, burst*paceBytes)
	}
	p.last = now
	p.messages--
	p.bytes -= float64(bytes)
	owed := min(p.messages/paceMessages, p.bytes/paceBytes)
	if owed >= 0 {
		return 0
	}
	return time.Duration(-owed * float64(time.Second))
}
