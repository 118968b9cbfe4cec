package highlight

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// letters say a kind in a test's table.
const letters = ".knTfsdco"

// paint returns code with each byte replaced by its kind's letter; newlines
// stay.
func paint(code string, tokens []Token) string {
	out := []byte(strings.Repeat(".", len(code)))
	for _, t := range tokens {
		for i := t.From; i < t.To; i++ {
			out[i] = letters[t.Kind]
		}
	}
	for i := range code {
		if code[i] == '\n' || code[i] == ' ' {
			out[i] = code[i]
		}
	}
	return string(out)
}

func TestTokens(t *testing.T) {
	tests := []struct{ language, code, want string }{
		{"go", `func f(n int) string { return "a" + x // b`, `kkkk f.n TTT. TTTTTT . kkkkkk sss o n cc c`},
		{"Go", "x := `a\nb` /* c */", "n oo ss\nss cc c cc"},
		{"python", "def f(a):\n    return 'x' + 12 # no", "kkk f.n..\n    kkkkkk sss o dd c cc"},
		{"js", "const a = f(`x`, 1); // c", `kkkkk n o n.sss. d.. cc c`},
		{"ts", "let a: string = 'x'", `kkk n. TTTTTT o sss`},
		{"sh", "if [ -f x ]; then echo \"a\"; fi # c", `kk o .. . o. kkkk ffff sss. kk c c`},
		{"c", "int main(void) { return 0; } /* c */", `TTT ffff.TTTT. . kkkkkk d. . cc c cc`},
		{"C++", "class A { public: int x = 1; };", `kkkkk T . kkkkkko TTT n o d. ..`},
		{"rust,ignore", "fn main() { let x = 1; } // c", `kk ffff.. . kkk n o d. . cc c`},
		{"json", `{"a": [1, true, "x"]}`, `.kkk. .d. kkkk. sss..`},
		{"yml", "a: 1\nb: x # c", "k. d\nk. s c c"},
		{"sql", "SELECT a FROM t WHERE b = 'x' -- c", `kkkkkk n kkkk n kkkkk n o sss cc c`},
		{"html", `<p class="a">x</p><script>let a = 1</script>`, `.k nnnnnosss....k..kkkkkk.kkk n o d..kkkkkk.`},
		{"css", `p { color: red; }`, `k . kkkkk. kkk. .`},
		{"java", `class A { String x = "y"; }`, `kkkkk T . nnnnnn n o sss. .`},
		{"php", "<?php echo 'a'; // b", `oonnn kkkk sss. cc c`},
		{"ruby", "def f; puts 'a' end # b", `kkk f. ffff sss kkk c c`},
		{"diff", "-a\n+b\n c", "kk\nss\n ."},
		{"{.lua}", "local x = 1 -- ö", `kkkkk n o d cc cc`},
		{"dockerfile", "FROM a\nRUN echo \"b\"", "kkkk s\nkkk ffff sss"},
		{"makefile", "a: b\n\techo \"$(C)\" # d", "fo n\n.ffff skk.ks c c"},
	}
	for _, tt := range tests {
		got := paint(tt.code, Tokens(tt.language, tt.code))
		if got != tt.want {
			t.Errorf("Tokens(%q):\n%s\n%s, want\n%s", tt.language, tt.code, got, tt.want)
		}
	}
}

func TestTokensOfNothing(t *testing.T) {
	long := "//" + strings.Repeat("x", MaxCode)
	tests := []struct{ name, language, code string }{
		{"no language", "", "x"},
		{"unknown language", "klingon", "x"},
		{"only signs", "{.", "x"},
		{"no code", "go", ""},
		{"too long", "go", long},
		{"not UTF-8", "go", "a := \"\xff\""},
	}
	for _, tt := range tests {
		if got := Tokens(tt.language, tt.code); got != nil {
			t.Errorf("%s: %v, want nil", tt.name, got)
		}
	}
	if Tokens("go", long[:MaxCode]) == nil {
		t.Error("64 KiB of code have no colours")
	}
}

// TestLanguages holds that the library's plain lexers compile with bounds, by
// all the expressions that one place may try, and that our names are known.
func TestLanguages(t *testing.T) {
	e := newEngine()
	refused := map[string]bool{"Raku": true, "reStructuredText": true}
	if n := len(e.registry.Lexers); n < 250 {
		t.Errorf("%d languages, want at least 250", n)
	}
	for _, l := range e.registry.Lexers {
		name := l.Config().Name
		if _, err := l.Tokenise(nil, "x"); (err != nil) != refused[name] {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, known := range more {
		if e.find(name) == nil || e.find(known) == nil {
			t.Errorf("%s (%s) is not found", name, known)
		}
	}
	for name, want := range map[string]string{
		"py": "Python", "C#": "C#", "c++": "C++", "yml": "YAML", "mjs": "JavaScript", "jsonc": "JSON", "sh": "Bash",
		"golang": "Go", "rs": "Rust", "php": "PHP", "postgresql": "PostgreSQL SQL dialect", "makefile": "Makefile",
	} {
		if l := e.find(name); l == nil || l.Config().Name != want {
			t.Errorf("%s: %v, want %s", name, l, want)
		}
	}
}

// TestLongestPlace holds that a place can't take longer than promised, with
// each of its expressions late and at the end of a line.
func TestLongestPlace(t *testing.T) {
	e := newEngine()
	longest := 0
	for _, l := range e.registry.Lexers {
		look := chroma.MutatorFunc(func(s *chroma.LexerState) error {
			for _, list := range s.Rules {
				longest = max(longest, len(list))
			}
			return errLate
		})
		original, ok := lexers.GlobalLexerRegistry.Get(l.Config().Name).(*chroma.RegexLexer)
		if !ok {
			t.Fatalf("%s is not a plain lexer", l.Config().Name)
		}
		rules := e.rules(original)
		if rules == nil {
			continue
		}
		rules["look"] = []chroma.Rule{{Pattern: ``, Mutator: look}}
		looker := chroma.MustNewLexer(l.Config(), func() chroma.Rules { return rules })
		func() {
			defer func() { _ = recover() }()
			next, err := looker.Tokenise(&chroma.TokeniseOptions{State: "look"}, "x")
			if err == nil {
				next()
			}
		}()
	}
	place := 2 * time.Duration(longest) * (matchTimeout + 2*clockPeriod)
	call := callTimeout + MaxCode*byteTimeout
	if longest < 50 || call+place > 2*time.Second {
		t.Errorf("a place tries %d expressions, %v in all; want at most 2 s with the call's %v", longest, place, call)
	}
}

// TestJungle meets chroma's issue 1377: a language that goes in circles for
// ever at a mark that it does not know.
func TestJungle(t *testing.T) {
	start := time.Now()
	Tokens("jungle", "/")
	Tokens("jungle", "a = /")
	if d := time.Since(start); d > 4*time.Second {
		t.Errorf("took %v", d)
	}
}

// TestRawStrings holds that the one lexer that Go's rules start without bounds,
// for templates, can't go in circles: its one empty match leaves its state for
// one without any.
func TestRawStrings(t *testing.T) {
	l, ok := lexers.GoTextTemplate.(*chroma.RegexLexer)
	if !ok {
		t.Fatal("Go's templates have no plain lexer")
	}
	for state, list := range l.MustRules() {
		for _, r := range list {
			_, compiles := r.Mutator.(chroma.LexerMutator)
			lookahead := strings.HasPrefix(r.Pattern, "(?=")
			if compiles || lookahead && state == "template" {
				continue
			}
			if lookahead || regexp.MustCompile("^(?:"+r.Pattern+")$").MatchString("") {
				t.Errorf("%s: %s matches nothing", state, r.Pattern)
			}
		}
	}
}

// TestBounds lexes with rules that go wrong in each of the ways.
func TestBounds(t *testing.T) {
	fail := chroma.MutatorFunc(func(*chroma.LexerState) error { panic("broken") })
	tests := []struct {
		name  string
		rules chroma.Rules
	}{
		{"a circle of empty matches", chroma.Rules{"root": {{Pattern: ``}}}},
		{"states without end", chroma.Rules{"root": {{Pattern: ``, Mutator: chroma.Push("root")}}}},
		{"a panic", chroma.Rules{"root": {{Pattern: `a`, Type: chroma.Text, Mutator: fail}}}},
		{"a state that isn't there", chroma.Rules{"root": {{Pattern: `a`, Type: chroma.Text, Mutator: chroma.Push("x")}}}},
		{"no root", chroma.Rules{"x": {{Pattern: `a`, Type: chroma.Text}}}},
		{"no expression", chroma.Rules{"root": {{Pattern: `(`, Type: chroma.Text}}}},
		{"backtracking", chroma.Rules{"root": {{Pattern: `(a+)+\d`, Type: chroma.Text}}}},
	}
	code := strings.Repeat("a", 400)
	for _, tt := range tests {
		e := &engine{}
		l := chroma.MustNewLexer(&chroma.Config{Name: tt.name}, func() chroma.Rules { return e.bound(tt.rules) })
		start := time.Now()
		if got := e.run(l, code); got != nil {
			t.Errorf("%s: %v, want nil", tt.name, got)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%s: took %v", tt.name, d)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, language := range []string{"html", "go", "js", "css", "docker"} {
				if Tokens(language, "<b> func x 'a' RUN 1 {") == nil {
					t.Errorf("%s: no colours", language)
				}
			}
		})
	}
	wg.Wait()
}

// check fails the test if tokens break what Tokens promises of code.
func check(t *testing.T, code string, tokens []Token) {
	t.Helper()
	at := 0
	for _, tok := range tokens {
		if tok.From < at || tok.To <= tok.From || tok.To > len(code) || tok.Kind == Plain || tok.Kind > Operator {
			t.Fatalf("token %+v after byte %d of %d", tok, at, len(code))
		}
		if !utf8.RuneStart(code[tok.From]) || tok.To < len(code) && !utf8.RuneStart(code[tok.To]) {
			t.Fatalf("token %+v cuts a rune", tok)
		}
		at = tok.To
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []struct{ language, code string }{
		{"go", sample},
		{"html", "<a href='x'><style>p{}</style>"},
		{"sh", "cat <<A\n$(b ${c:-d})\nA\r\n"},
		{"php", "<?php $a = <<<X\nö\nX; ?>"},
		{"yaml", "a:\n  - |\n   b\n"},
		{"perl", "s{a}{b}g; m/x(/"},
	} {
		f.Add(s.language, s.code)
	}
	f.Fuzz(func(t *testing.T, language, code string) {
		check(t, code, Tokens(language, code))
	})
}

// sample are 44 lines of code of the usual kind.
var sample = strings.Repeat(`// Serve answers requests until the context ends.
func (s *Server) Serve(ctx context.Context, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("serve %s: %w", addr, err)
	}
	defer l.Close()
	for i := 0; i < 10 && ctx.Err() == nil; i++ {
		s.handle(l, time.Duration(i)*1e3)
	}
}
`, 4)

func BenchmarkTokens(b *testing.B) {
	for _, language := range []string{"go", "js", "python", "c++"} {
		b.Run(language, func(b *testing.B) {
			Tokens(language, sample)
			b.SetBytes(int64(len(sample)))
			for b.Loop() {
				Tokens(language, sample)
			}
		})
	}
}

// BenchmarkLine is what a keystroke costs in a line of code.
func BenchmarkLine(b *testing.B) {
	for language, code := range map[string]string{
		"go":      `	return fmt.Errorf("read %s: %w", p, e)`,
		"python":  `    return [f(x) for x in a if x != 'b']`,
		"klingon": `nuqneH`,
	} {
		b.Run(language, func(b *testing.B) {
			Tokens(language, code)
			for b.Loop() {
				Tokens(language, code)
			}
		})
	}
}

// BenchmarkFirst makes an engine and compiles one language.
func BenchmarkFirst(b *testing.B) {
	for b.Loop() {
		e := newEngine()
		e.run(e.find("js"), "x")
	}
}

// TestOnceMore holds that code is looked at once more if it took so long that an
// expression may have been stopped.
func TestOnceMore(t *testing.T) {
	calls := 0
	look := chroma.MutatorFunc(func(*chroma.LexerState) error {
		calls++
		for start := time.Now(); calls == 1 && time.Since(start) < matchTimeout; {
		}
		return nil
	})
	e := &engine{}
	l := chroma.MustNewLexer(&chroma.Config{Name: "x"}, func() chroma.Rules {
		return e.bound(chroma.Rules{"root": {{Pattern: `x`, Type: chroma.Keyword, Mutator: look}}})
	})
	if got := e.run(l, "xx"); len(got) != 1 || calls != 4 {
		t.Errorf("%v after %d matches, want 4", got, calls)
	}
}
