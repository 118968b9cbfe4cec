package opset

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// What JavaScript Automerge wrote reads as JavaScript reads it.
func TestFilesOfJavaScript(t *testing.T) {
	files, err := filepath.Glob("../format/testdata/js/*.automerge")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".automerge"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			chunks, err := format.SplitFile(data)
			if err != nil {
				t.Fatal(err)
			}
			applied := appliedFile(t, chunks)
			checkJS(t, applied, file)
			checkForms(t, applied)
			if len(chunks) == 1 && format.IsDocument(chunks[0]) {
				s := loaded(t, chunks[0])
				checkJS(t, s, file)
				same(t, "of the document", allOps(t, s), allOps(t, applied))
			}
		})
	}
}

// appliedFile applies all changes in a file.
func appliedFile(t *testing.T, chunks [][]byte) *Set {
	t.Helper()
	r := newReplica()
	held := map[[32]byte]bool{}
	take := func(c *format.Change, _ []byte) error {
		if !held[c.Hash] {
			held[c.Hash] = true
			r.apply(t, c)
		}
		return nil
	}
	for _, chunk := range chunks {
		if !format.IsDocument(chunk) {
			if err := take(parse(t, chunk), nil); err != nil {
				t.Fatal(err)
			}
			continue
		}
		d, err := format.ParseDocument(chunk)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Expand(take); err != nil {
			t.Fatal(err)
		}
	}
	return r.set
}

func checkJS(t *testing.T, s *Set, file string) {
	t.Helper()
	data, err := os.ReadFile(strings.TrimSuffix(file, ".automerge") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Root      map[string]any
		Conflicts map[string]map[string]any
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if got := inJS(s, Object{Kind: Map}); !reflect.DeepEqual(got, any(want.Root)) {
		t.Errorf("the root is\n%v, JavaScript has\n%v", got, want.Root)
	}
	conflicts := map[string]map[string]any{}
	for _, key := range s.Keys(opid.ID{}, nil) {
		winner, others, _ := s.Get(opid.ID{}, key, nil)
		if len(others) == 0 {
			continue
		}
		conflicts[key] = map[string]any{}
		for _, v := range slices.Concat([]Value{winner}, others) {
			name := fmt.Sprintf("%d@%s", v.Op.Counter, hex.EncodeToString([]byte(s.actors.Name(v.Op.Actor))))
			conflicts[key][name] = inJS(s, v.Data)
		}
	}
	if !reflect.DeepEqual(conflicts, want.Conflicts) {
		t.Errorf("the conflicts are\n%v, JavaScript has\n%v", conflicts, want.Conflicts)
	}
}

// inJS is a value as the files beside the fixtures tell it.
func inJS(s *Set, v any) any {
	tag := func(name string, v any) any { return map[string]any{name: v} }
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return tag("$int", fmt.Sprint(v))
	case float64:
		if math.IsInf(v, 0) {
			return tag("$float", strings.Trim(fmt.Sprint(v), "+")+"inity")
		}
		return v
	case string:
		return tag("$scalar", v)
	case []byte:
		return tag("$bytes", hex.EncodeToString(v))
	case Timestamp:
		return tag("$date", float64(v))
	case Counter:
		return tag("$counter", float64(v))
	case Object:
		return objectInJS(s, v)
	default:
		return v
	}
}

func objectInJS(s *Set, o Object) any {
	switch o.Kind {
	case Map:
		m := map[string]any{}
		for _, key := range s.Keys(o.ID, nil) {
			w, _, _ := s.Get(o.ID, key, nil)
			m[key] = inJS(s, w.Data)
		}
		return m
	case List:
		all := []any{}
		for _, v := range s.Values(o.ID, nil) {
			all = append(all, inJS(s, v.Data))
		}
		return all
	default:
		return s.Text(o.ID).Text()
	}
}
