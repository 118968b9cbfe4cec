package formattest

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/automerge/automerge-go"
)

// patch is one edit of a trace: position, number of deleted code points,
// inserted text.
type patch struct {
	at, del int
	text    string
}

func (p *patch) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.at, &p.del, &p.text})
}

// TraceDocument returns the document chunk that automerge-go saves after the
// edits of a sequential trace, a commit each, in the text under "content". That
// takes it seconds, so the chunk is kept in the system's folder for temporary
// files. The error is fs.ErrNotExist if the trace is not there.
func TraceDocument(trace string) ([]byte, error) {
	if _, err := os.Stat(trace); err != nil {
		return nil, err
	}
	kept := filepath.Join(os.TempDir(), "starling-trace-"+filepath.Base(trace)+".automerge")
	if chunk, err := os.ReadFile(kept); err == nil {
		return chunk, nil
	}
	patches, err := readTrace(trace)
	if err != nil {
		return nil, fmt.Errorf("read trace %s: %w", trace, err)
	}
	chunk, err := replay(patches)
	if err != nil {
		return nil, fmt.Errorf("replay trace %s: %w", trace, err)
	}
	return chunk, keep(kept, chunk)
}

// keep writes a file so that nobody sees half of it.
func keep(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func readTrace(path string) ([]patch, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var trace struct {
		Txns []struct {
			Patches []patch `json:"patches"`
		} `json:"txns"`
	}
	if err := json.NewDecoder(z).Decode(&trace); err != nil {
		return nil, err
	}
	var all []patch
	for _, txn := range trace.Txns {
		all = append(all, txn.Patches...)
	}
	return all, nil
}

func replay(patches []patch) ([]byte, error) {
	doc := automerge.New()
	if err := doc.SetActorID(hex.EncodeToString([]byte("starling trace 1"))); err != nil {
		return nil, err
	}
	if err := doc.Path("content").Set(automerge.NewText("")); err != nil {
		return nil, err
	}
	text := doc.Path("content").Text()
	opts := automerge.CommitOptions{}
	for i, p := range patches {
		if err := text.Splice(p.at, p.del, p.text); err != nil {
			return nil, fmt.Errorf("edit %d: %w", i, err)
		}
		at := time.UnixMilli(1_700_000_000 + int64(i))
		opts.Time = &at
		if _, err := doc.Commit("", opts); err != nil {
			return nil, fmt.Errorf("commit %d: %w", i, err)
		}
	}
	return doc.Save(), nil
}
