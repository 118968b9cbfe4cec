package main

import (
	"encoding/binary"
	"errors"
)

// picture is some of the pixels of a screen, always the same ones.
type picture []uint32

const (
	// headerWords are those of an XWD header (X11/XWDFile.h) that are read.
	headerWords = 20
	colourBytes = 12 // of an entry in the colour map
	// Every so manieth pixel of every so manieth row is looked at.
	everyColumn = 5
	everyRow    = 7
)

var errPicture = errors.New("the screen's file is not a picture as expected")

// parse reads a screen dump with 32 bits a pixel.
func parse(data []byte) (picture, error) {
	if len(data) < headerWords*4 {
		return nil, errPicture
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(data[i*4:])) }
	const size, width, height, bits, line, colours = 0, 4, 5, 11, 12, 19
	start := word(size) + word(colours)*colourBytes
	if word(bits) != 32 || word(line) < word(width)*4 || len(data) < start+word(line)*word(height) {
		return nil, errPicture
	}
	p := make(picture, 0, (word(width)/everyColumn+1)*(word(height)/everyRow+1))
	for y := 0; y < word(height); y += everyRow {
		row := data[start+y*word(line):]
		for x := 0; x < word(width); x += everyColumn {
			p = append(p, binary.LittleEndian.Uint32(row[x*4:])&0xffffff)
		}
	}
	return p, nil
}

// uniform reports whether all is of one colour.
func (p picture) uniform() bool {
	for _, pixel := range p {
		if pixel != p[0] {
			return false
		}
	}
	return true
}

// differs is how many pixels are not the same.
func (p picture) differs(q picture) int {
	n := 0
	for i := range p {
		if p[i] != q[i] {
			n++
		}
	}
	return n
}

// like reports whether no more than a thousandth differs: a caret may blink, a
// word come and go.
func (p picture) like(q picture) bool { return p.differs(q)*1000 <= len(p) }
