package markdown

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var updatePages = flag.Bool("pages", false, "write the pages anew")

// pageBody is what a page shows.
func pageBody(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<main>\n")
	body, end, ok2 := strings.Cut(rest, "</main>\n")
	if !ok || !ok2 || end != "</body>\n</html>\n" {
		t.Fatalf("no page: %.200q", page)
	}
	return body
}

func TestPageGolden(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "page", "all.md"))
	if err != nil {
		t.Fatal(err)
	}
	got, file := Page(string(text)), filepath.Join("testdata", "page", "all.html")
	if *updatePages {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("the page differs from %s (write it anew with -pages): %v\n%s", file, err, pageBody(t, got))
	}
}

func TestPageTitle(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "Untitled",
		" \n\n":                              "Untitled",
		"one\n\n## *Two* <3\n# Three":        "Two &lt;3",
		"#\n\n</title>":                      "#",
		"</title><script>\nx":                "&lt;/title&gt;&lt;script&gt;",
		"---\ntitle: x\n---\nHello":          "Hello",
		"---\ntitle: x\nnever closed":        "---",
		"a\r\n===\r\n":                       "a",
		strings.Repeat("é", 150):             strings.Repeat("é", 100) + "…",
		"# \xff":                             "\ufffd",
		"---\n\n# After a rule, all is left": "After a rule, all is left",
	} {
		page := Page(text)
		_, rest, _ := strings.Cut(page, "<title>")
		if got, _, _ := strings.Cut(rest, "</title>"); got != want {
			t.Errorf("%q has the title %q, want %q", text, got, want)
		}
	}
}

func TestPageIsSafe(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[a](javascript:alert(1))", "<p>a</p>"},
		{"[a](JaVaScript&colon;alert(1))", "<p>a</p>"},
		{"[a](java&#9;script:x)", "<p>a</p>"},
		{"[a](java&NewLine;script:x)", "<p>a</p>"},
		{"[a](<\u0001javascript:x>)", "<p>a</p>"},
		{"[a](vbscript:x) [b](file:///etc/passwd) [c](data:text/html,x)", "<p>a b c</p>"},
		{"[a](//host/share)", "<p>a</p>"},
		{"[a](\\\\\\\\host/share)", `<p><a href="%5C%5Chost/share">a</a></p>`},
		{"[*a* `b`](smb://host)", "<p><em>a</em> <code>b</code></p>"},
		{"[a][b]\n\n[b]: javascript:x", "<p>a</p>"},
		{"<javascript:alert(1)> <https://x.example/?a=<b>", "<p>javascript:alert(1) &lt;https://x.example/?a=<!-- -->"},
		{"<https://x.example/\"onclick=\"x>", `<p><a href="https://x.example/%22onclick=%22x">https://x.example/&quot;onclick=&quot;x</a></p>`},
		{"[a](/b 'x\" onclick=\"y')", `<p><a href="/b" title="x&quot; onclick=&quot;y">a</a></p>`},
		{"![a](https://x.example/p.png)", `<p><a href="https://x.example/p.png">a</a></p>`},
		{"![](p.png)", `<p><a href="p.png">p.png</a></p>`},
		{"![a](data:image/png;base64,AA==)", `<p><img src="data:image/png;base64,AA==" alt="a"></p>`},
		{"![a](data:image/svg+xml,x)", "<p>a</p>"},
		{"[![a](p.png)](b)", `<p><a href="b">a</a></p>`},
		{"a<br>b <img src=x onerror=y> <!-- c -->d", "<p>a<br>b &lt;img src=x onerror=y&gt; d</p>"},
		{"<script>\nalert(1)\n</script>", "<pre><code>&lt;script&gt;\nalert(1)\n&lt;/script&gt;\n</code></pre>"},
		{"<!-- x -->", ""},
		{"<!-- x --> <b>", "<pre><code>&lt;!-- x --&gt; &lt;b&gt;\n</code></pre>"},
		{"``` \"><script>\nx\n```", "<pre><code class=\"language-&quot;&gt;&lt;script&gt;\">x\n</code></pre>"},
		{"# a\"b <i>\n# \"", "<h1 id=\"ab-i\">a&quot;b &lt;i&gt;</h1>\n<h1 id=\"section\">&quot;</h1>"},
	} {
		got := strings.TrimSuffix(pageBody(t, Page(c.text)), "\n")
		if want, begins := strings.CutSuffix(c.want, "<!-- -->"); got != want && !(begins && strings.HasPrefix(got, want)) {
			t.Errorf("%q became\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}

func TestPageAnchors(t *testing.T) {
	body := pageBody(t, Page("# A b_c-d, *e*!\n# Grüße Welt\n# x\n# x\n# x-1\n# x\n# \n"))
	for _, id := range []string{"a-b_c-d-e", "grüße-welt", "x", "x-1", "x-1-1", "x-2", "section"} {
		if strings.Count(body, `id="`+id+`"`) != 1 {
			t.Errorf("%q is not the name of one heading:\n%s", id, body)
		}
	}
}

// Texts that goldmark alone takes seconds or gigabytes for.
func TestPageLimits(t *testing.T) {
	stairs := ""
	for i := range 300 {
		stairs += strings.Repeat("  ", i) + "- a\n"
	}
	for name, text := range map[string]string{
		"quotes":     strings.Repeat(">", 1<<18),
		"items":      strings.Repeat("+ ", 1<<16) + "x",
		"stairs":     stairs,
		"notes":      strings.Repeat("[^a]: ", 1<<14),
		"brackets":   strings.Repeat("[", 1<<18),
		"links":      strings.Repeat("[a](", 1<<16),
		"pictures":   strings.Repeat("![a](b", 1<<15),
		"emphasis":   strings.Repeat("*a_b**c__ ", 1<<15),
		"ticks":      strings.Repeat("`a``b```", 1<<15),
		"cells":      strings.Repeat("|a", 5000) + "\n" + strings.Repeat("|-", 5000) + "\n" + strings.Repeat("a\n", 20000),
		"tables":     strings.Repeat(strings.Repeat("|a", 500)+"\n"+strings.Repeat("|-", 500)+"\n"+strings.Repeat("a\n", 500)+"\n", 20),
		"references": "[a]: /" + strings.Repeat("u", 1<<16) + "\n\n" + strings.Repeat("[a]\n\n", 1<<13),
		"headings":   strings.Repeat("# a\n", 1<<14),
	} {
		start := time.Now()
		page := Page(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(text))
		}
		if most := 100*len(text) + 100<<20/4; len(page) > most {
			t.Errorf("%s: %d bytes became %d", name, len(text), len(page))
		}
	}
}

// What is beyond the limits loses its looks, not its words.
func TestPageLimitsKeepWords(t *testing.T) {
	body := pageBody(t, Page(strings.Repeat("*a* ", maxSigns)+"**last**"))
	if !strings.HasPrefix(body, "<p><em>a</em> ") || !strings.HasSuffix(body, "*a* **last**</p>\n") {
		t.Errorf("%.100s … %s", body, body[len(body)-100:])
	}
	if body = pageBody(t, Page(strings.Repeat("> ", 2*maxNested+50)+"deep")); !strings.Contains(body, "&gt; deep</p>") {
		t.Error(body)
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<13 {
			return
		}
		body := strings.ToLower(pageBody(t, Page(text)))
		for _, bad := range []string{"<script", "<style", "<iframe", "=\"javascript:", "=\"vbscript:", "=\"file:", "=\"//", " onerror=\"", "<img src=\"h"} {
			if strings.Contains(body, bad) {
				t.Fatalf("%q has %s in it:\n%s", text, bad, body)
			}
		}
	})
}

func BenchmarkPage(b *testing.B) {
	text := strings.Repeat("# One\n\nSome *words* and **more** of [it](http://a.example).\n\n- a\n- [x] b\n\n", 1<<20/75)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Page(text)
	}
}
