// Package tracetest reads the real editing histories with which documents are
// tested and measured. They lie beside the project, not in it. Only tests may
// import it.
package tracetest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// The traces that one person wrote, and the one that two people wrote at once.
const (
	Paper     = "automerge-paper"
	Rust      = "rustcode"
	Svelte    = "sveltecomponent"
	Together  = "friendsforever"
	tracesDir = "../../../shared/traces" // from this file
)

// Patch replaces Delete code points at At by Insert.
type Patch struct {
	At, Delete int
	Insert     string
}

// UnmarshalJSON reads [at, delete, insert].
func (p *Patch) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.At, &p.Delete, &p.Insert})
}

// Transaction is what one person did in one go. In a concurrent trace its places
// are those of the text in which its Parents, and all that they build on, are
// merged.
type Transaction struct {
	Parents []int   `json:"parents"`
	Agent   int     `json:"agent"`
	Patches []Patch `json:"patches"`
}

// Trace is a history from the text Start to the text End.
type Trace struct {
	Start  string        `json:"startContent"`
	End    string        `json:"endContent"`
	Agents int           `json:"numAgents"`
	Txns   []Transaction `json:"txns"`
}

// Load reads a trace. It skips the test where the traces are not at hand.
func Load(t testing.TB, name string) *Trace {
	t.Helper()
	trace, err := load(name)
	if os.IsNotExist(err) {
		t.Skipf("the trace is not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

func load(name string) (*Trace, error) {
	_, here, _, _ := runtime.Caller(0)
	f, err := os.Open(filepath.Join(filepath.Dir(here), tracesDir, name+".json.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read trace %s: %w", name, err)
	}
	trace := &Trace{}
	if err := json.NewDecoder(z).Decode(trace); err != nil {
		return nil, fmt.Errorf("read trace %s: %w", name, err)
	}
	return trace, nil
}

// Patches are those of all transactions, one after the other.
func (t *Trace) Patches() []Patch {
	var all []Patch
	for _, x := range t.Txns {
		all = append(all, x.Patches...)
	}
	return all
}
