package spell

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// flag is a name that stems and affixes are marked with.
type flag uint32

// onlyUpper marks hidden entries, for words all in capitals; no file can name
// it.
const onlyUpper flag = 1 << 30

// flagKind is how a file writes its flags (hunspell's FLAG).
type flagKind uint8

const (
	flagByte flagKind = iota // a byte each
	flagLong                 // two bytes each
	flagNum                  // decimal numbers with commas between
	flagUTF8                 // a rune each
)

// maxFlags is how many flags one word or affix may have.
const maxFlags = 512

// parse reads the flags in raw, as they stand in the file; what is no flag is
// passed over.
func (k flagKind) parse(raw string) []flag {
	var out []flag
	switch k {
	case flagLong:
		for i := 0; i+1 < len(raw); i += 2 {
			out = append(out, flag(raw[i])<<8|flag(raw[i+1]))
		}
	case flagNum:
		out = parseNumbers(raw)
	case flagUTF8:
		for _, r := range raw {
			if r != utf8.RuneError {
				out = append(out, flag(r))
			}
		}
	default:
		for i := range len(raw) {
			out = append(out, flag(raw[i]))
		}
	}
	if len(out) > maxFlags {
		out = out[:maxFlags]
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parseNumbers reads flags such as "12,304".
func parseNumbers(raw string) []flag {
	var out []flag
	for start, i := 0, 0; i <= len(raw); i++ {
		if i < len(raw) && raw[i] != ',' {
			continue
		}
		if n, err := strconv.ParseUint(raw[start:i], 10, 16); err == nil {
			out = append(out, flag(n))
		}
		start = i + 1
	}
	return out
}

// one reads the single flag in raw, 0 if there is none.
func (k flagKind) one(raw string) flag {
	if f := k.parse(raw); len(f) > 0 {
		return f[0]
	}
	return 0
}

// set is a sorted set of flags.
type set []flag

// has reports whether f is in the set; 0, the flag a file doesn't define, is
// in none.
func (s set) has(f flag) bool {
	if f == 0 {
		return false
	}
	for _, have := range s {
		if have >= f {
			return have == f
		}
	}
	return false
}

// sets keeps each set of flags once: a dictionary has many thousand words but
// few hundred sets.
type sets struct {
	all []set
	ids map[string]uint32
}

// id returns the number of a sorted set of flags.
func (s *sets) id(flags []flag) uint32 {
	key := make([]byte, 0, 4*len(flags))
	for _, f := range flags {
		key = append(key, byte(f>>24), byte(f>>16), byte(f>>8), byte(f))
	}
	if id, ok := s.ids[string(key)]; ok {
		return id
	}
	if s.ids == nil {
		s.ids = map[string]uint32{}
	}
	id := uint32(len(s.all))
	s.all = append(s.all, set(flags))
	s.ids[string(key)] = id
	return id
}
