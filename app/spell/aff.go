package spell

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of an affix file.
const (
	maxAffix = 96      // bytes an affix strips or adds
	maxRules = 200_000 // affix rules, aliases, replacements and such, each
)

var errFormat = errors.New("not a hunspell dictionary")

// pair is a replacement: of a typical mistake (REP), of letters on the way in
// (ICONV).
type pair struct{ from, to string }

// rules is what an affix file says.
type rules struct {
	decode   func([]byte) string
	flags    flagKind
	aliases  [][]flag
	prefixes affixes
	suffixes affixes

	keepCase, forbidden, noSuggest, needAffix, circumfix, onlyInCompound flag
	compound, begin, middle, end, permit, forbid                         flag
	compoundMin, compoundMax                                             int
	checkDup, checkCase, checkTriple, sharps, fullStrip                  bool
	patterns                                                             []pair

	breaks   []string
	noBreaks bool
	iconv    []pair
	ignore   string
	rep      []pair
	groups   [][]string // MAP
	try      []rune
	count    int // rules read
}

// readRules reads an affix file. The encoding and the kind of flags may be
// told anywhere in the file, so it is gone through twice.
func readRules(data []byte) (*rules, error) {
	r := &rules{compoundMin: 3}
	set := ""
	for line := range bytes.Lines(data) {
		name, rest := cutName(line)
		switch name {
		case "SET":
			set = string(rest)
		case "FLAG":
			switch string(rest) {
			case "long":
				r.flags = flagLong
			case "num":
				r.flags = flagNum
			case "UTF-8":
				r.flags = flagUTF8
			}
		}
	}
	var err error
	if r.decode, err = decoder(set); err != nil {
		return nil, err
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		name, _ := cutName(line)
		if err := r.line(name, bytes.Fields(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if r.breaks == nil && !r.noBreaks {
		r.breaks = []string{"-", "^-", "-$"}
	}
	r.suffixes.nest()
	return r, nil
}

// cutName returns a line's first word and what follows it.
func cutName(line []byte) (string, []byte) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
	i := bytes.IndexAny(line, " \t")
	if i < 0 {
		return string(line), nil
	}
	return string(line[:i]), bytes.TrimSpace(line[i:])
}

// line takes one line in; name is its first word.
func (r *rules) line(name string, fields [][]byte) error {
	if name == "" || strings.HasPrefix(name, "#") {
		return nil
	}
	if r.count++; r.count > maxRules {
		return fmt.Errorf("more than %d rules: %w", maxRules, errFormat)
	}
	if done := r.option(name); done || len(fields) < 2 {
		return nil
	}
	if f := r.named(name); f != nil {
		*f = r.flags.one(string(fields[1]))
		return nil
	}
	switch name {
	case "AF":
		r.alias(fields[1])
	case "PFX":
		return r.affix(&r.prefixes, fields)
	case "SFX":
		return r.affix(&r.suffixes, fields)
	case "COMPOUNDMIN":
		r.compoundMin = max(1, number(fields[1]))
	case "COMPOUNDWORDMAX":
		r.compoundMax = number(fields[1])
	case "TRY":
		r.try = []rune(r.decode(fields[1]))
	case "IGNORE":
		r.ignore = r.decode(fields[1])
	case "MAP":
		r.group(r.decode(fields[1]))
	case "BREAK":
		r.breakAt(fields[1])
	default:
		r.pair(name, fields)
	}
	return nil
}

// option takes in a line that is only a name.
func (r *rules) option(name string) bool {
	switch name {
	case "CHECKCOMPOUNDDUP":
		r.checkDup = true
	case "CHECKCOMPOUNDCASE":
		r.checkCase = true
	case "CHECKCOMPOUNDTRIPLE":
		r.checkTriple = true
	case "CHECKSHARPS":
		r.sharps = true
	case "FULLSTRIP":
		r.fullStrip = true
	default:
		return false
	}
	return true
}

// named returns where the flag of a line's name is kept.
func (r *rules) named(name string) *flag {
	switch name {
	case "KEEPCASE":
		return &r.keepCase
	case "FORBIDDENWORD":
		return &r.forbidden
	case "NOSUGGEST":
		return &r.noSuggest
	case "NEEDAFFIX", "PSEUDOROOT":
		return &r.needAffix
	case "CIRCUMFIX":
		return &r.circumfix
	case "ONLYINCOMPOUND":
		return &r.onlyInCompound
	case "COMPOUNDFLAG":
		return &r.compound
	case "COMPOUNDBEGIN":
		return &r.begin
	case "COMPOUNDMIDDLE":
		return &r.middle
	case "COMPOUNDEND":
		return &r.end
	case "COMPOUNDPERMITFLAG":
		return &r.permit
	case "COMPOUNDFORBIDFLAG":
		return &r.forbid
	}
	return nil
}

// pair takes in a line with two texts.
func (r *rules) pair(name string, fields [][]byte) {
	if len(fields) < 3 || len(fields[1]) > maxAffix || len(fields[2]) > maxAffix {
		return
	}
	p := pair{r.decode(fields[1]), r.decode(fields[2])}
	switch name {
	case "REP":
		p.to = strings.ReplaceAll(p.to, "_", " ")
		r.rep = append(r.rep, p)
	case "ICONV":
		r.iconv = append(r.iconv, pair{strings.Trim(p.from, "_"), p.to})
	case "CHECKCOMPOUNDPATTERN":
		// Patterns that ask for flags or replace letters are rare.
		if len(fields) == 3 && !strings.Contains(p.from+p.to, "/") && p.from != "0" && p.to != "0" {
			r.patterns = append(r.patterns, p)
		}
	}
}

// alias takes in a line of AF; the first only counts the others.
func (r *rules) alias(raw []byte) {
	if r.aliases == nil {
		r.aliases = [][]flag{nil} // numbers begin at 1
		if _, err := strconv.Atoi(string(raw)); err == nil {
			return
		}
	}
	r.aliases = append(r.aliases, r.flags.parse(string(raw)))
}

// flagsOf reads the flags after a slash: flags, or the number of an alias.
func (r *rules) flagsOf(raw []byte) []flag {
	if r.aliases == nil {
		return r.flags.parse(string(raw))
	}
	if n := number(raw); n > 0 && n < len(r.aliases) {
		return r.aliases[n]
	}
	return nil
}

// affix takes in a line of PFX or SFX: the head says whether affixes of the
// flag may cross, the others are affixes.
func (r *rules) affix(to *affixes, fields [][]byte) error {
	if len(fields) < 4 {
		return fmt.Errorf("an affix of %d fields: %w", len(fields), errFormat)
	}
	f := r.flags.one(string(fields[1]))
	if to.crosses[f] == 0 {
		to.head(f, string(fields[2]) == "Y")
		if isHead(fields) {
			return nil
		}
	}
	add, cont, _ := bytes.Cut(fields[3], []byte("/"))
	x := &affix{
		flag: f, cross: to.crosses[f] == crossYes, cont: r.flagsOf(cont),
		strip: r.letters(fields[2]), add: r.letters(add),
	}
	if len(x.strip) > maxAffix || len(x.add) > maxAffix {
		return fmt.Errorf("an affix longer than %d bytes: %w", maxAffix, errFormat)
	}
	if len(fields) > 4 {
		var err error
		if x.cond, err = parseCond(r.decode(fields[4])); err != nil {
			return err
		}
	}
	to.put(x)
	return nil
}

// isHead reports whether a line of PFX or SFX is a head: may it cross, and how
// many affixes follow.
func isHead(fields [][]byte) bool {
	c := string(fields[2])
	_, err := strconv.Atoi(string(fields[3]))
	return (c == "Y" || c == "N") && err == nil
}

// letters decodes what an affix strips or adds; "0" is nothing.
func (r *rules) letters(raw []byte) string {
	if len(raw) == 1 && raw[0] == '0' {
		return ""
	}
	return r.strip(r.decode(raw))
}

// strip takes the letters out of s that the dictionary ignores.
func (r *rules) strip(s string) string {
	if r.ignore == "" || !strings.ContainsAny(s, r.ignore) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(r.ignore, c) {
			return -1
		}
		return c
	}, s)
}

// breakAt takes in a line of BREAK; the first only counts the others.
func (r *rules) breakAt(raw []byte) {
	if n, err := strconv.Atoi(string(raw)); err == nil && r.breaks == nil {
		r.noBreaks = n == 0
		return
	}
	if s := r.decode(raw); strings.Trim(s, "^$") != "" && len(r.breaks) < 32 {
		r.breaks = append(r.breaks, s)
	}
}

// group takes in a line of MAP: letters, and groups of them in brackets, that
// are taken for each other.
func (r *rules) group(s string) {
	var g []string
	for s != "" && len(g) < 64 {
		if s[0] == '(' {
			if inner, rest, ok := strings.Cut(s[1:], ")"); ok {
				g, s = append(g, inner), rest
				continue
			}
		}
		n := len(string([]rune(s)[:1]))
		g, s = append(g, s[:n]), s[n:]
	}
	if len(g) > 1 {
		r.groups = append(r.groups, g)
	}
}

// number reads a small number, 0 if it is none.
func number(raw []byte) int {
	n, err := strconv.ParseUint(string(raw), 10, 24)
	if err != nil {
		return 0
	}
	return int(n)
}
