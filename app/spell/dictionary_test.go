package spell

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// openTest opens one of the dictionaries in testdata.
func openTest(t testing.TB, name string) *Dictionary {
	t.Helper()
	d, err := Open(Info{name, filepath.Join("testdata", name+".dic")})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHas(t *testing.T) {
	tests := map[string]struct{ right, wrong string }{
		"small": {
			right: "play plays replay replays Play REPLAYS city cities city's hopes hopeless hopelessly " +
				"Berlin BERLIN BERLIN'S Berlin’s iPhone IPHONE iPhones NATO NATO'S kg damn spielen gespielt " +
				"Arbeitsamt arbeitsamt haustür Haustürschloss arbeitshaustür hausamt café CAFÉS don't don’t DON'T Don't " +
				"well-known vis-à-vis and/or etc. 12 1,000.5 10-12",
			wrong: "playing citys playies hopely hopelesss berlin Iphone iphone nato Nato Kg KG badword Badword " +
				"badwords spielt gespielen tele Tele arbeits Arbeits amtarbeits haustürarbeits türhaus hausschlosss " +
				"schlosssamt dont etc well-knwon 1..2 -- replayed \xff x�",
		},
		"koi":   {right: "слово Слово дом домы", wrong: "словоы word домa"},
		"alias": {right: "do undo doer undoer sing singer", wrong: "unsing unsinger dos"},
	}
	for name, tt := range tests {
		d := openTest(t, name)
		for w := range strings.FieldsSeq(tt.right) {
			if !d.Has(w) {
				t.Errorf("%s: %q is wrong, want right", name, w)
			}
		}
		for w := range strings.FieldsSeq(tt.wrong) {
			if d.Has(w) {
				t.Errorf("%s: %q is right, want wrong", name, w)
			}
		}
	}
}

func TestSuggest(t *testing.T) {
	tests := []struct{ word, want string }{
		{"plya", "play"},
		{"pley", "play"},
		{"berlin", "Berlin"},
		{"foto", "photo"},
		{"cafe", "café"},
		{"alot", "a lot"},
		{"recieve", "receive"},
		{"recieves", "receives"},
		{"seperate", "separate"},
		{"seprate", "separate"},
		{"thewell", "the well"},
		{"Hopee", "Hope"},
		{"well-knwon", "well-known"},
		{"hopelesly", "hopelessly"},
		{"teh", "the"},
	}
	d := openTest(t, "small")
	for _, tt := range tests {
		if got := d.Suggest(tt.word, 5); len(got) == 0 || got[0] != tt.want {
			t.Errorf("Suggest(%q): %q, want %q first", tt.word, got, tt.want)
		}
	}
	for _, word := range []string{"dmn", "badwor", "", strings.Repeat("x", 500), "\xff"} {
		if got := d.Suggest(word, 5); slices.Contains(got, "damn") || slices.Contains(got, "badword") || len(got) > 5 {
			t.Errorf("Suggest(%q): %q", word, got)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	tests := []struct {
		name, aff, dic string
		want           error
	}{
		{"no affix file", "", "1\na\n", os.ErrNotExist},
		{"no words", "SET UTF-8\n", "0\n", errFormat},
		{"unknown encoding", "SET EBCDIC\n", "1\na\n", errFormat},
		{"short affix", "SET UTF-8\nSFX A\nSFX A Y\n", "1\na\n", errFormat},
		{"open condition", "SFX A Y 1\nSFX A 0 s [ab\n", "1\na\n", errCondition},
		{"long affix", "SFX A Y 1\nSFX A 0 " + strings.Repeat("s", 200) + " .\n", "1\na\n", errFormat},
	}
	for _, tt := range tests {
		folder := t.TempDir()
		if tt.aff != "" {
			if err := os.WriteFile(filepath.Join(folder, "xx.aff"), []byte(tt.aff), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(folder, "xx.dic")
		if err := os.WriteFile(path, []byte(tt.dic), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Info{"xx", path}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestHostile holds that a dictionary of many affixes that all fit can't make
// a word take long.
func TestHostile(t *testing.T) {
	aff := "SET UTF-8\nFULLSTRIP\nCOMPOUNDFLAG c\nCOMPOUNDMIN 1\nSFX A Y 1\nPFX B Y 1\n" +
		strings.Repeat("SFX A 0 0/A .\nPFX B 0 0/B .\n", 20_000)
	d, err := parse([]byte(aff), []byte("2\nb/ABc\na/ABc\n"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	d.Has(strings.Repeat("ab", 100) + "x")
	d.Suggest("abx", 5)
	// It takes some hundredths of a second, and without a bound for ever.
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestGrown holds that words which grow beyond all bounds, by ICONV or as small
// letters, are none.
func TestGrown(t *testing.T) {
	for _, tt := range []struct{ name, aff, stem, word string }{
		{"by ICONV", "ICONV 1\nICONV a " + strings.Repeat("x", 90) + "\n", strings.Repeat("x", 90), "aaaa"},
		{"by ICONV in a compound", "ICONV 1\nICONV a " + strings.Repeat("x", 90) + "\n", strings.Repeat("x", 30), "aaa"},
		{"as small letters", "", strings.Repeat("ⱥ", 10), strings.Repeat("Ⱥ", 119) + "B"},
	} {
		aff := "SET UTF-8\nCOMPOUNDFLAG C\nCOMPOUNDMIN 1\n" + tt.aff
		d, err := parse([]byte(aff), []byte("1\n"+tt.stem+"/C\n"))
		if err != nil {
			t.Fatal(err)
		}
		if d.Has(tt.word) {
			t.Errorf("%s: the dictionary has it", tt.name)
		}
		d.Suggest(tt.word, 3)
	}
}

// TestSystem checks words against the dictionary of the system.
func TestSystem(t *testing.T) {
	d := openSystem(t)
	for w := range strings.FieldsSeq("The quick brown foxes didn't jump OVER Smith's lazy dogs’ well-being") {
		if w = strings.Trim(w, "’"); !d.Has(w) {
			t.Errorf("%q is wrong, want right", w)
		}
	}
	for _, tt := range []struct{ word, want string }{
		{"recieve", "receive"},
		{"teh", "the"},
		{"definately", "definitely"},
		{"seperate", "separate"},
		{"occured", "occurred"},
		{"begining", "beginning"},
		{"wich", "which"},
		{"untill", "until"},
	} {
		if d.Has(tt.word) {
			t.Errorf("%q is right, want wrong", tt.word)
		}
		if got := d.Suggest(tt.word, 5); !slices.Contains(got, tt.want) {
			t.Errorf("Suggest(%q): %q, want %q among them", tt.word, got, tt.want)
		}
	}
}

// openSystem opens the system's en_US.
func openSystem(t testing.TB) *Dictionary {
	t.Helper()
	for _, info := range Installed() {
		if info.Language == "en_US" {
			d, err := Open(info)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no en_US dictionary is installed")
	}
	t.Skip("no en_US dictionary is installed")
	return nil
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"small", "koi", "alias"} {
		aff, err := os.ReadFile("testdata/" + name + ".aff")
		if err != nil {
			f.Fatal(err)
		}
		dic, err := os.ReadFile("testdata/" + name + ".dic")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(aff, dic, "Haustürschloss-x")
	}
	f.Fuzz(func(_ *testing.T, aff, dic []byte, word string) {
		d, err := parse(aff, dic)
		if err != nil {
			return
		}
		d.Has(word)
		d.Suggest(word, 3)
	})
}

func BenchmarkHas(b *testing.B) {
	d := openSystem(b)
	words := strings.Fields("The quick brown foxes didn't jump over lazy dogs because misspelings were notorious everywhere")
	for b.Loop() {
		for _, w := range words {
			d.Has(w)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(words)), "ns/word")
}

func BenchmarkSuggest(b *testing.B) {
	d := openSystem(b)
	for b.Loop() {
		d.Suggest("definately", 5)
	}
}

func BenchmarkOpen(b *testing.B) {
	openSystem(b)
	for b.Loop() {
		openSystem(b)
	}
}
