package peer_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/peer"
)

// fixture is a file that JavaScript Automerge wrote, and what it finds in it.
type fixture struct {
	name string
	data []byte
	Text string
}

func fixtures(t *testing.T) []fixture {
	t.Helper()
	files, err := filepath.Glob("../../crdt/format/testdata/js/*.automerge")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	all := make([]fixture, 0, len(files))
	for _, file := range files {
		f := fixture{name: filepath.Base(file)}
		if f.data, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		state, err := os.ReadFile(strings.TrimSuffix(file, ".automerge") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(state, &f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func importFile(t *testing.T, p *peer.Peer, space peer.SpaceID, f fixture) crdt.DocID {
	t.Helper()
	id, err := p.Import(t.Context(), space, f.name, f.data)
	if err != nil {
		t.Fatalf("import %s: %v", f.name, err)
	}
	return id
}

// What JavaScript wrote becomes a document that holds the same text, before and
// after a restart, and can be written in.
func TestImportsWhatJavaScriptWrote(t *testing.T) {
	home := t.TempDir()
	p := open(t, home, "Ada")
	space := newSpace(t, p)
	ids := map[string]crdt.DocID{}
	for _, f := range fixtures(t) {
		ids[f.name] = importFile(t, p, space, f)
		if got := text(t, p, ids[f.name]); got != f.Text {
			t.Errorf("%s: the text is %q, want %q", f.name, got, f.Text)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = open(t, home, "Ada")
	defer p.Close()
	for _, f := range fixtures(t) {
		if got := text(t, p, ids[f.name]); got != f.Text {
			t.Errorf("%s: the text is %q after a restart, want %q", f.name, got, f.Text)
		}
		write(t, p, ids[f.name], "new "+f.Text)
		if got := text(t, p, ids[f.name]); got != "new "+f.Text {
			t.Errorf("%s: the text is %q after an edit", f.name, got)
		}
	}
}

// An imported document comes to others and may be written in there.
func TestImportsSync(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	files := fixtures(t)
	ids := make([]crdt.DocID, len(files))
	half := len(files) / 2
	for i, f := range files[:half] { // before they meet
		ids[i] = importFile(t, a, space, f)
	}
	connect(t, a, b)
	pair(t, a, b, space)
	for i, f := range files[half:] { // while they are connected
		ids[half+i] = importFile(t, a, space, f)
	}
	for i, f := range files {
		eventually(t, f.name+" arrives", func() bool { return listed(t, b, ids[i]) })
		if got := text(t, b, ids[i]); got != f.Text || !begun(t, b, ids[i]) {
			t.Errorf("%s: it is there with the text %q, want %q, or cannot be written in yet", f.name, got, f.Text)
		}
		write(t, b, ids[i], f.Text+"from Grace")
		eventually(t, f.name+" comes back", func() bool { return text(t, a, ids[i]) == f.Text+"from Grace" })
	}
}

// begun reports whether a document can be written in.
func begun(t *testing.T, p *peer.Peer, id crdt.DocID) bool {
	t.Helper()
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	text, _ := d.Snapshot()
	err = d.Write(t.Context(), text)
	if err != nil && !errors.Is(err, crdt.ErrNoContent) {
		t.Fatal(err)
	}
	return err == nil
}

func listed(t *testing.T, p *peer.Peer, id crdt.DocID) bool {
	t.Helper()
	docs, err := p.Documents(t.Context(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if d.ID == id {
			return true
		}
	}
	return false
}

func TestImportsText(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for data, want := range map[string]string{
		"":                         "",
		"# Title\n\ntext\n":        "# Title\n\ntext\n",
		"\xef\xbb\xbfone\r\ntwo\n": "one\ntwo\n",
		"old\rends\r":              "old\nends\n",
		"Zoë 🐦":                    "Zoë 🐦",
	} {
		id, err := p.Import(t.Context(), space, "a.md", []byte(data))
		if err != nil {
			t.Errorf("import %q: %v", data, err)
		} else if got := text(t, p, id); got != want {
			t.Errorf("import %q gives %q, want %q", data, got, want)
		}
	}
}

// What can't be imported is named, and leaves nothing.
func TestRefusesToImport(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	var changes fixture
	for _, f := range fixtures(t) {
		if f.name == "changesOnly.automerge" {
			changes = f
		}
	}
	chunks, err := format.SplitFile(changes.data)
	if err != nil || len(chunks) != 2 {
		t.Fatal(len(chunks), err)
	}
	flipped := append([]byte{}, changes.data...)
	flipped[len(flipped)-1] ^= 1
	for _, test := range []struct {
		name, file string
		data       []byte
		want       error
	}{
		{"latin 1", "a.txt", []byte("Gr\xfc\xdfe"), peer.ErrNotText},
		{"utf 16", "a.txt", []byte("\xff\xfea\x00"), peer.ErrNotText},
		{"zeros", "a.txt", []byte("a\x00b"), peer.ErrNotText},
		{"too long a text", "a.txt", make([]byte, peer.MaxImportText+1), peer.ErrTooLarge},
		{"too long a file", "a.automerge", make([]byte, peer.MaxImport+1), peer.ErrTooLarge},
		{"not automerge", "a.AutoMerge", []byte("text"), peer.ErrBadFile},
		{"cut off", "a.automerge", changes.data[:len(changes.data)-1], peer.ErrBadFile},
		{"flipped", "a.automerge", flipped, peer.ErrBadFile},
		{"without its first change", "a.automerge", chunks[1], peer.ErrBadFile},
	} {
		if _, err := p.Import(t.Context(), space, test.file, test.data); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	docs, err := p.Documents(t.Context(), space)
	if err != nil || len(docs) != 0 {
		t.Errorf("%d documents were left, %v", len(docs), err)
	}
}

// A file with a change that no peer takes comes without its history, unless it
// is more than one document.
func TestImportsTooLargeAChange(t *testing.T) {
	data, err := os.ReadFile("testdata/longpaste.automerge")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	id := importFile(t, p, space, fixture{name: "longpaste.automerge", data: data})
	if got := text(t, p, id); len(got) < 250_000 || !strings.HasPrefix(got, "Line 0 of a large paste") {
		t.Errorf("the text has %d bytes", len(got))
	}
	if testing.Short() {
		return
	}
	_, err = p.Import(t.Context(), space, "twice.automerge", append(data, data...))
	if !errors.Is(err, peer.ErrBeyond) || !errors.Is(err, peer.ErrBadFile) {
		t.Errorf("two documents in one file give %v", err)
	}
}

// Files that kill automerge-go are refused at once, and leave nothing.
func TestRefusesHostileFiles(t *testing.T) {
	files, err := filepath.Glob("../../../shared/hostile/*.bin")
	if err != nil || len(files) == 0 {
		t.Skip("the hostile files are not here")
	}
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, err = p.Import(t.Context(), space, file, data)
		if !errors.Is(err, peer.ErrBadFile) && !errors.Is(err, peer.ErrNotText) {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("%s took %v", filepath.Base(file), took)
		}
	}
	if docs, err := p.Documents(t.Context(), space); err != nil || len(docs) != 0 {
		t.Errorf("%d documents were left, %v", len(docs), err)
	}
}

// Changes may stand in any order in a file, and more than once.
func TestImportsChangesInAnyOrder(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for _, f := range fixtures(t) {
		if f.name != "severalActors.automerge" {
			continue
		}
		var data []byte
		if err := crdt.Expand(f.data, func(c crdt.Change) error {
			data = append(append([]byte{}, c.Bytes...), data...) // backwards
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		f.data = append(append(data, f.data...), data...)
		if got := text(t, p, importFile(t, p, space, f)); got != f.Text {
			t.Errorf("the text is %q, want %q", got, f.Text)
		}
	}
}

// foreignFile is an Automerge file that write made.
func foreignFile(t *testing.T, write func(*crdt.Tx) error) []byte {
	t.Helper()
	d, err := crdt.Open(crdt.Config{Actor: "another program"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Change(noon, write); err != nil {
		t.Fatal(err)
	}
	chunk, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// The text is that under "content", else that under "text", else the longest.
func TestFindsTheTextOfAFile(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for _, test := range []struct {
		keys, texts []string
		want        string
	}{
		{[]string{"body"}, []string{"the body"}, "the body"},
		{[]string{"a", "b", "c"}, []string{"one", "three", "six"}, "three"},
		{[]string{"a", "text"}, []string{"one", ""}, ""},
	} {
		file := foreignFile(t, func(tx *crdt.Tx) error {
			for i, key := range test.keys {
				obj, err := tx.Make(crdt.ObjID{}, key, crdt.Text)
				if err == nil {
					err = tx.Splice(obj, 0, 0, test.texts[i])
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		id, err := p.Import(t.Context(), space, "a.automerge", file)
		if err != nil {
			t.Errorf("%v: %v", test.keys, err)
		} else if got := text(t, p, id); got != test.want {
			t.Errorf("%v: the text is %q, want %q", test.keys, got, test.want)
		}
	}
	file := foreignFile(t, func(tx *crdt.Tx) error { return tx.Put(crdt.ObjID{}, "title", "a string") })
	id, err := p.Import(t.Context(), space, "a.automerge", file)
	if err != nil {
		t.Fatalf("a file without a text: %v", err)
	}
	write(t, p, id, "a text")
	if got := text(t, p, id); got != "a text" {
		t.Errorf("in a file without a text, the text is %q", got)
	}
}

// A history of more changes than a receiver keeps waiting comes to others.
func TestALongHistorySyncs(t *testing.T) {
	d, err := crdt.Open(crdt.Config{Actor: "another program"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Found(noon); err != nil {
		t.Fatal(err)
	}
	var seen uint64
	for i := range peer.Shorter(17_000, 3_000) {
		out, err := d.Edit(crdt.Edit{Seen: seen, At: i / 2, Insert: string(rune('a' + i%26))}, noon)
		if err != nil {
			t.Fatal(err)
		}
		seen = out.Patches[0].Num
	}
	want, _ := d.Text()
	chunk, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	id := importFile(t, a, space, fixture{name: "a.automerge", data: chunk})
	connect(t, a, b)
	pair(t, a, b, space)
	// Ten seconds with the race detector, several times that on a busy machine.
	const hang = 2 * time.Minute
	within(t, hang, "it arrives", func() bool { return listed(t, b, id) && text(t, b, id) == want })
}
