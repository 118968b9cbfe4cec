package buffer

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"starling/crdt"
)

// Apply takes patches that the document made without this buffer, in order.
// Those that it has seen are skipped. The error wraps [ErrReload] if one is
// missing or does not fit; the patches before it are applied.
func (b *Buffer) Apply(patches []crdt.Patch) error {
	return b.apply(patches, func(crdt.Patch) {})
}

// apply is Apply that tells of each patch once everything has moved past it.
func (b *Buffer) apply(patches []crdt.Patch, did func(p crdt.Patch)) error {
	for len(patches) > 0 {
		if patches[0].Num <= b.seen {
			patches = patches[1:]
			continue
		}
		splices, err := batch(patches, b.seen, b.Len())
		if err != nil {
			return err
		}
		if len(splices) == 1 {
			b.text.splice(splices[0].At, splices[0].Delete, splices[0].Insert)
		} else {
			b.text.spliceAll(splices)
		}
		for _, p := range patches[:len(splices)] {
			b.seen = p.Num
			b.shift(p)
			did(p)
		}
		patches = patches[len(splices):]
	}
	return nil
}

// batch turns the first patches, of which each goes behind or each goes before
// the one that precedes it, into as many splices that are all against the text as
// it is, of length code points after patch number seen. So many patches that one
// action made cost little more than one.
func batch(patches []crdt.Patch, seen uint64, length int) ([]Splice, error) {
	var splices []Splice
	moved := 0 // by how much the patches so far lengthen the text
	down := false
	for i, p := range patches {
		if err := check(p, seen, length+moved); err != nil {
			if i == 0 {
				return nil, err
			}
			break // told when those before it are applied
		}
		if i > 0 {
			last := patches[i-1]
			before, behind := p.At+p.Delete <= last.At, p.At >= last.At+last.Inserted
			if i == 1 {
				down = before && !behind
			}
			if down && !before || !down && !behind {
				break
			}
		}
		s := Splice{At: p.At, Delete: p.Delete, Insert: p.Insert}
		if !down {
			s.At -= moved
		}
		splices = append(splices, s)
		moved += p.Inserted - p.Delete
		seen = p.Num
	}
	if down {
		slices.Reverse(splices)
	}
	return splices, nil
}

// check reports whether a patch follows on the text that patch number seen left.
func check(p crdt.Patch, seen uint64, length int) error {
	if p.Num != seen+1 {
		return fmt.Errorf("patch %d after patch %d: %w", p.Num, seen, ErrReload)
	}
	if p.At < 0 || p.Delete < 0 || p.At > length || p.Delete > length-p.At {
		return fmt.Errorf("patch %d at %d of %d, removing %d: %w", p.Num, p.At, length, p.Delete, ErrReload)
	}
	return nil
}

// difference is the patch that turns before into after, with what both start
// and end with left out.
func difference(before, after string) crdt.Patch {
	from := commonPrefix(before, after)
	at := utf8.RuneCountInString(before[:from])
	before, after = before[from:], after[from:]
	to := commonSuffix(before, after)
	p := crdt.Patch{At: at, Delete: utf8.RuneCountInString(before[:len(before)-to]), Insert: after[:len(after)-to]}
	p.Inserted = utf8.RuneCountInString(p.Insert)
	return p
}

// commonPrefix is how many bytes two texts start with alike, in whole code
// points.
func commonPrefix(a, b string) int {
	const stride = 64
	n, i := min(len(a), len(b)), 0
	for i+stride <= n && a[i:i+stride] == b[i:i+stride] {
		i += stride
	}
	for i < n && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	return i
}

// commonSuffix is how many bytes two texts end with alike, in whole code points.
func commonSuffix(a, b string) int {
	const stride = 64
	n, i := min(len(a), len(b)), 0
	for i+stride <= n && a[len(a)-i-stride:len(a)-i] == b[len(b)-i-stride:len(b)-i] {
		i += stride
	}
	for i < n && a[len(a)-i-1] == b[len(b)-i-1] {
		i++
	}
	for i > 0 && !utf8.RuneStart(a[len(a)-i]) {
		i--
	}
	return i
}
