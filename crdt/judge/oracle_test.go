//go:build cgo && (linux || darwin) && (amd64 || arm64)

package judge

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/automerge/automerge-go"
)

// sample is a document that two have written, as a chunk of the first part and
// a change for each of the rest, and what it says at the end.
func sample(t *testing.T) (document []byte, rest [][]byte, want Verdict) {
	t.Helper()
	doc := automerge.New()
	must(t, doc.RootMap().Set("content", automerge.NewText("Gräße 🌍")))
	must(t, doc.RootMap().Set("folder", "letters"))
	commit(t, doc)
	other, err := doc.Fork()
	must(t, err)
	document = slices.Clone(doc.Save())
	since := doc.Heads()

	must(t, doc.Path("content").Text().Insert(0, "Viele "))
	commit(t, doc)
	must(t, doc.Path("content").Text().Delete(0, 1))
	commit(t, doc)
	must(t, other.Path("content").Text().Append("!"))
	commit(t, other)
	_, err = doc.Merge(other)
	must(t, err)

	changes, err := doc.Changes(since...)
	must(t, err)
	for _, c := range changes {
		rest = append(rest, slices.Clone(c.Save()))
	}
	want = Verdict{HasText: true}
	for _, h := range doc.Heads() {
		want.Heads = append(want.Heads, [32]byte(h))
	}
	want.Text, err = doc.Path("content").Text().Get()
	must(t, err)
	if len(rest) != 3 || len(want.Heads) != 2 {
		t.Fatalf("%d changes, %d heads", len(rest), len(want.Heads))
	}
	return document, rest, want
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, doc *automerge.Doc) {
	t.Helper()
	_, err := doc.Commit("")
	must(t, err)
}

func same(a, b Verdict) bool {
	order := func(x, y [32]byte) int { return bytes.Compare(x[:], y[:]) }
	slices.SortFunc(a.Heads, order)
	slices.SortFunc(b.Heads, order)
	return a.HasText == b.HasText && a.Text == b.Text && slices.Equal(a.Heads, b.Heads)
}

func TestAsk(t *testing.T) {
	document, rest, want := sample(t)
	tail := slices.Concat(rest...)
	all, err := automerge.Load(append(slices.Clone(document), tail...))
	must(t, err)
	every, err := all.Changes()
	must(t, err)

	for _, c := range []struct {
		name   string
		chunks []byte
		key    string
		want   Verdict
	}{
		{"a document and changes", append(slices.Clone(document), tail...), "content", want},
		{"a document", slices.Clone(all.Save()), "content", want},
		{"changes", slices.Clone(automerge.SaveChanges(every)), "content", want},
		{"no such key", slices.Clone(all.Save()), "text", Verdict{Heads: want.Heads}},
		{"a string and no text", slices.Clone(all.Save()), "folder", Verdict{Heads: want.Heads}},
		{"nothing", nil, "content", Verdict{}},
	} {
		got, err := Ask(t.Context(), c.chunks, c.key)
		if err != nil || !same(got, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}

	// A change that waits for another one is told by the heads alone.
	got, err := Ask(t.Context(), append(slices.Clone(document), rest[1]...), "content")
	if err != nil || len(got.Heads) != 1 || got.Text != "Gräße 🌍" {
		t.Errorf("a missing change: got %+v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	document, rest, _ := sample(t)
	spoilt := slices.Clone(document)
	spoilt[len(spoilt)-1] ^= 1
	for _, c := range []struct {
		name   string
		chunks []byte
	}{
		{"a spoilt document", spoilt},
		{"a document cut short", document[:len(document)-1]},
		{"a change cut short", append(slices.Clone(document), rest[0][:len(rest[0])-1]...)},
		{"a change without what it builds on", rest[0]},
		{"no chunk", []byte("Good morning.")},
	} {
		if v, err := Ask(t.Context(), c.chunks, "content"); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %+v, %v", c.name, v, err)
		}
	}
}

// busy is how long a child may take for what takes a second when the machine has
// nothing else to do.
const busy = 5 * time.Minute

// None of the files that kill automerge-go kills us, and the documents among
// them kill the child.
func TestHostileFiles(t *testing.T) {
	files, err := filepath.Glob("../format/testdata/hostile/*.bin")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d hostile files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			chunk, err := os.ReadFile(file)
			must(t, err)
			document := strings.HasPrefix(filepath.Base(file), "doc-")
			limit := 20 * time.Second // one of the others needs about that
			if document {
				limit = busy
			}
			v, err := Limits{Time: limit}.Ask(t.Context(), chunk, "content")
			t.Logf("%d heads, %v", len(v.Heads), err)
			if document && !errors.Is(err, ErrDied) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A document of many characters in few bytes takes hundreds of bytes for each.
func TestMemory(t *testing.T) {
	doc := automerge.New()
	must(t, doc.RootMap().Set("content", automerge.NewText(strings.Repeat("a", 200_000))))
	commit(t, doc)
	chunk := doc.Save()
	if _, err := (Limits{Memory: 64 << 20}).Ask(t.Context(), chunk, "content"); !errors.Is(err, ErrLimits) {
		t.Errorf("with 64 MB: %v", err)
	}
	if _, err := (Limits{Answer: 1000}).Ask(t.Context(), chunk, "content"); !errors.Is(err, ErrLimits) {
		t.Errorf("with 1000 bytes for the answer: %v", err)
	}
	if v, err := (Limits{Time: busy}).Ask(t.Context(), chunk, "content"); err != nil || len(v.Text) != 200_000 {
		t.Errorf("with the usual limits: %d bytes, %v", len(v.Text), err)
	}
}

// When its parent is gone, the child ends with its work undone.
func TestOrphanEnds(t *testing.T) {
	bomb, err := os.ReadFile("../format/testdata/hostile/bomb-rle1000000.bin")
	must(t, err)
	cmd, err := child(t.Context())
	must(t, err)
	// Many of the bomb take a minute.
	cmd.Stdin = bytes.NewReader(appendQuestion(nil, question{DefaultLimits.Memory, "content", bytes.Repeat(bomb, 1000)}))
	var out bytes.Buffer
	cmd.Stdout = &out
	err = cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitOrphan || out.Len() > 0 {
		t.Errorf("%v after the answer %.60q", err, out.Bytes())
	}
}
