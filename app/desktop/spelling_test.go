package desktop

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/app/spell"
)

func infos(languages ...string) []spell.Info {
	var all []spell.Info
	for _, l := range languages {
		all = append(all, spell.Info{Language: l})
	}
	return all
}

func TestDictionariesThatFit(t *testing.T) {
	all := infos("de_AT", "de_DE", "en_GB", "en_US", "fr")
	for name, value := range map[string]string{"LC_ALL": "fr_CA.UTF-8", "LC_MESSAGES": "", "LANG": "", "LANGUAGE": ""} {
		t.Setenv(name, value)
	}
	for _, c := range []struct {
		installed []spell.Info
		chosen    []string
		want      string
	}{
		{all, nil, "fr en_US"}, // what suits the system
		{all, []string{"fr", "en_GB"}, "en_GB fr"},
		{all, []string{"it"}, ""},
		{nil, nil, ""},
	} {
		var got []string
		for _, info := range fitting(c.installed, c.chosen) {
			got = append(got, info.Language)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v, want %s", c.chosen, got, c.want)
		}
	}
}

func TestLanguageNames(t *testing.T) {
	for code, want := range map[string]string{
		"en_GB": "English (GB)", "fr": "French", "de-AT": "German (AT)", "xx_YY": "xx_YY", "sr_RS_latin": "Serbian (RS latin)",
	} {
		if got := languageName(code); got != want {
			t.Errorf("%s is called %s", code, got)
		}
	}
}

// A word that is added is right at once and the next time, and lies in a file
// beside the documents.
func TestWordsAreLearned(t *testing.T) {
	s := writing(t, "# A gulltern here\n")
	dic := filepath.Join(t.TempDir(), "en_GB")
	for end, text := range map[string]string{".aff": "SET UTF-8\n", ".dic": "2\nA\nhere\n"} {
		if err := os.WriteFile(dic+end, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	own := filepath.Join(s.home, ownWords)
	checker, err := openChecker(t.Context(), own, []spell.Info{{Language: "en_GB", Path: dic + ".dic"}})
	if err != nil || checker == nil {
		t.Fatalf("open: %v, %v", checker, err)
	}
	s.spelling.checker = checker
	s.editor.SetSpell(s.speller())
	s.editor.GoTo(6)
	if checker.Right("gulltern") {
		t.Fatal("it is right already")
	}
	s.editor.Do("spell.add")
	s.until("the word is right", func() bool { return checker.Right("gulltern") })
	s.until("it is said", func() bool { return s.page.notice != nil })
	data, err := os.ReadFile(own)
	if err != nil || !slices.Contains(strings.Split(string(data), "\n"), "gulltern") {
		t.Errorf("the file has %q, %v", data, err)
	}
}

func TestNoDictionaryIsSaidQuietly(t *testing.T) {
	checker, err := openChecker(t.Context(), filepath.Join(t.TempDir(), ownWords), nil)
	if checker != nil || err != nil {
		t.Errorf("got %v, %v", checker, err)
	}
	s := writing(t, "")
	s.spelling = spelling{looked: true}
	if rows := s.spellingRows(); len(rows) != 1 || s.speller() != nil || s.page.notice != nil {
		t.Error("it is not one quiet row")
	}
}

func TestWordAt(t *testing.T) {
	text := "One gull\nthé tern, here"
	for at, want := range map[int]string{0: "One", 3: "One", 4: "gull", 8: "gull", 9: "thé", 12: "thé", 13: "tern", 17: "tern", 22: "here"} {
		if got := wordAt(text, at); got != want {
			t.Errorf("at %d is %q, want %q", at, got, want)
		}
	}
}

// The first document has no words that a dictionary would mark.
func TestWelcomeIsSpeltRight(t *testing.T) {
	for _, line := range strings.Split(welcome("Ada"), "\n") {
		plain := ""
		for i, part := range strings.Split(line, "`") {
			if i%2 == 0 { // not code
				plain += part + " "
			}
		}
		spell.Words(plain, func(from, to int) bool {
			if word := plain[from:to]; word == "Ctrl" || word == "Cmd" {
				t.Errorf("%q is marked in %q", word, line)
			}
			return true
		})
	}
}
