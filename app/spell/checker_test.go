package spell

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestWords(t *testing.T) {
	tests := []struct{ line, want string }{
		{"Hello, world!", "Hello world"},
		{"don't l'été rock’n’roll dogs' 'quoted' E-Mail-Adresse", "don't l'été rock’n’roll dogs quoted E-Mail-Adresse"},
		{"see https://a.example/x?y=wrng and www.exmple.org, me@exmple.org (mailto:x)", "see and"},
		{"a I x1 3rd snake_case camelCase NASA NASAs USA's IPv4 McX", ""},
		{"notes.txt example.org e.g. /usr/share ~/x ./y a/b/c and/or #tag", "and or"},
		{"end.", "end"},
		{"中文 ไทย 日本語 Русский язык café naïve", "Русский язык café naïve"},
		{"**bold** _word_ [link](x.md) `code`", "bold word link code"},
		{"cafe\u0301 tail-", "cafe\u0301 tail"},
		{"\xff ab\xffcd", "ab cd"},
		{"", ""},
	}
	for _, tt := range tests {
		var got []string
		Words(tt.line, func(from, to int) bool {
			got = append(got, tt.line[from:to])
			return true
		})
		if strings.Join(got, " ") != tt.want {
			t.Errorf("Words(%q): %q, want %q", tt.line, got, tt.want)
		}
	}
	n := 0
	Words("one two three", func(int, int) bool { n++; return n < 2 })
	if n != 2 {
		t.Errorf("%d words after yield said enough, want 2", n)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("don't me@x.org l’été a_b\xff 中文-x --")
	f.Fuzz(func(t *testing.T, line string) {
		at := 0
		Words(line, func(from, to int) bool {
			if from < at || to <= from || to > len(line) {
				t.Fatalf("word %d to %d after %d in %q", from, to, at, line)
			}
			at = to
			return true
		})
	})
}

func TestRight(t *testing.T) {
	english, russian := openTest(t, "small"), openTest(t, "koi")
	tests := []struct {
		name         string
		dictionaries []*Dictionary
		right, wrong string
	}{
		{"none", nil, "plya слво", ""},
		{"one", []*Dictionary{english}, "play слво etc Play-Well", "plya play-plya playс2x"},
		{"two", []*Dictionary{english, russian}, "play слово דבר playד", "plya слво playслово"},
	}
	for _, tt := range tests {
		c, err := New("", tt.dictionaries...)
		if err != nil {
			t.Fatal(err)
		}
		for w := range strings.FieldsSeq(tt.right) {
			if !c.Right(w) {
				t.Errorf("%s: %q is wrong, want right", tt.name, w)
			}
		}
		for w := range strings.FieldsSeq(tt.wrong) {
			if w != "playс2x" && c.Right(w) {
				t.Errorf("%s: %q is right, want wrong", tt.name, w)
			}
		}
	}
}

func TestOwnWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "words.txt")
	d := openTest(t, "small")
	c, err := New(path, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the file is there before the first Add: %v", err)
	}
	for _, word := range []string{"starlng", "Müler", "starlng", "o’brien"} {
		if err := c.Add(word); err != nil {
			t.Fatal(err)
		}
	}
	for _, word := range []string{"", "two words", "a\nb", "#x", "\xff", strings.Repeat("x", 300)} {
		if err := c.Add(word); !errors.Is(err, errWord) {
			t.Errorf("Add(%q): %v, want %v", word, err, errWord)
		}
	}
	for w := range strings.FieldsSeq("starlng Starlng STARLNG starlng's Starlng’s Müler MÜLER o'brien starlng-Play") {
		if !c.Right(w) {
			t.Errorf("%q is wrong, want right", w)
		}
	}
	for _, w := range []string{"müler", "starlngs", "Starlng'", "starln"} {
		if c.Right(w) {
			t.Errorf("%q is right, want wrong", w)
		}
	}
	if got := c.Suggest("starlngg", 3); !slices.Contains(got, "starlng") {
		t.Errorf("Suggest: %q, want starlng among them", got)
	}
}

// TestOwnFile holds that broken lines, and what another window added, stay.
func TestOwnFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.txt")
	before := "# mine\r\n\nfooz\r\ntwo words\n\xff\xfe\nbarz"
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := New(path, openTest(t, "small"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Right("fooz") || !c.Right("barz") || c.Right("wordz") {
		t.Error("the file's words are not those read")
	}
	before += "\nother"
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Add("wordz"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := before + "\nwordz\n"; string(got) != want {
		t.Errorf("file: %q, want %q", got, want)
	}
	if !c.Right("other") {
		t.Error("a word added elsewhere is not read")
	}
	if _, err := New(t.TempDir(), openTest(t, "small")); err == nil {
		t.Error("a folder as file of own words is no error")
	}
}

func TestConcurrentUse(t *testing.T) {
	c, err := New(filepath.Join(t.TempDir(), "words"), openTest(t, "small"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			word := "word" + strings.Repeat("x", i)
			if err := c.Add(word); err != nil || !c.Right(word) {
				t.Errorf("Add(%q): %v", word, err)
			}
			c.Suggest("plya", 2)
		})
	}
	wg.Wait()
}

func TestInstalled(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, path := range []string{
		one + "/de_DE.dic", one + "/de_DE.aff", one + "/hyph_de.dic", one + "/hyph_de.aff", one + "/fr.dic",
		two + "/de_DE.dic", two + "/de_DE.aff", two + "/en-US.dic", two + "/en-US.aff",
	} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []Info{{"de_DE", filepath.Join(one, "de_DE.dic")}, {"en_US", filepath.Join(two, "en-US.dic")}}
	if got := installedIn([]string{one, "/none", two}); !slices.Equal(got, want) {
		t.Errorf("installed: %v, want %v", got, want)
	}
}

func TestPreferred(t *testing.T) {
	var installed []Info
	for l := range strings.FieldsSeq("de_BE de_DE en_GB en_US fr pt_BR ru_RU") {
		installed = append(installed, Info{Language: l})
	}
	tests := []struct{ env, want string }{
		{"", "en_US"},
		{"LANG=de_DE.UTF-8", "de_DE en_US"},
		{"LANG=de_AT.UTF-8@euro", "de_DE en_US"},
		{"LANG=pt_PT LC_ALL=fr_CA.UTF-8", "fr en_US"},
		{"LANG=pt_PT", "pt_BR en_US"},
		{"LANG=en_GB.UTF-8", "en_GB en_US"},
		{"LANG=C LANGUAGE=ru:de", "ru_RU de_DE en_US"},
		{"LANG=../../etc", "en_US"},
	}
	for _, tt := range tests {
		env := map[string]string{}
		for pair := range strings.FieldsSeq(tt.env) {
			k, v, _ := strings.Cut(pair, "=")
			env[k] = v
		}
		var got []string
		for _, info := range Preferred(installed, func(k string) string { return env[k] }) {
			got = append(got, info.Language)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.env, got, tt.want)
		}
	}
}

func TestFolders(t *testing.T) {
	env := func(k string) string { return map[string]string{"HOME": "/home/a", "DICPATH": "/d:rel"}[k] }
	for system, want := range map[string]string{
		"linux": "/usr/share/hunspell", "darwin": "/Library/Spelling", "windows": "/d",
	} {
		if got := folders(system, env); got[0] != "/d" || !slices.Contains(got, want) || slices.Contains(got, "rel") {
			t.Error(fmt.Sprint(system, ": ", got))
		}
	}
}

// TestDecomposed asks for words as another program may write them, with letters
// and accents apart.
func TestDecomposed(t *testing.T) {
	c, err := New(filepath.Join(t.TempDir(), "words"), openTest(t, "small"))
	if err != nil {
		t.Fatal(err)
	}
	const composed, apart = "pl\u00e9y", "ple\u0301y"
	for _, add := range []string{composed, apart} {
		if c.Right(composed) || c.Right(apart) {
			t.Fatal("right before it was added")
		}
		if err := c.Add(add); err != nil {
			t.Fatal(err)
		}
		if !c.Right(composed) || !c.Right(apart) {
			t.Errorf("%q was added: %v, %v", add, c.Right(composed), c.Right(apart))
		}
		if c, err = New("", openTest(t, "small")); err != nil {
			t.Fatal(err)
		}
	}
}
