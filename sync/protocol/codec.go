package protocol

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

var (
	// ErrMalformed says that a peer sent what is no message. It ends the
	// session.
	ErrMalformed = errors.New("malformed message")
	// ErrLimit says that a peer named more than the protocol allows. It ends
	// the session.
	ErrLimit = errors.New("over the protocol's limit")
)

// A frame is four bytes of length (big endian), one byte of kind, and a CBOR
// map (RFC 8949) with small integer keys. The length counts kind and map.
const frameHeader = 5

// keyFrame is more bytes than a keystroke's frame takes, and keptFrames how many a
// session keeps for the next ones.
const (
	keyFrame   = 256
	keptFrames = 4 << 10
)

var (
	encMode = must(cbor.CoreDetEncOptions().UserBufferEncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 6,
		MaxArrayElements: maxArray, MaxMapPairs: 32,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		UTF8: cbor.UTF8RejectInvalid,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // constants of this package, checked by every test
	}
	return v
}

// appendFrame adds m to buf as one frame.
func appendFrame(buf []byte, m message) ([]byte, error) {
	start := len(buf)
	buf = slices.Grow(buf, keyFrame)
	out := bytes.NewBuffer(append(buf, 0, 0, 0, 0, byte(m.kind())))
	if err := encMode.MarshalToBuffer(m, out); err != nil {
		return buf, fmt.Errorf("encode message %d: %w", m.kind(), err)
	}
	frame := out.Bytes()
	n := len(frame) - start - frameHeader + 1
	if n > maxBody(m.kind()) {
		return buf, fmt.Errorf("message %d of ours has %d bytes: %w", m.kind(), n-1, ErrLimit)
	}
	binary.BigEndian.PutUint32(frame[start:], uint32(n))
	return frame, nil
}

// unknownKind is a message of a later version: it is answered and passed over.
type unknownKind uint8

func (k unknownKind) Error() string { return fmt.Sprintf("unknown message %d", uint8(k)) }

// readFrame reads one frame of at most limit bytes, asked when its header is
// here. The length is checked before memory is taken. A frame of a kind that is
// not known is passed over and gives an [unknownKind]. The error is io.EOF only
// at the end of a frame.
func readFrame(r *bufio.Reader, limit func() int) (message, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(header[:4]))
	k := kind(header[4])
	if n < 1 {
		return nil, fmt.Errorf("an empty frame: %w", ErrMalformed)
	}
	if most := min(limit(), maxBody(k)); n > most {
		return nil, fmt.Errorf("a frame of %d bytes of kind %d, at most %d: %w", n, k, most, ErrLimit)
	}
	m := newMessage(k)
	if m == nil {
		if _, err := r.Discard(n - 1); err != nil {
			return nil, cutShort(err)
		}
		return nil, unknownKind(k)
	}
	body, err := readBody(r, n-1)
	if err != nil {
		return nil, cutShort(err)
	}
	if err := decode(k, body, m); err != nil {
		return nil, err
	}
	return m, nil
}

// readBody reads n bytes. Few stay where they are and are good until the next read:
// what is decoded from them shares nothing with them.
func readBody(r *bufio.Reader, n int) (body []byte, err error) {
	if n > r.Size() {
		body = make([]byte, n)
		_, err = io.ReadFull(r, body)
		return body, err
	}
	if body, err = r.Peek(n); err == nil {
		_, err = r.Discard(n)
	}
	return body, err
}

// cutShort tells the end inside a frame from the end behind one.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func decode(k kind, body []byte, m message) error {
	if err := decMode.Unmarshal(body, m); err != nil {
		return fmt.Errorf("message %d: %w: %w", k, ErrMalformed, err)
	}
	if err := m.check(); err != nil {
		return fmt.Errorf("message %d: %w", k, err)
	}
	return nil
}
