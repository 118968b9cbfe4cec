package transport

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
)

func TestBothEndsKnowEachOther(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	dialled, accepted := pair(t, a, b)
	if dialled.Peer() != b.id || accepted.Peer() != a.id {
		t.Errorf("peers are %s and %s", dialled.Peer(), accepted.Peer())
	}
	if !dialled.Dialled() || accepted.Dialled() {
		t.Error("the wrong end says that it dialled")
	}
	if dialled.Remote() != b.Addr() || accepted.Remote() != a.Addr() {
		t.Errorf("remote addresses %s, %s; want %s, %s", dialled.Remote(), accepted.Remote(), b.Addr(), a.Addr())
	}
	if _, _, _, err := dialled.Cause(); err != nil {
		t.Errorf("a live connection has a cause: %v", err)
	}
}

func TestExporterBelongsToOneConnection(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	d1, a1 := pair(t, a, b)
	d2, a2 := pair(t, a, b)
	if d1.Exporter() != a1.Exporter() || d2.Exporter() != a2.Exporter() {
		t.Error("the two ends differ")
	}
	if d1.Exporter() == d2.Exporter() {
		t.Error("two connections share a secret")
	}
	if d1.Exporter() == [32]byte{} {
		t.Error("the secret is zero")
	}
}

func TestStreams(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	dialled, accepted := pair(t, a, b)
	ctx := short(t)

	t.Run("both ways", func(t *testing.T) {
		s, err := dialled.OpenStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		send(t, s, "question")
		r, err := accepted.AcceptStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, r, "question")
		send(t, r, "answer")
		expect(t, s, "answer")
	})
	t.Run("one way", func(t *testing.T) {
		s, err := accepted.OpenSend(ctx)
		if err != nil {
			t.Fatal(err)
		}
		send(t, s, "news")
		r, err := dialled.AcceptReceive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, r, "news")
	})
	t.Run("abort", func(t *testing.T) {
		s, err := dialled.OpenStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write([]byte("half")); err != nil {
			t.Fatal(err)
		}
		r, err := accepted.AcceptStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s.Abort(Limit)
		_, err = io.ReadAll(r)
		if code, remote, ok := CodeOf(err); code != Limit || !remote || !ok {
			t.Errorf("read fails with %v (%v, %t, %t), want limit from the peer", err, code, remote, ok)
		}
		if !strings.Contains(err.Error(), a.id.String()) {
			t.Errorf("%q does not name the device", err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		s, err := dialled.OpenStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetReadDeadline(time.Now()); err != nil {
			t.Fatal(err)
		}
		_, err = s.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read fails with %v", err)
		}
		if _, _, ok := CodeOf(err); ok {
			t.Error("a deadline counts as the end of the stream")
		}
		s.Abort(Done)
	})
}

func send(t *testing.T, w io.WriteCloser, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

func TestStreamLimits(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	for _, tc := range []struct {
		name string
		max  int
		open func(*quic.Conn) error // never waits
	}{
		{"both ways", maxStreams, func(c *quic.Conn) error { _, err := c.OpenStream(); return err }},
		{"one way", maxReceives, func(c *quic.Conn) error { _, err := c.OpenUniStream(); return err }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn, _ := pair(t, a, b)
			for range tc.max {
				if err := tc.open(conn.quic); err != nil {
					t.Fatal(err)
				}
			}
			if _, is := errors.AsType[*quic.StreamLimitReachedError](tc.open(conn.quic)); !is {
				t.Error("a stream more than the limit was opened")
			}
		})
	}
}

func TestCodeOf(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		code   Code
		remote bool
		ok     bool
	}{
		{"nil", nil, 0, false, false},
		{"end of stream", io.EOF, 0, false, false},
		{"ours", &quic.ApplicationError{ErrorCode: 3}, Limit, false, true},
		{"the peer's", &quic.ApplicationError{ErrorCode: 2, Remote: true}, Malformed, true, true},
		{"stream", &quic.StreamError{ErrorCode: 1, Remote: true}, Duplicate, true, true},
		{"idle", &quic.IdleTimeoutError{}, Timeout, false, true},
		{"no answer", &quic.HandshakeTimeoutError{}, Timeout, false, true},
		{"reset", &quic.StatelessResetError{}, Shutdown, true, true},
		{"other QUIC", &quic.VersionNegotiationError{}, Version, false, true},
		{"other protocol", &quic.TransportError{ErrorCode: alertNoALPN, Remote: true}, Version, true, true},
		{"certificate", &quic.TransportError{ErrorCode: 0x12a, Remote: true}, Refused, true, true},
		{"full", &quic.TransportError{ErrorCode: quic.ConnectionRefused, Remote: true}, Refused, true, true},
		{"broken frame", &quic.TransportError{ErrorCode: quic.FrameEncodingError}, Malformed, false, true},
		{"their fault", &quic.TransportError{ErrorCode: quic.InternalError, Remote: true}, Internal, true, true},
		{"closed", ErrClosed, Shutdown, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.err
			if err != nil {
				err = errors.Join(errors.New("read"), err)
			}
			if code, remote, ok := CodeOf(err); code != tc.code || remote != tc.remote || ok != tc.ok {
				t.Errorf("%v, %t, %t; want %v, %t, %t", code, remote, ok, tc.code, tc.remote, tc.ok)
			}
		})
	}
}
