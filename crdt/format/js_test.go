package format_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/crdt/format"

	"github.com/automerge/automerge-go"
)

// jsState is the part of a fixture's .json file that this package can compare.
type jsState struct {
	Heads, Changes []string
	Text           *string
}

// eachFixture runs a test for each file that JavaScript Automerge wrote.
func eachFixture(t *testing.T, f func(t *testing.T, data []byte, want jsState)) {
	t.Helper()
	files, err := filepath.Glob("testdata/js/*.automerge")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			state, err := os.ReadFile(strings.TrimSuffix(file, ".automerge") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var want jsState
			if err := json.Unmarshal(state, &want); err != nil {
				t.Fatal(err)
			}
			f(t, data, want)
		})
	}
}

// Every change that JavaScript wrote comes back with its hash, as a change that
// the strict parser takes.
func TestChangesOfJavaScriptFiles(t *testing.T) {
	eachFixture(t, func(t *testing.T, data []byte, want jsState) {
		chunks, err := format.SplitFile(data)
		if err != nil {
			t.Fatal(err)
		}
		hashes := map[string]bool{}
		for _, chunk := range chunks {
			changes := [][]byte{chunk}
			if format.IsDocument(chunk) {
				changes = expand(t, parseDocument(t, chunk))
			}
			for _, change := range changes {
				c, err := format.ParseChange(change)
				if err != nil {
					t.Fatal(err)
				}
				hashes[hex.EncodeToString(c.Hash[:])] = true
			}
		}
		if len(hashes) != len(want.Changes) {
			t.Errorf("%d changes, want %d", len(hashes), len(want.Changes))
		}
		for _, hash := range want.Changes {
			if !hashes[hash] {
				t.Errorf("change %s is missing", hash)
			}
		}
	})
}

// compareColumns compares all columns but that of the messages: JavaScript tells
// an empty message from none there, though a change cannot.
func compareColumns(t *testing.T, got, want []byte) {
	t.Helper()
	rest := func(chunk []byte) string {
		lines := strings.Split(inflated(t, chunk), "\n")
		return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, "change column 0x35")
		}), "\n")
	}
	if rest(got) != rest(want) {
		t.Errorf("encoded\n%s, want\n%s", rest(got), rest(want))
	}
}

// A document chunk of JavaScript's, written again, says the same to automerge-go.
func TestEncodesJavaScriptFilesAgain(t *testing.T) {
	eachFixture(t, func(t *testing.T, data []byte, want jsState) {
		chunks, err := format.SplitFile(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, chunk := range chunks {
			if format.IsDocument(chunk) {
				chunks[i] = encodeDocument(t, parseDocument(t, chunk))
				compareColumns(t, chunks[i], chunk)
			}
		}
		doc, err := automerge.Load(bytes.Join(chunks, nil))
		if err != nil {
			t.Fatal(err)
		}
		var heads []string
		for _, h := range doc.Heads() {
			heads = append(heads, h.String())
		}
		slices.Sort(heads)
		slices.Sort(want.Heads)
		if fmt.Sprint(heads) != fmt.Sprint(want.Heads) {
			t.Errorf("heads %v, want %v", heads, want.Heads)
		}
		if want.Text == nil {
			return
		}
		if text, err := doc.Path("content").Text().Get(); err != nil || text != *want.Text {
			t.Errorf("text %q, %v, want %q", text, err, *want.Text)
		}
	})
}
