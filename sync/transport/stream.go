package transport

import (
	"errors"
	"io"
	"time"

	"github.com/quic-go/quic-go"
)

// sender and receiver are the two halves of quic-go's streams that are used.
type sender interface {
	io.WriteCloser
	CancelWrite(quic.StreamErrorCode)
	SetWriteDeadline(time.Time) error
}

type receiver interface {
	io.Reader
	CancelRead(quic.StreamErrorCode)
	SetReadDeadline(time.Time) error
}

// SendStream carries bytes to the peer, in order. One goroutine writes; the
// others of its methods may be called at any time.
type SendStream struct {
	send sender
	conn *Conn
}

// Write sends p. It blocks while the peer's window is full. It fails with an
// error that [CodeOf] reads, or with [os.ErrDeadlineExceeded].
func (s *SendStream) Write(p []byte) (int, error) {
	n, err := s.send.Write(p)
	if err != nil {
		err = s.conn.wrap("write", err)
	}
	return n, err
}

// Close says that nothing more follows: the peer reads to io.EOF. It does not
// wait for delivery.
func (s *SendStream) Close() error {
	if err := s.send.Close(); err != nil {
		return s.conn.wrap("close a stream", err)
	}
	return nil
}

// Abort drops what has not been delivered; the peer's Read fails with code. It
// does nothing after all has been delivered.
func (s *SendStream) Abort(code Code) { s.send.CancelWrite(quic.StreamErrorCode(code)) }

// SetWriteDeadline makes writes fail from t on; the zero time means never.
func (s *SendStream) SetWriteDeadline(t time.Time) error { return s.send.SetWriteDeadline(t) }

// ReceiveStream carries bytes from the peer, in order. One goroutine reads; the
// others of its methods may be called at any time.
type ReceiveStream struct {
	receive receiver
	conn    *Conn
}

// Read reads. It returns io.EOF itself at the end, and otherwise fails with an
// error that [CodeOf] reads, or with [os.ErrDeadlineExceeded].
func (s *ReceiveStream) Read(p []byte) (int, error) {
	n, err := s.receive.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.conn.wrap("read", err)
	}
	return n, err
}

// Abort asks the peer to stop; its Write fails with code. A stream that is not
// read to its end must be aborted, or it counts against the limit for ever.
func (s *ReceiveStream) Abort(code Code) { s.receive.CancelRead(quic.StreamErrorCode(code)) }

// SetReadDeadline makes reads fail from t on; the zero time means never.
func (s *ReceiveStream) SetReadDeadline(t time.Time) error { return s.receive.SetReadDeadline(t) }

// Stream carries bytes both ways. Close ends the sending half only.
type Stream struct {
	SendStream
	ReceiveStream
}

// Abort ends both halves at once.
func (s *Stream) Abort(code Code) {
	s.SendStream.Abort(code)
	s.ReceiveStream.Abort(code)
}
