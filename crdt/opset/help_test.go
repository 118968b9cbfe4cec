package opset

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"

	"github.com/automerge/automerge-go"
)

// replica is a Set with what a document keeps beside it.
type replica struct {
	actors opid.Actors
	set    *Set
	clock  opid.Clock
	shown  []rune // the watched text, as the splices make it
}

func newReplica() *replica {
	r := &replica{}
	r.set = New(&r.actors)
	return r
}

// apply takes a change, and holds the watched text against what its splices make
// of the text before.
func (r *replica) apply(t testing.TB, c *format.Change) {
	t.Helper()
	var did Effects
	if err := r.set.Apply(c, numbers(c, &r.actors), &did); err != nil {
		t.Fatal(err)
	}
	for _, s := range did.Splices() {
		r.shown = slices.Replace(r.shown, s.At, s.At+s.Delete, []rune(s.Insert)...)
	}
	want := ""
	if text := r.set.Text(r.set.watched); text != nil {
		want = text.Text()
	}
	differ(t, "what the splices make", string(r.shown), want)
	for len(r.clock) < r.actors.Len() {
		r.clock = append(r.clock, 0)
	}
	author := r.actors.Number(c.Actor)
	r.clock[author] = max(r.clock[author], uint32(c.MaxOp()))
}

// numbers are the numbers of a change's actors.
func numbers(c *format.Change, actors *opid.Actors) []uint32 {
	all := make([]uint32, 1+len(c.OtherActors))
	for i := range all {
		all[i] = actors.Number(c.ActorAt(uint32(i)))
	}
	return all
}

// order numbers the actors by their bytes: of each number its index.
func order(actors *opid.Actors) (index []uint32, names []string) {
	for i := range actors.Len() {
		names = append(names, actors.Name(uint32(i)))
	}
	slices.Sort(names)
	for i := range actors.Len() {
		at, _ := slices.BinarySearch(names, actors.Name(uint32(i)))
		index = append(index, uint32(at))
	}
	return index, names
}

// allOps are the operations of a set in document order.
func allOps(t testing.TB, s *Set) []format.DocOp {
	t.Helper()
	index, _ := order(s.actors)
	var all []format.DocOp
	if err := s.Ops(index, func(op *format.DocOp) error {
		o := *op
		o.Value.Raw, o.Succ = bytes.Clone(op.Value.Raw), slices.Clone(op.Succ)
		all = append(all, o)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t testing.TB, what string, got, want []format.DocOp) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !sameOp(got[i], want[i]) {
			t.Fatalf("%s: operation %d is\n%+v\n, want\n%+v", what, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d operations, want %d", what, len(got), len(want))
	}
}

func sameOp(a, b format.DocOp) bool {
	return a.ID == b.ID && a.Obj == b.Obj && a.Key == b.Key && a.Insert == b.Insert && a.Action == b.Action &&
		a.Value.Type == b.Value.Type && bytes.Equal(a.Value.Raw, b.Value.Raw) && slices.Equal(a.Succ, b.Succ) &&
		a.Expand == b.Expand && a.HasName == b.HasName && a.MarkName == b.MarkName
}

// rebuilt is a set made anew of the operations of s, its actors numbered
// otherwise.
func rebuilt(t testing.TB, s *Set) *Set {
	t.Helper()
	_, names := order(s.actors)
	var actors opid.Actors
	return rebuiltWith(t, s, &actors, namesToNumbers(&actors, names))
}

// rebuiltAlike is the same, with the actors of s.
func rebuiltAlike(t testing.TB, s *Set) *Set {
	t.Helper()
	_, names := order(s.actors)
	return rebuiltWith(t, s, s.actors, namesToNumbers(s.actors, names))
}

func rebuiltWith(t testing.TB, s *Set, actors *opid.Actors, numbers []uint32) *Set {
	t.Helper()
	index, _ := order(s.actors)
	b := NewBuilder(actors, numbers)
	if err := s.Ops(index, func(op *format.DocOp) error {
		op.Value.Raw = bytes.Clone(op.Value.Raw) // they stay only here
		return b.Add(op)
	}); err != nil {
		t.Fatal(err)
	}
	made, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// namesToNumbers numbers actors in another order than theirs.
func namesToNumbers(actors *opid.Actors, names []string) []uint32 {
	all := make([]uint32, len(names))
	for i, n := range slices.Backward(names) {
		all[i] = actors.Number([]byte(n))
	}
	return all
}

// loaded is a set made of a document chunk.
func loaded(t testing.TB, chunk []byte) *Set {
	t.Helper()
	d, err := format.ParseDocument(chunk)
	if err != nil {
		t.Fatal(err)
	}
	var actors opid.Actors
	var names []string
	for _, a := range d.Actors {
		names = append(names, string(a))
	}
	b := NewBuilder(&actors, namesToNumbers(&actors, names))
	if err := d.EachOp(b.Add); err != nil {
		t.Fatal(err)
	}
	s, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// state tells a map, list or text with all that is in it, in a version.
func state(s *Set, v any, at opid.Clock) string {
	o, ok := v.(Object)
	if !ok {
		return scalar(v)
	}
	var parts []string
	switch o.Kind {
	case Map:
		for _, k := range s.Keys(o.ID, at) {
			w, _, _ := s.Get(o.ID, k, at)
			parts = append(parts, fmt.Sprintf("%q: %s", k, state(s, w.Data, at)))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case List:
		for i, w := range s.Values(o.ID, at) {
			if at == nil {
				w, _, _ = s.Index(o.ID, i)
			}
			parts = append(parts, state(s, w.Data, at))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return fmt.Sprintf("text %q", s.Text(o.ID).TextAt(at))
	}
}

func scalar(v any) string {
	switch v := v.(type) {
	case []byte:
		return fmt.Sprintf("bytes %x", v)
	case Unknown:
		return "unknown"
	default:
		return fmt.Sprintf("%T %v", v, v)
	}
}

// theirState tells what automerge-go has in the same words.
func theirState(t testing.TB, v *automerge.Value) string {
	t.Helper()
	var parts []string
	switch v.Kind() {
	case automerge.KindMap:
		keys, err := v.Map().Keys()
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(keys)
		for _, k := range keys {
			e, err := v.Map().Get(k)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, fmt.Sprintf("%q: %s", k, theirState(t, e)))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case automerge.KindList:
		for i := range v.List().Len() {
			e, err := v.List().Get(i)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, theirState(t, e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case automerge.KindText:
		text, err := v.Text().Get()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("text %q", text)
	case automerge.KindCounter:
		n, err := v.Counter().Get()
		if err != nil {
			t.Fatal(err)
		}
		return scalar(Counter(n))
	case automerge.KindTime:
		return scalar(Timestamp(v.Time().UnixMilli()))
	case automerge.KindUnknown:
		return "unknown"
	default:
		return scalar(v.Interface())
	}
}

// differ fails unless two states are the same, and tells where they part.
func differ(t testing.TB, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	t.Fatalf("%s: …%.200s\n, want …%.200s", what, got[max(0, min(i-20, len(got))):], want[max(0, min(i-20, len(want))):])
}

func rootState(s *Set) string { return state(s, Object{Kind: Map}, nil) }

// theirs has automerge-go apply chunks, in a causal order.
func theirs(t testing.TB, chunks [][]byte) *automerge.Doc {
	t.Helper()
	d := automerge.New()
	if err := d.SetActorID(hex.EncodeToString([]byte("reader"))); err != nil {
		t.Fatal(err)
	}
	if err := d.LoadIncremental(slices.Concat(chunks...)); err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t testing.TB, chunk []byte) *format.Change {
	t.Helper()
	c, err := format.ParseChange(chunk)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkForms holds a set against itself built anew of its operations, and of its
// compact form.
func checkForms(t testing.TB, s *Set) {
	t.Helper()
	ops, want := allOps(t, s), rootState(s)
	built := rebuilt(t, s)
	same(t, "built of operations", allOps(t, built), ops)
	b := s.AppendBinary(nil)
	decoded, err := Decode(b, s.actors)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "decoded", allOps(t, decoded), ops)
	if again := decoded.AppendBinary(nil); !bytes.Equal(again, b) {
		t.Fatal("the compact form changes when read and written")
	}
	differ(t, "built of operations", rootState(built), want)
	differ(t, "decoded", rootState(decoded), want)
	alike := rebuiltAlike(t, s)
	for id, o := range s.objects {
		if got := decoded.Branch(id); got != o.branch {
			t.Fatalf("decoded, object %v lies at %v, not %v", id, got, o.branch)
		}
		if got := alike.Branch(id); got != o.branch {
			t.Fatalf("built of operations, object %v lies at %v, not %v", id, got, o.branch)
		}
	}
}
