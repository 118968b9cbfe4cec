package format_test

import (
	"bytes"
	"errors"
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
	small := 0
	for seed := range uint64(40) {
		chunks, err := formattest.Session(seed, 1+int(seed)%3, 3)
		if err != nil {
			t.Fatal(err)
		}
		_, saved := documentOf(t, chunks)
		d := parseDocument(t, saved)
		long := 0
		for _, data := range format.DocumentColumns(d) {
			long = max(long, len(data))
		}
		if long >= 256 {
			continue
		}
		small++
		if again := encodeDocument(t, d); !bytes.Equal(again, saved) {
			t.Errorf("seed %d: encoded\n%x, want\n%x", seed, again, saved)
		}
	}
	if small < 5 {
		t.Errorf("only %d documents were small", small)
	}
}

// Columns of a later format go through a document unharmed, deflated or not.
func TestUnknownColumnsOfDocument(t *testing.T) {
	chunks, err := formattest.Session(1, 2, 5)
	if err != nil {
		t.Fatal(err)
	}
	_, saved := documentOf(t, chunks)
	parts := partsOf(parseDocument(t, saved))
	parts.UnknownChanges = []format.Column{{Spec: 0x02, Data: []byte{2, 1}}, {Spec: 0x1f1, Data: bytes.Repeat([]byte("long "), 100)}}
	parts.UnknownOps = []format.Column{{Spec: 0x61, Data: []byte{5, 0}}}
	chunk, err := format.EncodeDocument(parts)
	if err != nil {
		t.Fatal(err)
	}
	d := parseDocument(t, chunk)
	if got, want := fmt.Sprint(d.UnknownChanges, d.UnknownOps), fmt.Sprint(parts.UnknownChanges, parts.UnknownOps); got != want {
		t.Errorf("read %s, want %s", got, want)
	}
	if got := expand(t, d); len(got) != len(chunks) {
		t.Errorf("%d changes, want %d", len(got), len(chunks))
	}
	if again := encodeDocument(t, d); !bytes.Equal(again, chunk) {
		t.Error("written again, it has other bytes")
	}
}

// The caller's error ends every iteration and comes back.
func TestDocumentStopsAtCallersError(t *testing.T) {
	chunks, err := formattest.Session(2, 2, 10)
	if err != nil {
		t.Fatal(err)
	}
	_, saved := documentOf(t, chunks)
	d, stop, calls := parseDocument(t, saved), errors.New("enough"), 0
	called := func() error {
		calls++
		return stop
	}
	for name, err := range map[string]error{
		"EachChange": d.EachChange(func(int, *format.DocChange) error { return called() }),
		"EachOp":     d.EachOp(func(*format.DocOp) error { return called() }),
		"Expand":     d.Expand(func(*format.Change, []byte) error { return called() }),
	} {
		if !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls != 3 {
		t.Errorf("%d calls, want one each", calls)
	}
}

func TestSplitFile(t *testing.T) {
	change := base().Encode()
	_, saved := documentOf(t, [][]byte{oneKeyDocument()})
	squeezed := formattest.Compress(change)
	for name, tc := range map[string]struct {
		file []byte
		want int
		err  error
	}{
		"document":       {saved, 1, nil},
		"and changes":    {bytes.Join([][]byte{saved, change, squeezed}, nil), 3, nil},
		"two documents":  {bytes.Join([][]byte{saved, saved}, nil), 2, nil},
		"changes":        {bytes.Join([][]byte{change, change}, nil), 2, nil},
		"nothing":        {nil, 0, format.ErrTruncated},
		"cut":            {saved[:len(saved)-1], 0, format.ErrTruncated},
		"garbage behind": {append(bytes.Clone(saved), "garbage!!"...), 0, format.ErrMagic},
		"unknown chunk":  {formattest.Seal(9, nil), 0, format.ErrChunkType},
		"text":           {[]byte("# A heading"), 0, format.ErrMagic},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := format.SplitFile(tc.file)
			if len(got) != tc.want || !errors.Is(err, tc.err) {
				t.Fatalf("%d chunks, %v; want %d, %v", len(got), err, tc.want, tc.err)
			}
			if tc.err == nil && !bytes.Equal(bytes.Join(got, nil), tc.file) {
				t.Error("the chunks do not make up the file")
			}
		})
	}
}

// oneKeyDocument is a first change that makes a text.
func oneKeyDocument() []byte {
	c := format.Change{Actor: []byte{1}, Seq: 1, StartOp: 1, Ops: []format.Op{{
		Key: format.Key{Map: true, Name: "content"}, Action: format.MakeText,
	}}}
	return c.Encode()
}

// The document of the real trace is at most a fifth larger than automerge-go's.
func TestSizeOfTraceDocument(t *testing.T) {
	saved := traceDocument(t)
	again := encodeDocument(t, parseDocument(t, saved))
	if len(again)*10 > len(saved)*12 {
		t.Errorf("%d bytes, automerge-go has %d", len(again), len(saved))
	}
}

// A value of a type that only later formats know goes through a document into
// the change that made it.
func TestUnknownValueOfDocument(t *testing.T) {
	want := format.Value{Type: 12, Raw: []byte("\xffwhatever")}
	chunk := parts{changes: 1, ops: 1, op: func(_ int, op *format.DocOp) {
		op.Action, op.Value = format.Set, want
	}}.encode(t)
	calls := 0
	err := parseDocument(t, chunk).Expand(func(c *format.Change, chunk []byte) error {
		calls++
		parsed, err := format.ParseChange(chunk)
		if err != nil {
			return err
		}
		for _, c := range []*format.Change{c, parsed} {
			if got := c.Ops[0].Value; got.Type != want.Type || !bytes.Equal(got.Raw, want.Raw) {
				t.Errorf("value %v, want %v", got, want)
			}
		}
		return nil
	})
	if calls != 1 || !errors.Is(err, format.ErrHeads) { // the heads are made up
		t.Errorf("%d changes, %v", calls, err)
	}
}
