package spell

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

// affix is one rule of a PFX or SFX: take strip off a stem that fits cond, put
// add there.
type affix struct {
	flag       flag
	cross      bool // may stand together with affixes of the other side
	strip, add string
	cond       []class
	cont       set // what may follow, and what the affix allows and forbids
}

// class is one place of a condition: a rune, any rune, or one (not) of a list.
type class struct {
	any, not bool
	runes    string
}

// fits reports whether r may stand at the place.
func (c class) fits(r rune) bool {
	return c.any || strings.ContainsRune(c.runes, r) != c.not
}

// maxCond is how many places a condition may have.
const maxCond = 64

var errCondition = errors.New("bad condition")

// parseCond reads a condition such as "[^aeiou]y"; "." alone fits every stem.
func parseCond(s string) ([]class, error) {
	if s == "." || s == "" {
		return nil, nil
	}
	var out []class
	for s != "" {
		if len(out) == maxCond {
			return nil, errCondition
		}
		if s[0] == '[' {
			inner, rest, ok := strings.Cut(s[1:], "]")
			if !ok {
				return nil, errCondition
			}
			runes, not := strings.CutPrefix(inner, "^")
			out, s = append(out, class{not: not, runes: runes}), rest
			continue
		}
		_, n := utf8.DecodeRuneInString(s)
		out, s = append(out, class{any: s[:n] == ".", runes: s[:n]}), s[n:]
	}
	return out, nil
}

// starts reports whether word begins as a condition wants it.
func starts(word []byte, cond []class) bool {
	for _, c := range cond {
		r, n := utf8.DecodeRune(word)
		if n == 0 || !c.fits(r) {
			return false
		}
		word = word[n:]
	}
	return true
}

// ends reports whether word ends as a condition wants it.
func ends(word []byte, cond []class) bool {
	for i := len(cond) - 1; i >= 0; i-- {
		r, n := utf8.DecodeLastRune(word)
		if n == 0 || !cond[i].fits(r) {
			return false
		}
		word = word[:len(word)-n]
	}
	return true
}

// affixes holds the affixes of one side by the letters they add.
type affixes struct {
	byAdd   map[string][]*affix
	byFlag  map[flag][]*affix
	longest int            // of the letters added, in bytes
	nested  map[flag]bool  // suffixes that another suffix names
	crosses map[flag]cross // what the heads said
}

// cross is what the head of an affix says of crossing; 0: there was none yet.
type cross uint8

const (
	crossNo cross = iota + 1
	crossYes
)

// head notes whether the affixes of f may cross.
func (a *affixes) head(f flag, may bool) {
	if a.crosses == nil {
		a.crosses = map[flag]cross{}
	}
	a.crosses[f] = crossNo
	if may {
		a.crosses[f] = crossYes
	}
}

// put adds an affix.
func (a *affixes) put(x *affix) {
	if a.byAdd == nil {
		a.byAdd, a.byFlag, a.nested = map[string][]*affix{}, map[flag][]*affix{}, map[flag]bool{}
	}
	a.byAdd[x.add] = append(a.byAdd[x.add], x)
	a.byFlag[x.flag] = append(a.byFlag[x.flag], x)
	a.longest = max(a.longest, len(x.add))
}

// nest notes which suffixes may follow another suffix.
func (a *affixes) nest() {
	for _, list := range a.byFlag {
		for _, x := range list {
			for _, f := range x.cont {
				if _, ok := a.byFlag[f]; ok {
					a.nested[f] = true
				}
			}
		}
	}
}

// buffer is room for a word with an affix taken off.
type buffer [maxWord + maxAffix]byte

// offSuffix returns word without a suffix, in room, and whether the suffix can
// have stood there.
func (x *affix) offSuffix(word []byte, room *buffer, whole bool) ([]byte, bool) {
	stem := len(word) - len(x.add)
	if stem == 0 && !whole || stem+len(x.strip) == 0 || stem+len(x.strip) > len(room) {
		return nil, false
	}
	if x.strip == "" {
		return word[:stem], ends(word[:stem], x.cond)
	}
	n := copy(room[:], word[:stem])
	n += copy(room[n:], x.strip)
	return room[:n], ends(room[:n], x.cond)
}

// offPrefix returns word without a prefix, in room, and whether the prefix can
// have stood there.
func (x *affix) offPrefix(word []byte, room *buffer, whole bool) ([]byte, bool) {
	rest := word[len(x.add):]
	if len(rest) == 0 && !whole || len(rest)+len(x.strip) == 0 || len(rest)+len(x.strip) > len(room) {
		return nil, false
	}
	if x.strip == "" {
		return rest, starts(rest, x.cond)
	}
	n := copy(room[:], x.strip)
	n += copy(room[n:], rest)
	return room[:n], starts(room[:n], x.cond)
}

// onSuffix returns stem with a suffix put on, if it fits.
func (x *affix) onSuffix(stem []byte) ([]byte, bool) {
	if !bytes.HasSuffix(stem, []byte(x.strip)) || !ends(stem, x.cond) {
		return nil, false
	}
	return append(bytes.Clone(stem[:len(stem)-len(x.strip)]), x.add...), true
}
