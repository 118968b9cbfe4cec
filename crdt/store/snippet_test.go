package store

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// numbers are the words w0 to w(n-1).
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " w%d", i)
	}
	return b.String()[1:]
}

// snippets has [ and ] for the marks.
var snippets = []struct{ name, text, query, want string }{
	{"empty", "", "a", ""},
	{"no words", "-- !", "a", "-- !"},
	{"at both edges", "star sings star", "star", "[star] sings [star]"},
	{"the start of the last word only", "stars star sing singing", "star sing", "stars [star] [sing] [singing]"},
	{"case", "The STARLING", "starling", "The [STARLING]"},
	{"accents in the text", "In the CAFÉ, says Zoë: cafe\u0301s.", "cafe", "In the [CAFÉ], says Zoë: [cafe\u0301s]."},
	{"accents in the query", "the cafe of Zoe", "Café zoë", "the [cafe] of [Zoe]"},
	{"no accents on Greek", "ΆΡΤΟΣ αρτος", "άρτος", "[ΆΡΤΟΣ] αρτος"},
	{"final sigma", "ο ΛΌΓΟΣ και ο λόγος", "λόγοσ", "ο [ΛΌΓΟΣ] και ο [λόγος]"},
	{"signs in the query", "o'clock \"quoted\"", `"o'clock" (quoted)`, "[o]'[clock] \"[quoted]\""},
	{"a start is no part", "catalogue cat, concat", "cat", "[catalogue] [cat], concat"},
	{"signs that split words", "हिन्दी में", "हिन्दी", "[हिन्दी] में"},
	{"inside a run of letters", "ที่สวัสดีครับ", "สวัสดี", "ที่[สวัสดี]ครับ"},
	{"phrases that overlap", "นานินานินา", "นานินา", "[นานินานินา]"},
	{"other marks", "a \x02star\x03 b", "star", "a [star] b"},
	{"a mark in a word", "st\x02ar st ar", "st ar", "[st][ar] [st] [ar]"},
	{"title only", "nothing here", "star", "nothing here"},
	{"replaced", "\xff star", "star", "\uFFFD [star]"},
	{"the start of a long one", numbers(99), "zzz", numbers(16) + "…"},
	{"near the start", numbers(99), "w3 w15", strings.NewReplacer("w3", "[w3]", "w15", "[w15]").Replace(numbers(16)) + "…"},
	{"in the middle", numbers(99), "w50", "…w46 w47 w48 w49 [w50] w51 w52 w53 w54 w55 w56 w57 w58 w59 w60 w61…"},
	{"at the end", numbers(100) + ".", "w99", "…w84 w85 w86 w87 w88 w89 w90 w91 w92 w93 w94 w95 w96 w97 w98 [w99]."},
	{"far apart", "w60 " + numbers(99), "w30 w60", strings.Replace("[w60] "+numbers(15), "w30", "[w30]", 1) + "…"},
	{
		"where most are", "one " + numbers(50) + " one x x two " + numbers(50) + " two one three " + numbers(50) + " one two", "one two three",
		"…w46 w47 w48 w49 [two] [one] [three] w0 w1 w2 w3 w4 w5 w6 w7 w8…",
	},
	{
		"where they are closest", numbers(50) + " one x x two " + numbers(50) + " two one " + numbers(50), "one two",
		"…w46 w47 w48 w49 [two] [one] w0 w1 w2 w3 w4 w5 w6 w7 w8 w9…",
	},
	{"a long word", strings.Repeat("é", 1000), "e", "[" + strings.Repeat("é", 200) + "]…"},
	{"much between", strings.Repeat("é", 999) + strings.Repeat("-", 999) + "star" + strings.Repeat("–", 999), "star", "…" +
		strings.Repeat("-", 198) + "[star]" + strings.Repeat("–", 66) + "…"},
}

var brackets = strings.NewReplacer(MarkOn, "[", MarkOff, "]")

func TestSnippet(t *testing.T) {
	for _, test := range snippets {
		m := newMatcher(wordsOf(test.query))
		for range 2 { // a matcher is used again
			if got := brackets.Replace(m.snippet(test.text, false)); got != test.want {
				t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
			}
		}
	}
}

func TestSnippetOfStart(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"one star", 8, "one [star]"},
		{"one starling", 8, "one…"}, // it may be starve
		{"one star sings", 9, "one [star]…"},
		{"one stañ", 8, "one…"},
		{"starling", 4, "[star]…"},
		{"ééé", 5, "éé…"},
	} {
		got := newMatcher([]string{"star"}).snippet(whole([]byte(test.text), test.limit))
		if got = brackets.Replace(got); got != test.want {
			t.Errorf("%d bytes of %q: %q, want %q", test.limit, test.text, got, test.want)
		}
	}
}

// What is beyond 64 places of a query is not marked.
func TestSnippetOfLongQuery(t *testing.T) {
	parts := func(n int) string { return strings.Repeat("नि", n) } // each is a word to FTS5
	for query, want := range map[string]string{
		parts(65):                           "star " + parts(15) + "…",
		"star " + parts(64):                 "[star] " + parts(15) + "…",
		parts(63) + " star " + parts(1):     "[star] [" + parts(15) + "]…",
		parts(62) + " star " + parts(1):     "[star] [" + parts(15) + "]…",
		"star star star x " + parts(59):     "[star] [" + parts(15) + "]…",
		strings.Repeat("star ", 15) + "sta": "[star] " + parts(15) + "…",
	} {
		if got := brackets.Replace(newMatcher(wordsOf(query)).snippet("star "+parts(70), false)); got != want {
			t.Errorf("%q:\n got %q\nwant %q", query, got, want)
		}
	}
}

// checkSnippet checks what is true of every snippet, and returns whether
// anything is marked.
func checkSnippet(t *testing.T, text, snippet string) (marked bool) {
	t.Helper()
	on := false
	for i := range len(snippet) {
		switch snippet[i : i+1] {
		case MarkOn:
			if on || strings.HasPrefix(snippet[i+1:], MarkOff) {
				t.Errorf("marks in %q", snippet)
			}
			on, marked = true, true
		case MarkOff:
			if !on {
				t.Errorf("marks in %q", snippet)
			}
			on = false
		}
	}
	plain := unmarked.Replace(snippet)
	if on || !utf8.ValidString(snippet) || len(plain) > snippetBytes+2*len("…") {
		t.Errorf("marked to the end, not UTF-8 or too long: %q", snippet)
	}
	all := unmarked.Replace(strings.ToValidUTF8(text, "\uFFFD"))
	if !strings.Contains("…"+all+"…", plain) && !strings.Contains(all, strings.TrimSuffix(strings.TrimPrefix(plain, "…"), "…")) {
		t.Errorf("%q is not in %q", plain, text)
	}
	return marked
}

func FuzzSnippet(f *testing.F) {
	for _, s := range snippets {
		f.Add(s.text, s.query, len(s.text))
	}
	f.Add("one two three", "two", 9)
	f.Fuzz(func(t *testing.T, text, query string, limit int) {
		body, cut := whole([]byte(text), max(0, limit))
		checkSnippet(t, text, newMatcher(wordsOf(query)).snippet(body, cut))
	})
}

// What FTS5 finds in a text is marked in its snippet.
func TestSnippetMarksWhatIsFound(t *testing.T) {
	db := memory(t)
	execOn(t, db, "CREATE VIRTUAL TABLE found USING fts5 (title, body, tokenize = 'unicode61 remove_diacritics 2')")
	alphabet := []rune("aabbAB é\u0301Éñ\u0331\u0332  .-ςΣσ鳥が\u0915\u093f\u094dกั1Ⅷ\uE000ſµ")
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		var b strings.Builder
		for range r.IntN(n) + 1 {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	const texts = 100
	bodies := make([]string, texts)
	for i := range bodies {
		bodies[i] = random(100)
		execOn(t, db, "INSERT INTO found (rowid, title, body) VALUES (?, '', ?)", i, bodies[i])
	}
	hits, missed := 0, 0
	for range 300 {
		words := wordsOf(random(8))
		if len(words) == 0 {
			continue
		}
		m := newMatcher(words)
		is := map[int]bool{}
		for _, i := range numbersOf(t, db, "SELECT rowid FROM found WHERE found MATCH ?", matchOf(words)) {
			is[i] = true
		}
		for i, body := range bodies {
			marked := checkSnippet(t, body, m.snippet(body, false))
			switch {
			case is[i] && !marked:
				t.Errorf("%q: nothing is marked in %q", words, body)
			case is[i]:
				hits++
			case len(words) == 1 && marked:
				missed++ // ſ is s to us
			}
		}
	}
	if hits < 500 || missed > hits/100 {
		t.Errorf("%d hits, %d marked that are none", hits, missed)
	}
}

// Letters that are one to FTS5 are one to us, and in the alphabets of Europe it
// splits words where we do.
func TestLettersOfFTS5(t *testing.T) {
	const all, europe = 0x2200, 0x530
	db := memory(t)
	execOn(t, db, "CREATE VIRTUAL TABLE letters USING fts5 (body, tokenize = 'unicode61 remove_diacritics 2')")
	execOn(t, db, "CREATE VIRTUAL TABLE terms USING fts5vocab (letters, instance)")
	execOn(t, db, "BEGIN")
	for r := rune(1); r < all; r++ {
		execOn(t, db, "INSERT INTO letters (rowid, body) VALUES (?, ?)", r, "x"+string(r)+"y")
	}
	rows, err := db.Query("SELECT doc, group_concat(term) FROM (SELECT doc, term FROM terms ORDER BY doc, offset) GROUP BY doc")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	ours := map[string]string{}
	n := 0
	for ; rows.Next(); n++ {
		var r rune
		var theirs string
		if err := rows.Scan(&r, &theirs); err != nil {
			t.Fatal(err)
		}
		var words []string
		eachWord("x"+string(r)+"y", func(_, _ int, folded []byte) bool {
			words = append(words, string(folded))
			return true
		})
		split := strings.Contains(theirs, ",")
		if r < europe && !unicode.Is(unicode.Cn, r) && split != (len(words) == 2) {
			t.Errorf("%U: FTS5 has %q, we %q", r, theirs, words)
		}
		if split || len(words) == 2 {
			continue
		}
		if was, ok := ours[theirs]; ok && was != words[0] {
			t.Errorf("%U: %q of FTS5 is both %q and %q", r, theirs, was, words[0])
		}
		ours[theirs] = words[0]
	}
	if err := rows.Err(); err != nil || n != all-1 {
		t.Errorf("%d letters: %v", n, err)
	}
}

func memory(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each has a memory of its own
	t.Cleanup(func() { db.Close() })
	return db
}

func execOn(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func numbersOf(t *testing.T, db *sql.DB, query string, args ...any) (all []int) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	err = scanAll(rows, func(rows *sql.Rows) error {
		var n int
		err := rows.Scan(&n)
		all = append(all, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
