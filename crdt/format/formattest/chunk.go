package formattest

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
)

// headLen is the length of magic, checksum and chunk type.
const headLen = 9

// Seal puts a header with a right length and checksum before content.
func Seal(kind byte, content []byte) []byte {
	chunk := []byte{0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind}
	chunk = binary.AppendUvarint(chunk, uint64(len(content)))
	chunk = append(chunk, content...)
	sum := sha256.Sum256(chunk[8:])
	copy(chunk[4:8], sum[:])
	return chunk
}

// Content returns what follows the header of a well-formed chunk.
func Content(chunk []byte) []byte {
	_, n := binary.Uvarint(chunk[headLen:])
	return chunk[headLen+n:]
}

// Compress turns a change chunk into a compressed one.
func Compress(plain []byte) []byte { return CompressWith(plain, nil) }

// CompressWith does so and puts tail after the deflate stream.
func CompressWith(plain, tail []byte) []byte {
	var z bytes.Buffer
	w, err := flate.NewWriter(&z, flate.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write(Content(plain))
	w.Close()
	z.Write(tail)
	chunk := Seal(2, z.Bytes())
	copy(chunk[4:8], plain[4:8]) // the checksum is that of the plain chunk
	return chunk
}
