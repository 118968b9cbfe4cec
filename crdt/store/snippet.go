package store

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FTS5 has a snippet function, but one that takes the square of the number of
// matches in a text. This one looks at each word once.

const (
	snippetWords = 16        // in a snippet
	snippetBytes = 400       // of the text in a snippet, at most: some words are long
	snippetLead  = 4         // words before what matches, if that is not near the start
	snippetRead  = 256 << 10 // bytes of a text in which a place is looked for
)

// matcher finds the words of a query in a text. FTS5 may take a word of a
// query for several words in a row, so each is a phrase. All phrases are
// searched for at once: the words of all, one after another, are the places of
// the query, each place is a bit, and state has those up to which a phrase
// matches at the current word (the Shift-And algorithm).
type matcher struct {
	phrases []phrase
	places  map[string]uint64 // of each folded word
	longest int               // of these words, in bytes
	start   string            // folded; a word that begins so is at the last place
	firsts  uint64            // places where a phrase begins
	ends    uint64            // places where one ends
	last    uint64            // the last place; 0 if that is not in use
	state   uint64
}

type phrase struct {
	end   uint64 // its last place
	words int
}

// newMatcher takes the words of a query, of which the last may be the start of
// one. What has no room in 64 places is not looked for.
func newMatcher(words []string) *matcher {
	m := &matcher{places: map[string]uint64{}}
	next := 0
	for k, word := range words {
		var parts []string
		eachWord(word, func(_, _ int, folded []byte) bool {
			parts = append(parts, string(folded))
			return next+len(parts) <= 64
		})
		if next+len(parts) > 64 {
			break
		}
		if len(parts) == 0 {
			continue
		}
		m.firsts |= 1 << next
		for _, part := range parts {
			m.places[part] |= 1 << next
			m.longest = max(m.longest, len(part))
			next++
		}
		end := uint64(1) << (next - 1)
		m.ends |= end
		m.phrases = append(m.phrases, phrase{end, len(parts)})
		if k == len(words)-1 {
			m.start, m.last = parts[len(parts)-1], end
		}
	}
	return m
}

// step takes the next word of the text, and returns the ends of the phrases
// that match up to here.
func (m *matcher) step(folded []byte) (ends uint64) {
	var places uint64
	if len(folded) <= m.longest {
		places = m.places[string(folded)]
	}
	if m.last != 0 && len(folded) >= len(m.start) && string(folded[:len(m.start)]) == m.start {
		places |= m.last
	}
	m.state = (m.state<<1 | m.firsts) & places
	return m.state & m.ends
}

// textWord is a word of a text.
type textWord struct {
	from, to int    // bytes
	ends     uint64 // of the phrases that match up to here
}

// found is where in a text a query matches best: the words from first to last,
// which hold count different phrases of the query. None if count is 0.
type found struct{ first, last, count int }

// better prefers more phrases, then those closer together.
func (f found) better(than found) bool {
	if f.count != than.count {
		return f.count > than.count
	}
	return f.count > 0 && f.last-f.first < than.last-than.first
}

// finder goes through a text.
type finder struct {
	*matcher
	words  []textWord
	latest []int // for each phrase, the word at which it began last; -1 for never
	best   found
}

// find reads the words of a text. It ends before the end of the text if there
// can be no better place, and then has all words that a snippet may need.
func (m *matcher) find(text string) *finder {
	f := &finder{matcher: m, latest: make([]int, len(m.phrases))}
	for i := range f.latest {
		f.latest[i] = -1
	}
	m.state = 0
	all, enough := bits.Len64(m.ends), -1
	eachWord(text, func(from, to int, folded []byte) bool {
		f.words = append(f.words, textWord{from, to, m.step(folded)})
		if here := f.here(); here.better(f.best) {
			f.best = here
			if here.count == len(m.phrases) && here.last-here.first < all {
				enough = here.last + snippetWords + 64
			}
		}
		return enough < 0 || len(f.words) <= enough
	})
	return f
}

// here is what matches in the words that end with the newest and fit into a
// snippet; none unless a phrase ends with the newest.
func (f *finder) here() found {
	last := len(f.words) - 1
	ends := f.words[last].ends
	if ends == 0 {
		return found{}
	}
	here := found{first: last, last: last}
	for i, p := range f.phrases {
		if ends&p.end != 0 {
			f.latest[i] = last + 1 - p.words
		} else if f.latest[i] < 0 || !f.fit(f.latest[i], last) {
			continue
		}
		here.count++
		here.first = min(here.first, f.latest[i])
	}
	return here
}

// fit reports whether the words from first to last fit into a snippet.
func (f *finder) fit(first, last int) bool {
	return last-first < snippetWords && f.words[last].to-f.words[first].from <= snippetBytes
}

// snippet returns a piece of a text of which the rest may have been cut off:
// where most of the query's words are closest together, else the start. It
// takes time in proportion to the text. The result is valid UTF-8, and the only
// marks in it are those around matches.
func (m *matcher) snippet(text string, cut bool) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if cut { // the last word may be half of one
		if n := strings.LastIndexFunc(text, notInWord); n > 0 {
			text = text[:n]
		}
	}
	f := m.find(text)
	lo, hi := f.window(text)
	var b strings.Builder
	if lo > 0 {
		b.WriteString("…")
	}
	for _, s := range f.marked(lo, hi) {
		b.WriteString(unmarked.Replace(text[lo:s.from]))
		b.WriteString(MarkOn + unmarked.Replace(text[s.from:s.to]) + MarkOff)
		lo = s.to
	}
	b.WriteString(unmarked.Replace(text[lo:hi]))
	if cut || hi < len(text) {
		b.WriteString("…")
	}
	return b.String()
}

// unmarked takes marks out of what a person wrote.
var unmarked = strings.NewReplacer(MarkOn, "", MarkOff, "")

// window chooses the piece of the text, in bytes, that the snippet shows.
func (f *finder) window(text string) (lo, hi int) {
	hi = len(text)
	var a, b int // what matches, in bytes
	if f.best.count > 0 {
		a, b = f.words[f.best.first].from, f.words[f.best.last].to
	}
	first, end := f.context()
	if first > 0 {
		lo = f.words[first].from
	}
	if end < len(f.words) {
		hi = f.words[end-1].to
	}
	if hi-lo <= snippetBytes {
		return lo, hi
	}
	// Long words, or much between them: as much on the left as on the right.
	lo = max(lo, a-max(0, snippetBytes-(b-a))/2)
	for !utf8.RuneStart(text[lo]) {
		lo++
	}
	hi = min(hi, lo+snippetBytes)
	for hi < len(text) && !utf8.RuneStart(text[hi]) {
		hi--
	}
	return lo, hi
}

// context chooses the words from first to before end that the snippet shows.
func (f *finder) context() (first, end int) {
	if f.best.count > 0 && f.best.last >= snippetWords {
		room := max(0, snippetWords-1-(f.best.last-f.best.first))
		first = f.best.first - min(snippetLead, room/2, f.best.first)
	}
	end = min(len(f.words), first+snippetWords)
	return max(0, min(first, end-snippetWords)), end
}

// piece is a part of a text, in bytes.
type piece struct{ from, to int }

// marked returns the bytes that match between lo and hi, in order and apart.
func (f *finder) marked(lo, hi int) (pieces []piece) {
	if f.best.count == 0 {
		return nil
	}
	first, _ := f.context()
	// A phrase may begin in the snippet and end after it.
	for i := first; i < min(len(f.words), first+snippetWords+64); i++ {
		w := &f.words[i]
		for _, p := range f.phrases {
			if w.ends&p.end == 0 {
				continue
			}
			s := piece{max(lo, f.words[i+1-p.words].from), min(hi, w.to)}
			for n := len(pieces); n > 0 && s.from < pieces[n-1].to; n-- {
				s = piece{min(s.from, pieces[n-1].from), max(s.to, pieces[n-1].to)}
				pieces = pieces[:n-1]
			}
			if s.from < s.to {
				pieces = append(pieces, s)
			}
		}
	}
	return pieces
}

// eachWord yields the words of a valid text in order, until yield returns
// false: where they are in bytes, with the signs that hang on their last
// letter, and how they compare, which is only valid during the call. They are
// those of FTS5's tokeniser unicode61, which knows an older Unicode.
func eachWord(text string, yield func(from, to int, folded []byte) bool) {
	var folded []byte
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isLetter(r) {
			i += n
			continue
		}
		from := i
		folded = folded[:0]
		for letter := true; letter || isAccent(r); letter = isLetter(r) {
			if letter {
				folded = utf8.AppendRune(folded, fold(r))
			}
			i += n
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		for r > unicode.MaxASCII && n > 0 && unicode.Is(unicode.M, r) {
			i += n
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if !yield(from, i, folded) {
			return
		}
	}
}

// isLetter reports whether r is part of a word wherever it stands.
func isLetter(r rune) bool {
	if r <= unicode.MaxASCII {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r))
}

func notInWord(r rune) bool { return !isLetter(r) && !unicode.Is(unicode.M, r) }

// isAccent reports whether r within a word is passed over. Other combining
// signs stand between words.
func isAccent(r rune) bool {
	return 0x300 <= r && r <= 0x331 && strings.ContainsRune(accents, r)
}

const accents = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030A\u030B\u030C\u030F" +
	"\u0311\u031B\u0323\u0324\u0325\u0326\u0327\u0328\u032D\u032E\u0330\u0331"

// fold returns the one letter that stands for r, its other case, and what it
// is with an accent. FTS5 takes accents off Latin letters only.
func fold(r rune) rune {
	if r <= unicode.MaxASCII {
		return unicode.ToLower(r)
	}
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		least = min(least, c)
	}
	r = unicode.ToLower(least)
	if base, ok := bases[r]; ok {
		return base
	}
	return r
}

// bases has the letter under each accent.
var bases = func() map[rune]rune {
	m := map[rune]rune{}
	for _, row := range accented {
		base, _ := utf8.DecodeRuneInString(row)
		for _, r := range row[1:] {
			m[r] = base
		}
	}
	return m
}()

// accented has, after each letter, those that Unicode decomposes into it and
// accents.
var accented = []string{
	"aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ", "bḃḅḇ", "cçćĉċčḉ", "dďḋḍḏḑḓ",
	"eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ", "fḟ", "gĝğġģǧǵḡ", "hĥȟḣḥḧḩḫẖ", "iìíîïĩīĭįǐȉȋḭḯỉị",
	"jĵǰ", "kķǩḱḳḵ", "lĺļľḷḹḻḽ", "mḿṁṃ", "nñńņňǹṅṇṉṋ",
	"oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ", "pṕṗ", "rŕŗřȑȓṙṛṝṟ", "sśŝşšșṡṣṥṧṩ", "tţťțṫṭṯṱẗ",
	"uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", "vṽṿ", "wŵẁẃẅẇẉẘ", "xẋẍ", "yýÿŷȳẏẙỳỵỷỹ", "zźżžẑẓẕ",
}
