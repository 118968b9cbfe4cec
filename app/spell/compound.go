package spell

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxParts is how many parts a compound may have.
const maxParts = 12

// compounded looks for a word as several stems in a row.
func (c *check) compounded(word []byte) (set, bool) {
	r := c.d.rules
	if r.compound == 0 && r.begin == 0 || utf8.RuneCount(word) < 2*r.compoundMin {
		return nil, false
	}
	p := parts{check: c, word: word}
	return p.from(0, nil, 1)
}

// parts looks for the parts of one compound.
type parts struct {
	*check
	word []byte
	dead [maxWord + 1]bool // no compound goes on from this byte
}

// from looks for the rest of the compound from a byte on. before is the part
// that ends there, and n the number of the part to be found.
func (p *parts) from(at int, before []byte, n int) (set, bool) {
	if p.dead[at] || n >= maxParts {
		return nil, false
	}
	where := middle
	if at == 0 {
		where = first
	}
	for cut := p.next(at, p.d.rules.compoundMin); cut > 0; cut = p.next(cut, 1) {
		if p.next(cut, p.d.rules.compoundMin-1) < 0 || !p.step() {
			break
		}
		part := p.word[at:cut]
		if !p.mayCut(cut) || p.d.rules.checkDup && bytes.Equal(part, before) {
			continue
		}
		if _, ok := p.affixed(part, where); !ok {
			continue
		}
		rest := p.word[cut:]
		if !(p.d.rules.checkDup && bytes.Equal(part, rest)) {
			if flags, ok := p.affixed(rest, last); ok {
				return flags, true
			}
		}
		if most := p.d.rules.compoundMax; most > 0 && n+2 > most {
			continue
		}
		if flags, ok := p.from(cut, part, n+1); ok {
			return flags, true
		}
	}
	p.dead[at] = true
	return nil, false
}

// next returns the byte n runes after at, or -1 past the last rune's beginning.
func (p *parts) next(at, n int) int {
	for ; n > 0; n-- {
		if at >= len(p.word) {
			return -1
		}
		_, size := utf8.DecodeRune(p.word[at:])
		at += size
	}
	if at >= len(p.word) {
		return -1
	}
	return at
}

// mayCut reports whether the letters around a byte may meet in a compound.
func (p *parts) mayCut(cut int) bool {
	r := p.d.rules
	left, n := utf8.DecodeLastRune(p.word[:cut])
	right, m := utf8.DecodeRune(p.word[cut:])
	if r.checkCase && left != '-' && right != '-' && (unicode.IsUpper(left) || unicode.IsUpper(right)) {
		return false
	}
	if r.checkTriple && left == right {
		before, _ := utf8.DecodeLastRune(p.word[:cut-n])
		after, _ := utf8.DecodeRune(p.word[cut+m:])
		if before == left || after == right {
			return false
		}
	}
	for _, x := range r.patterns {
		if bytes.HasSuffix(p.word[:cut], []byte(x.from)) && bytes.HasPrefix(p.word[cut:], []byte(x.to)) {
			return false
		}
	}
	return true
}
