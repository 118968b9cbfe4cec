package protocol

import (
	"bufio"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"starling/sync/identity"
	"starling/sync/trust"
)

// raw is the other end of a session's connection, driven by a test frame by
// frame.
type raw struct {
	t    testing.TB
	end  end
	link *fakeLink
	w    io.ReadWriteCloser
	r    *bufio.Reader
}

// newRaw lets host serve a connection that device 9 has dialled.
func newRaw(t testing.TB, h *fakeHost) *raw {
	t.Helper()
	w := newWire(identity.DeviceID{9}, h.id, 77)
	w.room = 64 << 20
	mine, theirs := w.ends()
	link := h.serve(theirs)
	control, err := mine.OpenControl(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &raw{t: t, end: mine, link: link, w: control, r: bufio.NewReader(control)}
}

// greet exchanges the hellos and reads the tags.
func (p *raw) greet() *raw {
	p.t.Helper()
	p.send(&hello{Version: Version, Name: "Nine"})
	if _, ok := p.read().(*hello); !ok {
		p.t.Fatal("no hello")
	}
	if _, ok := p.read().(*tags); !ok {
		p.t.Fatal("no tags")
	}
	return p
}

// join is greet for a member of a space, up to the digest.
func (p *raw) join(h *fakeHost, space trust.SpaceID) *digest {
	p.t.Helper()
	p.greet()
	p.send(&tags{[]trust.Tag{h.spaces[space].secret.Tag(p.end.Exporter(), p.end.peers[0])}})
	for {
		if d, ok := p.read().(*digest); ok {
			return d
		}
	}
}

// sync is join, and says that nothing is held.
func (p *raw) sync(h *fakeHost, space trust.SpaceID) *raw {
	p.t.Helper()
	p.nothing(p.join(h, space))
	for {
		if v, ok := p.read().(*vectors); ok && v.Last {
			synctest.Wait()
			return p
		}
	}
}

// nothing says that nothing is held of the space of a digest.
func (p *raw) nothing(d *digest) {
	p.send(&digest{d.Space, d.Roster, [32]byte{1}}, &parts{d.Space, make([][16]byte, Parts)}, &vectors{Space: d.Space, Last: true})
}

func (p *raw) send(messages ...message) {
	_ = writeMessages(p.w, messages...) // a session may have hung up
}

// bytes sends a frame whatever its content.
func (p *raw) bytes(k kind, length uint32, body []byte) {
	header := []byte{byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length), byte(k)}
	_, _ = p.w.Write(append(header, body...)) // a session may have hung up
}

func (p *raw) read() message {
	p.t.Helper()
	m, err := readFrame(p.r, func() int { return MaxFrame })
	if err != nil {
		p.t.Fatal("read:", err)
	}
	return m
}

// drain reads all that is there now, and all that comes in the meantime.
func (p *raw) drain() []message {
	var out []message
	for {
		synctest.Wait()
		p.end.mu.Lock()
		empty := p.r.Buffered() == 0 && len(p.end.control[0].chunks) == 0
		p.end.mu.Unlock()
		if empty {
			return out
		}
		m, err := readFrame(p.r, func() int { return MaxFrame })
		if err != nil {
			return out
		}
		out = append(out, m)
	}
}

// cause waits for the session to end and tells why it closed, nil if it did not.
func (p *raw) cause() error {
	synctest.Wait()
	select {
	case <-p.link.done:
		return p.link.err
	default:
		return nil
	}
}

// wantCause fails unless the session has closed the connection with want.
func (p *raw) wantCause(name string, want error) {
	p.t.Helper()
	err := p.cause()
	closed, side, cause := p.end.ended()
	switch {
	case want == nil && err == nil:
	case want == nil:
		p.t.Errorf("%s: the session ended: %v", name, err)
	case !errors.Is(err, want):
		p.t.Errorf("%s: ended with %v, want %v", name, err, want)
	case !closed || side != 1 || !errors.Is(cause, want):
		p.t.Errorf("%s: the connection was closed with %v, want %v", name, cause, want)
	}
}
