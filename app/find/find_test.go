package find

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// TestAll marks the matches with < and >.
func TestAll(t *testing.T) {
	for _, c := range []struct {
		name, query, options, want string
	}{
		{"nothing", "", "", "some text"},
		{"nothing by expression", "", "r", "some text"},
		{"once", "two", "", "one <two> three"},
		{"apart", "aa", "", "<aa><aa>a"},
		{"begins again", "aab", "", "a<aab>"},
		{"case folded", "STRASSE", "", "<strasse> Straße <StRaSSe>"},
		{"case", "Two", "c", "two <Two> TWO"},
		{"kelvin", "k", "", "<k><K><\u212A>"},
		{"long s", "s", "", "<s><S><\u017F>ß"},
		{"sharp s", "ß", "", "<ß><ẞ>ss"},
		{"sigma", "ΟΔΟΣ", "", "<οδος> <οδοσ>"},
		{"dotted i", "i", "", "<i><I>İı"},
		{"dotted capital i", "İ", "", "iI<İ>ı"},
		{"under an accent", "e", "", "<e>\u0301 é"},
		{"composed", "é", "", "e\u0301 <é> <É>"},
		{"over lines", "a\nb", "", "<a\nb> <A\nB>"},
		{"emoji", "👩", "", "<👩>\u200d<👩>\u200d👧"},
		{"word", "one", "w", "<one> bone ones one_ one1 (<one>) <ONE>"},
		{"word within", "aa", "w", "aaa <aa>"},
		{"word and sign", "c++", "w", "<c++> cc++ <c++>x"},
		{"word of accents", "cafe", "w", "cafe\u0301 <cafe>"},
		{"word in french", "homme", "w", "l'<homme>"},
		{"word of cyrillic", "мир", "w", "<мир> мира <Мир>"},
		{"word of chinese", "漢", "w", "<漢>字"},
		{"word of thai", "ก", "w", "กิ <ก>ข"},
		{"word of korean", "한", "w", "한국 <한>"},
		{"expression", "t[wh]", "r", "one <tw>o <Th>ree"},
		{"expression with case", "t[wh]", "rc", "one <tw>o Three"},
		{"never empty", "x*", "r", "a<xx>b<x>"},
		{"line starts", "^a", "r", "<a>a\n<a>\nba"},
		{"line ends", "a$", "r", "a<a>\n<a>\nab"},
		{"text starts", `\Aa`, "r", "<a>\na"},
		{"text ends", `a\z`, "r", "a\n<a>"},
		{"over lines by expression", `a\nb`, "r", "<a\nb> <A\nB>"},
		{"dot", "a.", "r", "<ab>a\n<ac>"},
		{"alternatives", "a|b", "r", "<A> <b>"},
		{"quoted", `\Qa.b`, "r", "axb <a.b>"},
		{"expression of words", "o.", "rw", "<on> one <of> <oo>."},
		{"expression by code points", "[漢é]", "r", "👩<漢>字<é>"},
	} {
		text := strings.NewReplacer("<", "", ">", "").Replace(c.want)
		f, err := Compile(query(c.query, c.options))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		all, err := f.All(context.Background(), text, 0)
		if got := marked(text, all); got != c.want || err != nil {
			t.Errorf("%s: %q, want %q, error %v", c.name, got, c.want, err)
		}
		if len(all) > 1 {
			some, err := f.All(context.Background(), text, len(all)-1)
			if !slices.Equal(some, all[:len(all)-1]) || err != nil {
				t.Errorf("%s: at most %d: %v, error %v", c.name, len(all)-1, some, err)
			}
		}
	}
}

func query(text, options string) Query {
	return Query{
		Text: text, Case: strings.Contains(options, "c"),
		Word: strings.Contains(options, "w"), Regexp: strings.Contains(options, "r"),
	}
}

func marked(text string, all []Range) string {
	in := []rune(text)
	for _, r := range slices.Backward(all) {
		in = slices.Insert(slices.Insert(in, r.To, '>'), r.From, '<')
	}
	return string(in)
}

func TestErrors(t *testing.T) {
	for expr, want := range map[string]string{
		"a(b":           "There is a ( without its ), at character 2.",
		"é(a)(":         "There is a ( without its ), at character 5.",
		`\([(](`:        "There is a ( without its ), at character 6.",
		`[[:alpha:](](`: "There is a ( without its ), at character 13.",
		`\Q(\E(`:        "There is a ( without its ), at character 6.",
		"a)b(":          "There is a ) without its (, at character 2.",
		"[]a":           "There is a [ without its ], at character 1.",
		`a\`:            `There is a \ with nothing after it, at character 2.`,
		"*a":            "There is nothing before * to repeat, at character 1.",
		"a**":           "** repeats what repeats already, at character 2.",
		"a{2,1}":        "Nothing can be repeated as {2,1} asks, at character 2.",
		"[z-a]":         "The range z-a is the wrong way round, at character 2.",
		`a\y`:           `\y has no meaning, at character 2.`,
		`a(?=b)`:        "(?= is not known here; there is no looking ahead or back, at character 2.",
		`(?P<n n>a)`:    "(?P<n n> is no name for a group, at character 1.",
		"a\xff":         "This is not text, at character 2.",
		strings.Repeat("(", 2e3) + strings.Repeat(")", 2e3): "This expression is too large.",
	} {
		_, err := Compile(Query{Text: expr, Regexp: true})
		if err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %v", expr, err, want)
		}
	}
}

func TestReplacement(t *testing.T) {
	for _, c := range []struct{ expr, match, with, want string }{
		{`(\w+) (\w+)`, "one two", "$2 $1", "two one"},
		{`(?P<first>\w+) (?<second>\w+)`, "one two", "${second}, ${first}", "two, one"},
		{`(a)`, "a", "$1x$10$2", "axa0$2"},
		{`(a)`, "A", "$0$&$$1", "AA$1"},
		{`a`, "a", `one\ntwo\t\\n\q`, "one\ntwo\t\\n\\q"},
		{`(a)|(b)`, "b", "[$1$2]", "[b]"},
		{`a`, "a", "${none} ${ $ x$", "${none} ${ $ x$"},
		{`\b(a)(b)?`, "a", "$1-$2", "a-"},
		{`\B(a+)$`, "aa", "<$1>", "<aa>"},
		{`(a+?)b*`, "aab", "$1", "aa"},
		{`a`, "a", "plain", "plain"},
	} {
		f, err := Compile(Query{Text: c.expr, Regexp: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Replacement(c.match, c.with); got != c.want {
			t.Errorf("%q, match %q, with %q: %q, want %q", c.expr, c.match, c.with, got, c.want)
		}
	}
	f, _ := Compile(Query{Text: "a"})
	if got := f.Replacement("a", `$0\n`); got != `$0\n` {
		t.Errorf("literal: %q", got)
	}
}

func TestCancelled(t *testing.T) {
	text := strings.Repeat("a line\n", 100_000)
	for _, options := range []string{"", "r"} {
		f, _ := Compile(query("line", options))
		ctx := &lapsing{Context: context.Background(), looks: 3}
		all, err := f.All(ctx, text, 0)
		if !errors.Is(err, context.Canceled) || len(all) == 0 || len(all) > 4*stride/7 {
			t.Errorf("%q: %d matches, %v", options, len(all), err)
		}
	}
}

// A long word that might begin anywhere costs no more than one look at the text.
func TestLongWord(t *testing.T) {
	f, _ := Compile(query(strings.Repeat("a", 10_000), "w"))
	text := strings.Repeat("a", 100_000)
	start := time.Now()
	all, err := f.All(context.Background(), text+" "+text[:10_000], 0)
	if took := time.Since(start); err != nil || len(all) != 1 || all[0].From != len(text)+1 || took > 2*time.Second {
		t.Errorf("%v after %v: %v", all, took, err)
	}
}

// An expression each of whose matches costs the whole line can be stopped within
// the line, and looks for few matches more than are wanted.
func TestCancelledInALine(t *testing.T) {
	text := strings.Repeat("a", 20_000)
	f, _ := Compile(query("a.*c|a", "r"))
	ctx := &lapsing{Context: context.Background(), looks: 1}
	if all, err := f.All(ctx, text[:5_000], 0); !errors.Is(err, context.Canceled) || len(all) != firstFew {
		t.Errorf("%d matches, %v", len(all), err)
	}
	if all, err := f.All(context.Background(), text[:5_000], 10); err != nil || len(all) != 10 {
		t.Errorf("%d matches, %v", len(all), err)
	}
	f, _ = Compile(query("a", "r"))
	all, err := f.All(context.Background(), text, 0)
	if err != nil || len(all) != len(text) {
		t.Errorf("%d matches, %v", len(all), err)
	}
	for i, at := range all {
		if at != (Range{i, i + 1}) {
			t.Fatalf("match %d is %v", i, at)
		}
	}
}

// lapsing is a context that is cancelled once it was looked at so often.
type lapsing struct {
	context.Context
	looks int
}

func (l *lapsing) Err() error {
	if l.looks--; l.looks < 0 {
		return context.Canceled
	}
	return nil
}

var letters = []string{"a", "a", "b", "A", "B", "s", "ſ", "ß", "ẞ", "k", "\u212A", "i", "İ", "ı", "é", "e\u0301", "漢", "ก", "ิ", " ", "\n", "_", "1", "-", "👩\u200d👧", "σ", "ς"}

func randomText(r *rand.Rand, n int) string {
	var out strings.Builder
	for range r.IntN(n + 1) {
		out.WriteString(letters[r.IntN(len(letters))])
	}
	return out.String()
}

func TestLikeSlow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	found := 0
	for range 20_000 {
		q := Query{Text: randomText(r, 2), Case: r.IntN(2) == 0, Word: r.IntN(3) == 0}
		found += sameAsSlow(t, q, randomText(r, 40))
	}
	if found < 5_000 {
		t.Errorf("only %d matches tried", found)
	}
}

func sameAsSlow(t *testing.T, q Query, text string) int {
	t.Helper()
	f, err := Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.All(context.Background(), text, 0)
	if want := slow(q, text); !slices.Equal(got, want) || err != nil {
		t.Fatalf("%+v in %q: %v, want %v, error %v", q, text, got, want, err)
	}
	return len(got)
}

// slow finds literals by looking everywhere.
func slow(q Query, text string) (all []Range) {
	in, what := []rune(text), []rune(q.Text)
	for i := 0; len(what) > 0 && i+len(what) <= len(in); i++ {
		unlike := func(a, b rune) int {
			if a == b || !q.Case && strings.EqualFold(string(a), string(b)) {
				return 0
			}
			return 1
		}
		if slices.CompareFunc(what, in[i:i+len(what)], unlike) != 0 || q.Word && !(slowEdge(in, i) && slowEdge(in, i+len(what))) {
			continue
		}
		all = append(all, Range{i, i + len(what)})
		i += len(what) - 1
	}
	return all
}

func slowEdge(in []rune, at int) bool {
	if at == 0 || at == len(in) {
		return true
	}
	left, right := in[at-1], in[at]
	class := func(r rune) bool {
		return r == '_' || r == joiner || unicode.In(r, unicode.L, unicode.M, unicode.N)
	}
	apart := unspaced(left) || unspaced(right)
	return !class(left) || !class(right) || apart && !unicode.IsMark(right) && right != joiner
}

// TestChunks searches line by line and in one, with expressions that may and may
// not be.
func TestChunks(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	exprs := []string{
		"a+", "^.", ".$", `\ba`, `a\b`, `\B.`, "^$", "[^b]+", `\s+`, `a\s*b`, "(?s:a.)", `\A.`, `.\z`, `(?-m:.$)`, "a\n+", `\S+\n`, "(a|b)*", `\W`, `[[:space:]]a`, `\pL+`,
	}
	compiled := make(map[string]*expression)
	for _, expr := range exprs {
		e, err := newExpression(expr, false)
		if err != nil {
			t.Fatal(err)
		}
		compiled[expr] = e
	}
	within := 0
	for range 4000 {
		expr := exprs[r.IntN(len(exprs))]
		e := compiled[expr]
		if e.within {
			within++
		}
		text := randomText(r, 40)
		got, want := matches{text: text}, []Range(nil)
		if err := e.search(context.Background(), &got, 1+r.IntN(5)); err != nil {
			t.Fatal(err)
		}
		for _, at := range e.re.FindAllStringIndex(text, -1) {
			if at[0] < at[1] {
				want = append(want, Range{utf8.RuneCountInString(text[:at[0]]), utf8.RuneCountInString(text[:at[1]])})
			}
		}
		if !slices.Equal(got.all, want) {
			t.Fatalf("%q in %q: %v, want %v", expr, text, got.all, want)
		}
	}
	if within < 1000 || within > 3000 {
		t.Errorf("%d of 4000 searched line by line", within)
	}
}

func FuzzLiteral(f *testing.F) {
	f.Add("a", "bab ab", true, true)
	f.Fuzz(func(t *testing.T, what, text string, exact, word bool) {
		if len(text) < 500 && utf8.ValidString(what) && utf8.ValidString(text) {
			sameAsSlow(t, Query{Text: what, Case: exact, Word: word}, text)
		}
	})
}

func FuzzExpression(f *testing.F) {
	f.Add("(a|b)+$", "$1", "ab\nab", true)
	f.Fuzz(func(t *testing.T, expr, with, text string, word bool) {
		if len(expr) > 100 || len(text) > 2000 || len(with) > 100 {
			return
		}
		finder, err := Compile(Query{Text: expr, Word: word, Regexp: true})
		if err != nil {
			if s := err.Error(); !strings.HasSuffix(s, ".") || strings.Contains(s, "regexp:") {
				t.Errorf("%q: %v", expr, err)
			}
			return
		}
		all, err := finder.All(context.Background(), text, 0)
		if err != nil {
			t.Fatal(err)
		}
		in, last := []rune(text), 0
		for _, r := range all {
			if r.From < last || r.From >= r.To || r.To > len(in) {
				t.Fatalf("%q in %q: %v", expr, text, all)
			}
			last = r.To
			finder.Replacement(string(in[r.From:r.To]), with)
		}
	})
}

// TestCorpus says that the fuzz targets have seeds to start from.
func TestCorpus(t *testing.T) {
	for _, target := range []string{"FuzzLiteral", "FuzzExpression"} {
		seeds, err := os.ReadDir(filepath.Join("testdata", "fuzz", target))
		if err != nil || len(seeds) < 5 {
			t.Errorf("%s has %d seeds: %v", target, len(seeds), err)
		}
	}
}

// BenchmarkAll searches 1 MB.
func BenchmarkAll(b *testing.B) {
	latin := strings.Repeat("A line of some sixty letters, as in most of texts,\n", 20_000)
	mixed := strings.Repeat("Zwölf Boxkämpfer jagen 漢字 quer über den Deich, мир.\n", 16_000)
	for _, c := range []struct{ name, text, query, options string }{
		{"rare", latin, "sixty lettres", ""},
		{"common", latin, "most", ""},
		{"mixed", mixed, "über", ""},
		{"case", mixed, "über", "c"},
		{"word", mixed, "мир", "w"},
		{"hostile", strings.Repeat("a", 1<<20), strings.Repeat("a", 500) + "b", "w"},
		{"expression", latin, `\bm\w+`, "r"},
		{"expression of all", latin, `m\w+\s`, "r"},
		{"empty ones", latin, `x*`, "r"},
	} {
		b.Run(fmt.Sprint(c.name), func(b *testing.B) {
			f, err := Compile(query(c.query, c.options))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if _, err := f.All(context.Background(), c.text, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
