package judge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// maxBlock is the greatest length of anything that goes to a child or back, in
// bytes; C's int counts them.
const maxBlock = math.MaxInt32

// question is what a child is asked.
type question struct {
	memory int64 // bytes that loading may add
	key    string
	chunks []byte
}

// appendQuestion writes 8 bytes of memory, the key and the chunks, these two
// behind 4 bytes of their length. Numbers are big-endian.
func appendQuestion(b []byte, q question) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(q.memory))
	b = appendBlock(b, []byte(q.key))
	return appendBlock(b, q.chunks)
}

func readMemory(r io.Reader) (int64, error) {
	var n int64
	err := binary.Read(r, binary.BigEndian, &n)
	return n, err
}

func appendBlock(b, block []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(block)))
	return append(b, block...)
}

func readBlock(r io.Reader) ([]byte, error) {
	var n uint32
	if err := binary.Read(r, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	if n > maxBlock {
		return nil, fmt.Errorf("a block of %d bytes", n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

// The first byte of an answer. Behind sayNo stands a sentence, behind the others
// the number of heads in 4 bytes, the heads, and of sayText the text; each goes
// to the end.
const (
	sayNo     = 'n'
	sayText   = 't'
	sayNoText = 'v'
)

func appendVerdict(b []byte, v Verdict) []byte {
	say := byte(sayNoText)
	if v.HasText {
		say = sayText
	}
	b = append(b, say)
	b = binary.BigEndian.AppendUint32(b, uint32(len(v.Heads)))
	for _, h := range v.Heads {
		b = append(b, h[:]...)
	}
	return append(b, v.Text...)
}

func appendRefusal(b []byte, why error) []byte {
	return append(append(b, sayNo), why.Error()...)
}

// errAnswer means that a child does not keep to the protocol, as the C library
// has spoilt it or it is no child of ours.
var errAnswer = errors.New("the answer cannot be read")

// parseAnswer reads all that a child wrote.
func parseAnswer(b []byte) (Verdict, error) {
	broken := fmt.Errorf("%w: %w", ErrDied, errAnswer)
	if len(b) == 0 {
		return Verdict{}, broken
	}
	say, rest := b[0], b[1:]
	if say == sayNo {
		return Verdict{}, fmt.Errorf("%w: %s", ErrRefused, printable(rest))
	}
	if say != sayText && say != sayNoText || len(rest) < 4 {
		return Verdict{}, broken
	}
	n := uint64(binary.BigEndian.Uint32(rest))
	rest = rest[4:]
	if n*32 > uint64(len(rest)) {
		return Verdict{}, broken
	}
	v := Verdict{HasText: say == sayText, Heads: make([][32]byte, n)}
	for i := range v.Heads {
		rest = rest[copy(v.Heads[i][:], rest):]
	}
	v.Text = string(rest)
	if !v.HasText && v.Text != "" {
		return Verdict{}, broken
	}
	return v, nil
}

// printable is the first line of what a child said, safe to log: it may quote
// a stranger's bytes.
func printable(said []byte) string {
	const most = 300 // bytes
	for i, c := range said {
		if c == '\n' || i == most {
			said = said[:i]
			break
		}
	}
	return fmt.Sprintf("%q", said)
}
