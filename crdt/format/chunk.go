package format

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"fmt"
	"io"
)

// Kinds of chunk (spec, "Chunk container").
const (
	chunkDocument   = 0
	chunkChange     = 1
	chunkCompressed = 2
)

var magic = [4]byte{0x85, 0x6f, 0x4a, 0x83}

// headLen is the length of magic, checksum and chunk type.
const headLen = 9

// hashOf is the hash of the change with this content.
func hashOf(content []byte) [32]byte {
	b := make([]byte, maxHead, maxHead+len(content))
	_, hash := sealInPlace(append(b, content...), chunkChange)
	return hash
}

// sealInPlace writes the header of a chunk before its content, which begins at
// maxHead, and returns the chunk, which ends where b ends, and its hash.
func sealInPlace(b []byte, kind byte) (chunk []byte, hash [32]byte) {
	var length [10]byte
	n := len(appendUleb(length[:0], uint64(len(b)-maxHead)))
	chunk = b[maxHead-n-headLen:]
	copy(chunk, magic[:])
	chunk[8] = kind
	copy(chunk[headLen:], length[:n])
	hash = sha256.Sum256(chunk[8:])
	copy(chunk[4:8], hash[:4])
	return chunk, hash
}

// open checks everything about a chunk but its content, and returns that
// content inflated and the change's hash.
func open(chunk []byte) (content []byte, hash [32]byte, err error) {
	if len(chunk) > MaxChunk {
		return nil, hash, fmt.Errorf("%d bytes: %w", len(chunk), ErrLimit)
	}
	r := reader{b: chunk}
	head := r.take(headLen)
	if r.err == nil && [4]byte(head) != magic {
		return nil, hash, ErrMagic
	}
	content = r.take(r.uleb())
	if r.err == nil && !r.empty() {
		r.err = ErrTrailing
	}
	if r.err != nil {
		return nil, hash, r.err
	}
	switch head[8] {
	case chunkChange:
		hash = sha256.Sum256(chunk[8:])
	case chunkCompressed:
		if content, err = inflate(content); err != nil {
			return nil, hash, err
		}
		hash = hashOf(content)
	default:
		return nil, hash, fmt.Errorf("type %d: %w", head[8], ErrChunkType)
	}
	if [4]byte(head[4:]) != [4]byte(hash[:]) {
		return nil, hash, ErrChecksum
	}
	return content, hash, nil
}

// inflate expands a raw deflate stream to at most MaxChunk bytes; memory grows
// with what comes out, not with what is claimed.
func inflate(b []byte) ([]byte, error) {
	src := bytes.NewReader(b)
	z := flate.NewReader(src)
	out, err := io.ReadAll(io.LimitReader(z, MaxChunk+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInflate, err)
	case len(out) > MaxChunk-headLen-10:
		return nil, fmt.Errorf("inflated: %w", ErrLimit)
	case src.Len() > 0:
		return nil, fmt.Errorf("after the deflate stream: %w", ErrTrailing)
	}
	return out, nil
}
