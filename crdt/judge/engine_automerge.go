//go:build cgo && (linux || darwin) && (amd64 || arm64)

package judge

import (
	"fmt"

	"github.com/automerge/automerge-go"
)

const linked = true

// examine loads the chunks. It may end the process.
func examine(chunks []byte, key string) (Verdict, error) {
	// Load is strict about what it cannot read, as LoadIncremental is not.
	doc, err := automerge.Load(chunks)
	if err != nil {
		return Verdict{}, fmt.Errorf("load: %w", err)
	}
	var v Verdict
	for _, h := range doc.Heads() {
		v.Heads = append(v.Heads, [32]byte(h))
	}
	value, err := doc.RootMap().Get(key)
	if err != nil {
		return Verdict{}, fmt.Errorf("read %q: %w", key, err)
	}
	if value.Kind() != automerge.KindText {
		return v, nil
	}
	v.HasText = true
	if v.Text, err = value.Text().Get(); err != nil {
		return Verdict{}, fmt.Errorf("read the text under %q: %w", key, err)
	}
	return v, nil
}
