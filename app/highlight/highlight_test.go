package highlight

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
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
		{"Go", "x := `a\nb` /* c", "n oo ss\nss cc c"},
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
	long := strings.Repeat("x = 1\n", maxCode/6+1)
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
	if Tokens("go", long[:maxCode]) == nil {
		t.Error("64 KiB of code have no colours")
	}
}

// TestLanguages holds that each embedded language can be read and compiled and
// is found by its names.
func TestLanguages(t *testing.T) {
	entries, err := files.ReadDir("lexers")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 55 {
		t.Errorf("%d languages, want at least 55", len(entries))
	}
	for _, e := range entries {
		l, err := open("lexers/" + e.Name())
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := l.Tokenise(nil, "x"); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
		if find(l.Config().Name) == nil && !strings.Contains(l.Config().Name, " ") {
			t.Errorf("%s is not found by its name %q", e.Name(), l.Config().Name)
		}
	}
	for name, known := range more {
		if find(name) == nil || find(known) == nil {
			t.Errorf("%s (%s) is not found", name, known)
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
		l, err := chroma.NewLexer(&chroma.Config{Name: tt.name}, func() chroma.Rules {
			if _, ok := tt.rules["root"]; !ok {
				return tt.rules
			}
			return bound(tt.rules)
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if got := run(l, code); got != nil {
			t.Errorf("%s: %v, want nil", tt.name, got)
		}
		if d := time.Since(start); d > 4*time.Second {
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

// BenchmarkFirst reads the heads of all languages and compiles one.
func BenchmarkFirst(b *testing.B) {
	for b.Loop() {
		run(load()["js"], "x")
	}
}
