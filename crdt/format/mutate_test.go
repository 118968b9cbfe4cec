package format_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// mutants are spoilt document chunks with right checksums.
func mutants(t *testing.T, seed uint64, n int) [][]byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	var good [][]byte
	for seed := range uint64(4) {
		chunks, err := formattest.Session(seed, 1+int(seed), 6)
		if err != nil {
			t.Fatal(err)
		}
		_, saved := documentOf(t, chunks)
		good = append(good, saved)
	}
	files, err := filepath.Glob("testdata/js/*.automerge")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		} else if chunks, err := format.SplitFile(data); err != nil {
			t.Fatal(err)
		} else if len(chunks) == 1 {
			good = append(good, data)
		}
	}
	out := make([][]byte, n)
	for i := range out {
		out[i] = mutate(rng, good[rng.IntN(len(good))])
	}
	return out
}

func mutate(rng *rand.Rand, chunk []byte) []byte {
	content := bytes.Clone(contentOf(chunk))
	if len(content) == 0 {
		return rebuild(0, []byte{byte(rng.Uint32())})
	}
	for range 1 + rng.IntN(2) {
		at := rng.IntN(len(content))
		switch rng.IntN(6) {
		case 0:
			content[at] = byte(rng.Uint32())
		case 1:
			content[at] ^= 1 << rng.IntN(8)
		case 2:
			content[at]++
		case 3:
			content = append(content[:at:at], content[min(len(content), at+1+rng.IntN(3)):]...)
		case 4:
			content = append(content[:at:at], append([]byte{byte(rng.Uint32())}, content[at:]...)...)
		case 5:
			if at+1 < len(content) {
				content[at], content[at+1] = content[at+1], content[at]
			}
		}
		if len(content) == 0 {
			break
		}
	}
	return rebuild(0, content)
}

// readAll does with a document chunk all that this package can.
func readAll(chunk []byte) (*format.Document, error) {
	d, err := format.ParseDocument(chunk)
	if err != nil {
		return nil, err
	}
	if err := d.EachChange(func(int, *format.DocChange) error { return nil }); err != nil {
		return d, err
	}
	if err := d.EachOp(func(*format.DocOp) error { return nil }); err != nil {
		return d, err
	}
	return d, d.Expand(func(*format.Change, []byte) error { return nil })
}

// What automerge-go loads safely is not refused, and what kills it is. There are
// two exceptions, which no program writes: operations whose IDs contradict the
// changes, so that the file and the changes made from it would mean different
// things, and a column of an unknown type in the place of a known one.
func TestAcceptsWhatAutomergeGoLoads(t *testing.T) {
	files := mutants(t, 1, 4000)
	tally := map[string]int{}
	for i, v := range judge(t, files) {
		d, err := readAll(files[i])
		kind, _, _ := strings.Cut(v, ":")
		if err == nil {
			kind += ", accepted"
		}
		tally[kind]++
		excepted := errors.Is(err, format.ErrIDs) || d != nil && len(d.UnknownOps)+len(d.UnknownChanges) > 0
		if v == safe && err != nil && !excepted {
			t.Errorf("refused though safe: %v\n%x", err, files[i])
		}
		if err == nil && v != safe && kind != "refused, accepted" {
			t.Errorf("accepted, but automerge-go: %s\n%x", v, files[i])
		}
	}
	if tally["safe, accepted"] < 20 || tally["killed"] < 5 || tally["refused"] < 1000 {
		t.Errorf("the trials are too much alike: %v", tally)
	}
}

// The files that kill automerge-go as a document are refused.
func TestHostileDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/hostile/*.bin")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d hostile files, %v", len(files), err)
	}
	documents := 0
	for _, file := range files {
		chunk, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(file), "doc-") {
			documents++
		}
		if _, err := readAll(chunk); err == nil {
			t.Errorf("%s: accepted", filepath.Base(file))
		}
	}
	if documents == 0 {
		t.Error("no hostile document")
	}
}

// FuzzDocument reads anything as a document's content, in a second at most. What
// is accepted has changes with the hashes that its heads name, says the same
// when it is written again, and does automerge-go no harm: this refuses it, or
// loads it and what it saves of it.
func FuzzDocument(f *testing.F) {
	files, err := filepath.Glob("testdata/js/*.automerge")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		chunks, err := format.SplitFile(data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(contentOf(chunks[0]))
	}
	victim := &formattest.Companion{Env: victimEnv}
	f.Cleanup(victim.Stop)
	f.Fuzz(func(t *testing.T, content []byte) {
		begin := time.Now()
		d, err := readAll(rebuild(0, content))
		if took := time.Since(begin); took > 10*time.Second {
			t.Fatalf("read for %v", took)
		}
		if err != nil {
			return
		}
		said, err := victim.Ask(rebuild(0, content))
		if err != nil {
			t.Fatal(err)
		}
		if said != safe && !strings.HasPrefix(said, "refused: ") {
			t.Fatalf("accepted, but automerge-go: %s", said)
		}
		again, err := format.EncodeDocument(partsOf(d))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(again); err != nil {
			t.Fatalf("written again, it is refused: %v", err)
		}
	})
}
