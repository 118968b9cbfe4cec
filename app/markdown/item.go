package markdown

import (
	"strconv"
	"strings"
)

// item is the list item that begins in a line: the outermost of them if the
// line begins several.
type item struct {
	from, to int  // the marker's bytes
	sign     byte // - + * or what is behind the number: . )
	number   int  // of an ordered item
	ordered  bool
	box      int // byte of a task's [, or -1
	dent     int // column of the marker
	column   int // at which the text begins; both from behind the quotes
	depth    int // from 1
	nested   int // how many more items the line begins
	// still says that the items of the list all have the same number.
	still bool
}

// itemOf returns the item that begins in a line.
func itemOf(b *block, line string) (it item, ok bool) {
	it.box = -1
	for i := range b.n {
		p := b.parts[i]
		switch {
		case (p.kind == partBox || p.kind == partTicked) && ok && it.nested == 0:
			it.box = p.from
		case p.kind != partBullet && p.kind != partNumber:
			if ok {
				it.nested++
			}
		case ok:
			it.nested++
		default:
			ok = true
			it.from, it.to = p.from, p.to
			it.ordered = p.kind == partNumber
			it.sign = line[p.to-1]
			if it.ordered {
				it.number, _ = strconv.Atoi(line[p.from : p.to-1])
			}
		}
	}
	it.depth = b.entered.depth() + 1
	it.dent = b.dent
	it.column = b.dent + it.to - it.from + gap(line[it.to:])
	return it, ok
}

// gap is the columns between a marker and the text that belongs to it.
func gap(rest string) int {
	n := len(rest) - len(strings.TrimLeft(rest, " "))
	if n == 0 || n > 4 || n == len(rest) {
		return 1
	}
	return n
}

// marker is what an item's line begins with.
func (it *item) marker() string {
	if it.ordered {
		return strconv.Itoa(it.number) + string(it.sign)
	}
	return string(it.sign)
}

// as makes the item one of the list in which before is the one before it.
func (it *item) as(before *item) {
	it.ordered, it.sign = before.ordered, before.sign
	if it.still = before.still; it.still {
		it.number = before.number
	} else if it.ordered {
		it.number = min(before.number+1, maxNumber)
	}
}

// maxNumber is the greatest that an item may have.
const maxNumber = 999_999_999

// sameList reports whether an item that follows another belongs to its list.
func (it *item) sameList(before *item) bool {
	return it.ordered == before.ordered && it.sign == before.sign
}
