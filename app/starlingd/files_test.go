package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
)

const jsFixtures = "../../crdt/format/testdata/js/"

type (
	importJSON struct {
		File  string `json:"file"`
		ID    string `json:"id"`
		Title string `json:"title"`
		Space string `json:"space"`
		Error string `json:"error"`
	}
	exportJSON struct {
		ID     string `json:"id"`
		Format string `json:"format"`
		File   string `json:"file"`
		Bytes  int    `json:"bytes"`
		Data   []byte `json:"data"`
	}
	verifyJSON struct {
		Documents []struct {
			ID       string   `json:"id"`
			Title    string   `json:"title"`
			Space    string   `json:"space"`
			Changes  int      `json:"changes"`
			Authors  int      `json:"authors"`
			Judged   bool     `json:"judged"`
			Problems []string `json:"problems"`
			Notes    []string `json:"notes"`
		} `json:"documents"`
		Checked int `json:"checked"`
		Wrong   int `json:"wrong"`
	}
)

// file writes a file that is to be imported.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fixtureText is what JavaScript found in one of its files.
func fixtureText(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(jsFixtures + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var state struct{ Text string }
	if err := json.Unmarshal(raw, &state); err != nil {
		t.Fatal(err)
	}
	return state.Text
}

func TestImportAndExport(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"alone", "served"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			if mode == "served" {
				h.serve("Anna")
			}
			testImport(h)
			testRoundTrip(h)
			testVerify(h)
		})
	}
}

func testImport(h *host) {
	t := h.t
	t.Helper()
	good := file(t, "notes.md", "\ufeff# Notes\r\nmore\r\n")
	bad := file(t, "latin.txt", "Gr\xfc\xdfe")
	js := jsFixtures + "severalActors.automerge"
	missing := filepath.Join(t.TempDir(), "missing")
	r := h.run("--name", "Anna", "import", bad, good, t.TempDir(), js, missing)
	ids := strings.Fields(r.out)
	if r.code != 1 || len(ids) != 2 {
		t.Fatalf("import: exit %d, %q, %q", r.code, r.out, r.err)
	}
	for _, part := range []string{bad + ": ", "iconv", "it is a folder", missing + ": no such file"} {
		if !strings.Contains(r.err, part) {
			t.Errorf("import says %q, and nothing of %q", r.err, part)
		}
	}
	if text := h.run("cat", ids[0]).out; text != "# Notes\nmore\n" {
		t.Errorf("the text of a file became %q", text)
	}
	if text := h.run("cat", ids[1]).out; text != fixtureText(t, "severalActors") {
		t.Errorf("the text of JavaScript's file became %q", text)
	}
	var spaces []spaceJSON
	if h.json(&spaces, "space", "list"); len(spaces) != 1 || spaces[0].Name != "Anna’s notes" || spaces[0].Role != "owner" {
		t.Fatalf("the space is %+v", spaces)
	}

	second := h.must("space", "new", "Second")
	var found []importJSON
	if h.json(&found, "import", good, js); len(found) != 2 || found[0].Space != spaces[0].ID ||
		found[0].File != good || found[0].Title != "Notes" || !documentID.MatchString(found[1].ID) || found[1].Error != "" {
		t.Errorf("import gives %+v", found)
	}
	h.json(&found, "import", "--space", second[:12], good)
	if len(found) != 1 || found[0].Space != second {
		t.Errorf("import into a space gives %+v", found)
	}
	r = h.run("import", "--json", bad)
	if err := json.Unmarshal([]byte(r.out), &found); err != nil || r.code != 1 || len(found) != 1 ||
		found[0].ID != "" || !strings.Contains(found[0].Error, "UTF-8") {
		t.Errorf("import --json of a bad file: exit %d, %q", r.code, r.out)
	}
	if r := h.run("import", "--space", "xyz", good); r.code != 1 || !strings.Contains(r.err, "starlingd space list") {
		t.Errorf("import into no space: exit %d, %q", r.code, r.err)
	}
}

func testRoundTrip(h *host) {
	t := h.t
	t.Helper()
	js := h.must("import", jsFixtures+"updatedText.automerge")
	want := fixtureText(t, "updatedText")
	out := filepath.Join(t.TempDir(), "out.automerge")
	if printed := h.must("export", js, "--format", "automerge", "--out", out); printed != "" {
		t.Errorf("export to a file prints %q", printed)
	}
	again := h.must("import", out)
	if text := h.run("cat", again).out; text != want {
		t.Errorf("exported and imported again, the text is %q, want %q", text, want)
	}
	whole, err := os.ReadFile(out)
	if r := h.run("export", js, "--format", "automerge"); err != nil || r.code != 0 || r.out != string(whole) {
		t.Errorf("export prints something else than it writes: %d, %v", r.code, err)
	}
	plain := h.must("import", file(t, "a.txt", "no break"))
	for format, want := range map[string]string{"md": "no break", "txt": "no break\n"} {
		if r := h.run("export", plain, "--format", format); r.out != want {
			t.Errorf("export as %s prints %q", format, r.out)
		}
	}
	testPage(h, file(t, "page.md", "---\nby: me\n---\n# A *title*\n\n<script>x</script>\n"))
	var e exportJSON
	if h.json(&e, "export", plain, "--format", "md"); e.ID != plain || e.Format != "md" || string(e.Data) != "no break" || e.File != "" {
		t.Errorf("export gives %+v", e)
	}
	h.json(&e, "export", plain, "--format", "md", "--out", out)
	if e.File != out || e.Bytes != len("no break") || len(e.Data) > 0 {
		t.Errorf("export to a file gives %+v", e)
	}
	if r := h.run("export", strings.Repeat("0", 32), "--format", "automerge"); r.code != 1 || !strings.Contains(r.err, "starlingd doc list") {
		t.Errorf("export of no document: exit %d, %q", r.code, r.err)
	}
}

func testPage(h *host, name string) {
	t := h.t
	t.Helper()
	doc := h.must("import", name)
	page := h.run("export", doc, "--format", "html").out
	for _, part := range []string{
		"<!DOCTYPE html>\n", "<title>A title</title>", `<h1 id="a-title">A <em>title</em></h1>`,
		"&lt;script&gt;x&lt;/script&gt;", "</html>\n",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %q:\n%s", part, page)
		}
	}
	if strings.Contains(page, "by: me") {
		t.Errorf("the page has the front matter:\n%s", page)
	}
	out := filepath.Join(t.TempDir(), "out.html")
	var e exportJSON
	h.json(&e, "export", doc, "--format", "html", "--out", out)
	if data, err := os.ReadFile(out); err != nil || string(data) != page || e.Format != "html" || e.Bytes != len(page) || e.File != out {
		t.Errorf("export of a page to a file gives %+v, %v", e, err)
	}
}

func testVerify(h *host) {
	t := h.t
	t.Helper()
	var docs []documentJSON
	h.json(&docs, "doc", "list")
	out := strings.Split(h.must("verify"), "\n")
	if len(out) != len(docs)+1 || !strings.Contains(out[len(docs)], "all in order") {
		t.Errorf("verify prints %q", out)
	}
	for i, d := range docs {
		if !strings.HasPrefix(out[i], "ok\t"+d.ID+"\t") {
			t.Errorf("verify prints %q for %s", out[i], d.ID)
		}
	}
	var all verifyJSON
	if h.json(&all, "verify", docs[0].ID, docs[1].ID[:16]); all.Checked != 2 || all.Wrong != 0 || len(all.Documents) != 2 ||
		all.Documents[1].ID != docs[1].ID || all.Documents[0].Problems == nil {
		t.Errorf("verify gives %+v", all)
	}
	if r := h.run("verify", docs[0].ID, "xyz"); r.code != 1 || r.out != "" || !strings.Contains(r.err, "starlingd doc list") {
		t.Errorf("verify of no document: exit %d, %q, %q", r.code, r.out, r.err)
	}
}

// An import that is killed leaves the whole document or nothing of it.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	const edits = 5_000
	d, err := crdt.Open(crdt.Config{Actor: "another program"})
	if err == nil {
		_, err = d.Found(time.Unix(0, 0))
	}
	var seen uint64
	for i := 0; i < edits && err == nil; i++ {
		var out crdt.Edited
		out, err = d.Edit(crdt.Edit{Seen: seen, At: i / 2, Insert: "a"}, time.Unix(0, 0))
		seen = out.Own
	}
	if err != nil {
		t.Fatal(err)
	}
	chunk, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	name := file(t, "long.automerge", string(chunk))
	h := newHost(t)
	h.must("space", "new", "Notes")
	killed := 0
	for after := range 5 {
		p := h.start("import", name)
		select {
		case <-p.done:
		case <-time.After(time.Duration(after) * 50 * time.Millisecond):
			err := p.cmd.Process.Kill()
			if err != nil && !errors.Is(err, os.ErrProcessDone) { // in that moment
				t.Fatal(err)
			}
			if p.wait() < 0 {
				killed++
			}
		}
		var docs []documentJSON
		h.json(&docs, "doc", "list")
		for _, doc := range docs {
			if text := h.must("cat", doc.ID); len(text) != edits {
				t.Errorf("after %d: a document holds %d characters of %d", after, len(text), edits)
			}
		}
		h.must("verify")
	}
	if killed == 0 {
		t.Error("none was killed")
	}
}

// What no terminal shows is not written to one. A test has none, but a device of
// characters.
func TestExportSparesTerminals(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"/dev/zero": true, os.DevNull: false, "export.go": false} {
		f, err := os.Open(name)
		if err != nil {
			t.Skip(err)
		}
		defer f.Close()
		if got := isTerminal(f); got != want {
			t.Errorf("%s is a terminal: %v", name, got)
		}
	}
	if isTerminal(&strings.Builder{}) {
		t.Error("memory is a terminal")
	}
}

// Many files go in several messages; the IDs come in their order.
func TestImportsManyFiles(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	dir := t.TempDir()
	args := []string{"import", "--json"}
	for i := range batchFiles + 3 {
		name := filepath.Join(dir, string(rune('a'+i%26))+strings.Repeat("x", i/26))
		if err := os.WriteFile(name, []byte(filepath.Base(name)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	var found []importJSON
	if err := json.Unmarshal([]byte(h.must(args...)), &found); err != nil || len(found) != batchFiles+3 {
		t.Fatalf("%d imported, %v", len(found), err)
	}
	for _, f := range found {
		if f.Title != filepath.Base(f.File) || f.ID == "" {
			t.Errorf("import gives %+v", f)
		}
	}
	if !slices.IsSortedFunc(found, func(a, b importJSON) int {
		return slices.Index(args, a.File) - slices.Index(args, b.File)
	}) {
		t.Error("they are not in order")
	}
}
