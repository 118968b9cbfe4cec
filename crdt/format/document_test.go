package format_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"

	"github.com/automerge/automerge-go"
)

// documentOf builds a document from changes and returns it as saved.
func documentOf(t testing.TB, chunks [][]byte) (*automerge.Doc, []byte) {
	t.Helper()
	doc := automerge.New()
	if err := doc.LoadIncremental(bytes.Join(chunks, nil)); err != nil {
		t.Fatal(err)
	}
	return doc, doc.Save()
}

func parseDocument(t testing.TB, chunk []byte) *format.Document {
	t.Helper()
	d, err := format.ParseDocument(chunk)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// partsOf hands a document's rows on to the encoder.
func partsOf(d *format.Document) format.DocumentParts {
	return format.DocumentParts{
		Actors: d.Actors, Heads: d.Heads, HeadIndexes: d.HeadIndexes,
		Changes: func(yield func(*format.DocChange) error) error {
			return d.EachChange(func(_ int, c *format.DocChange) error { return yield(c) })
		},
		Ops: d.EachOp, UnknownChanges: d.UnknownChanges, UnknownOps: d.UnknownOps,
	}
}

func encodeDocument(t testing.TB, d *format.Document) []byte {
	t.Helper()
	chunk, err := format.EncodeDocument(partsOf(d))
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// expand returns the chunks of all changes, having parsed each one.
func expand(t testing.TB, d *format.Document) [][]byte {
	t.Helper()
	var out [][]byte
	err := d.Expand(func(c *format.Change, chunk []byte) error {
		parsed, err := format.ParseChange(bytes.Clone(chunk))
		if err != nil {
			return err
		}
		if parsed.Hash != c.Hash {
			return fmt.Errorf("hash %x, the chunk's is %x", c.Hash, parsed.Hash)
		}
		out = append(out, bytes.Clone(chunk))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inflated is a document chunk's content with its columns inflated: what is
// determined, where the deflate algorithm is not.
func inflated(t testing.TB, chunk []byte) string {
	d := parseDocument(t, chunk)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%x %x %d\n", d.Actors, d.Heads, d.HeadIndexes)
	for spec, data := range format.DocumentColumns(d) {
		fmt.Fprintf(&b, "%s %x\n", spec, data)
	}
	return b.String()
}

// What automerge-go saves is read, encodes to the same columns, and gives back
// the very changes.
func TestDocumentOfSessions(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			chunks, err := formattest.Session(seed, 1+int(seed)%5, 150)
			if err != nil {
				t.Fatal(err)
			}
			doc, saved := documentOf(t, chunks)
			checkDocument(t, saved)
			want, err := formattest.Chunks(doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := expand(t, parseDocument(t, saved)); !slices.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("%d changes differ from the %d of automerge-go", len(got), len(want))
			}
		})
	}
}

// checkDocument encodes a saved document again: the columns are the same, and
// automerge-go finds the same in it.
func checkDocument(t *testing.T, saved []byte) {
	t.Helper()
	d := parseDocument(t, saved)
	again := encodeDocument(t, d)
	if got, want := inflated(t, again), inflated(t, saved); got != want {
		t.Fatalf("encoded\n%s, want\n%s", got, want)
	}
	a, err := automerge.Load(saved)
	if err != nil {
		t.Fatal(err)
	}
	b, err := automerge.Load(again)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(b.Heads()), fmt.Sprint(a.Heads()); got != want {
		t.Errorf("heads %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(automerge.As[any](b.Root())), fmt.Sprint(automerge.As[any](a.Root())); got != want {
		t.Errorf("content %s, want %s", got, want)
	}
}

// A document without a long column has one form, deflate aside.
func TestSmallDocumentByteForByte(t *testing.T) {
	chunks, err := formattest.Session(1, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	_, saved := documentOf(t, chunks)
	if again := encodeDocument(t, parseDocument(t, saved)); !bytes.Equal(again, saved) {
		t.Errorf("encoded\n%s, want\n%s", hex.EncodeToString(again), hex.EncodeToString(saved))
	}
}
