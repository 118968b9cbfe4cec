package transport

import (
	"errors"
	"fmt"
	"strings"

	"github.com/quic-go/quic-go"
)

// Code says why a connection or a stream ended. Its numbers are part of the
// protocol.
type Code uint64

const (
	Done      Code = 0 // nothing is left to say
	Duplicate Code = 1 // another connection of the same two devices stays
	Malformed Code = 2 // the peer broke the protocol
	Limit     Code = 3 // the peer went over a limit
	Version   Code = 4 // no common version
	Refused   Code = 5 // this device does not talk to that one
	Timeout   Code = 6 // the peer went silent
	Shutdown  Code = 7 // the program ends
	Internal  Code = 8 // a fault of this side
	Twin      Code = 9 // another program with the peer's key is connected
)

var codeNames = [...]string{"done", "duplicate", "malformed", "limit", "version", "refused", "timeout", "shutdown", "internal", "twin"}

func (c Code) String() string {
	if c < Code(len(codeNames)) {
		return codeNames[c]
	}
	return fmt.Sprintf("code %d", uint64(c))
}

// alertNoALPN is no_application_protocol (RFC 7301, 3.2) as a QUIC error code
// (RFC 9001, 4.8).
const alertNoALPN quic.TransportErrorCode = 0x100 + 120

// CodeOf finds in err why a connection or a stream ended: the code, and whether
// the peer chose it. An end that carries no code of ours is given the nearest
// one. ok is false if err tells of no end, as for io.EOF or a deadline.
func CodeOf(err error) (code Code, remote, ok bool) {
	if app, is := errors.AsType[*quic.ApplicationError](err); is {
		return Code(app.ErrorCode), app.Remote, true
	}
	if stream, is := errors.AsType[*quic.StreamError](err); is {
		return Code(stream.ErrorCode), stream.Remote, true
	}
	if tr, is := errors.AsType[*quic.TransportError](err); is {
		return codeOfTransport(tr.ErrorCode), tr.Remote, true
	}
	if _, is := errors.AsType[*quic.StatelessResetError](err); is {
		// The peer has started anew and knows nothing of us. On a machine so
		// busy that packets wait for long it may also overtake a peer's close,
		// whose code is then lost.
		return Shutdown, true, true
	}
	if _, is := errors.AsType[*quic.VersionNegotiationError](err); is {
		return Version, false, true
	}
	if _, is := errors.AsType[*quic.IdleTimeoutError](err); is {
		return Timeout, false, true
	}
	if _, is := errors.AsType[*quic.HandshakeTimeoutError](err); is {
		return Timeout, false, true
	}
	if errors.Is(err, ErrClosed) || errors.Is(err, quic.ErrTransportClosed) {
		return Shutdown, false, true
	}
	return 0, false, false
}

// codeOfTransport is the nearest code of ours for an error of QUIC itself
// (RFC 9000, 20.1).
func codeOfTransport(c quic.TransportErrorCode) Code {
	switch {
	case c == alertNoALPN:
		return Version
	case c.IsCryptoError(), c == quic.ConnectionRefused, c == quic.ApplicationErrorErrorCode:
		return Refused
	case c == quic.NoError:
		return Done
	case c == quic.InternalError:
		return Internal
	default:
		return Malformed
	}
}

// maxReason bounds the reason of a close, in bytes: it must fit in one packet,
// and a peer's goes into the log.
const maxReason = 256

// cleanReason is s as valid UTF-8 of at most maxReason bytes.
func cleanReason(s string) string {
	s = s[:min(len(s), maxReason)]
	return strings.ToValidUTF8(s, "")
}

// reasonOf is the text that came with the end of a connection.
func reasonOf(err error) string {
	if app, is := errors.AsType[*quic.ApplicationError](err); is {
		return cleanReason(app.ErrorMessage)
	}
	return cleanReason(err.Error())
}
