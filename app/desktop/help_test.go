package desktop

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"starling/app/editor"
	"starling/assets"
)

var update = flag.Bool("update", false, "write the tables of keys in the help anew")

const (
	helpFile  = "../../assets/help/help.md"
	keysFile  = "../editor/keys.txt"
	keysBegin = "\n## Keys on Linux\n"
)

var helpSystems = []string{"linux", "windows", "darwin"}

// The help lists every key of the editor's and of the window's on all three
// systems, as the tables that they are made from have them.
func TestHelpHasAllKeys(t *testing.T) {
	want := helpKeys(t)
	have := assets.Help
	prose, tables, ok := strings.Cut(have, keysBegin)
	if tables = keysBegin + tables; ok && tables == want {
		return
	}
	if !*update {
		t.Errorf("the keys in the help are not those that there are; go test ./app/desktop -run Help -update writes them. Want:\n%s", want)
		return
	}
	if err := os.WriteFile(helpFile, []byte(strings.TrimRight(prose, "\n")+"\n"+want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// helpKeys are the tables of keys, of each system by itself: so they are narrow
// enough for a page.
func helpKeys(t *testing.T) string {
	t.Helper()
	titles := map[string]string{}
	for _, c := range editor.Commands() {
		titles[string(c.Name)] = c.Title
	}
	data, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for i, system := range []string{"Linux", "Windows", "macOS"} {
		out.WriteString("\n## Keys on " + system + "\n")
		rows := 0
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			fields := keyColumns.Split(line, -1)
			switch {
			case keySection.MatchString(line):
				out.WriteString("\n##" + line + keyHead)
			case len(fields) == 4 && !strings.HasPrefix(line, "#"):
				rows++
				name, star := strings.CutSuffix(fields[0], "*")
				if titles[name] == "" {
					t.Errorf("%s has no title", name)
				}
				if star {
					name, titles[name+"*"] = name+"*", titles[name]+" *"
				}
				if keys := fields[i+1]; keys != "-" {
					out.WriteString("| " + titles[name] + " | " + strings.ReplaceAll(keys, " ", ", ") + " |\n")
				}
			}
		}
		if rows < 50 {
			t.Errorf("only %d commands were found in %s", rows, keysFile)
		}
		out.WriteString("\n### The window" + keyHead)
		for _, k := range windowKeys {
			out.WriteString("| " + k.title + " | " + k.write(helpSystems[i]) + " |\n")
		}
	}
	return out.String()
}

const keyHead = "\n| what | keys |\n|---|---|\n"

var (
	keyColumns = regexp.MustCompile(` {2,}`)
	keySection = regexp.MustCompile(`^# [A-Z]\w+( \w+)?$`)
)

// No key of the window's means something in the text, too: the text would take
// it first.
func TestWindowKeysAreFree(t *testing.T) {
	data, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := keyColumns.Split(strings.TrimSpace(line), -1)
		if strings.HasPrefix(line, "#") || len(fields) != 4 {
			continue
		}
		for i, system := range helpSystems {
			for _, k := range windowKeys {
				if strings.Contains(" "+fields[i+1]+" ", " "+k.write(system)+" ") {
					t.Errorf("%s: %s is %s and %s", system, k.write(system), fields[0], k.title)
				}
			}
		}
	}
}

// The help is read in the place of the text, can be searched, and is not
// written in.
func TestHelp(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	before := s.editor.Text()
	s.Canvas().OnTypedKey()(key(fyne.KeyF1))
	if s.help == nil || s.page.body != s.help.text || s.Canvas().Focused() != s.help.text {
		t.Fatal("F1 does not open the help")
	}
	if s.header.title.words != "Help" {
		t.Errorf("the header says %q", s.header.title.words)
	}
	s.help.text.TypedRune('x')
	if got := s.help.text.Text(); got != assets.Help {
		t.Error("the help was written in")
	}
	if n := s.page.notice; n == nil || n.words.words != readOnlyHelp {
		t.Errorf("says %+v", n)
	}
	s.showFind(true)
	if s.finding == nil || s.finding.replace {
		t.Error("the help can't be searched, or can be replaced in")
	}
	s.leave()
	if s.finding != nil || s.help == nil {
		t.Error("Escape ends more than the search")
	}
	s.leave()
	if s.help != nil || s.page.body != s.editor || s.Canvas().Focused() != s.editor {
		t.Error("Escape does not go back to the text")
	}
	if s.page.notice != nil {
		t.Errorf("over the text stands %q", s.page.notice.words.words)
	}
	if s.editor.Text() != before {
		t.Error("the text has changed")
	}
}

// Every link within the help leads to one of its headings.
func TestHelpLinksLeadSomewhere(t *testing.T) {
	anchors := map[string]bool{}
	for _, h := range headingsOf(assets.Help) {
		anchors[anchorOf(h.Text)] = true
	}
	links := regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(assets.Help, -1)
	if len(links) < 5 {
		t.Errorf("only %d links", len(links))
	}
	for _, l := range links {
		if !anchors[l[1]] {
			t.Errorf("#%s leads nowhere", l[1])
		}
	}
}
