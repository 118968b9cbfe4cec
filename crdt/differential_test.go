//go:build cgo && !race

package crdt_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/automerge/automerge-go"

	"starling/crdt"
)

// writer is one of several people who write at once, in our document or in
// automerge-go's.
type writer interface {
	// step makes one change at random, nil if there was nothing to do.
	step(t *testing.T, rng *rand.Rand) []byte
	// take takes changes in any order; what lacks something waits.
	take(t *testing.T, chunks [][]byte)
	state(t *testing.T) state
}

// state is what all must agree on.
type state struct {
	Text  string
	Root  map[string]any
	Heads []string
}

var (
	letters  = []string{"", "a", "word ", "é🙂\n", "世界", strings.Repeat("longer text ", 4)}
	rootKeys = []string{"k", "l", "m", "n"}
)

// plainValue is one that both libraries write alike.
func plainValue(rng *rand.Rand) any {
	values := []any{"text", "", nil, true, false, int64(-300), uint64(300), 1.5, []byte{0, 255}}
	return values[rng.IntN(len(values))]
}

// ours writes with a Document.
type ours struct {
	*crdt.Document
	early []crdt.Change // that came before what they build on
	view  []rune
	seen  uint64
}

func newOurs(t *testing.T, actor string, first crdt.Change) *ours {
	t.Helper()
	d := openAs(t, actor, crdt.Config{Changes: []crdt.Change{first}})
	text, seen := d.Text()
	return &ours{Document: d, view: []rune(text), seen: seen}
}

func (o *ours) step(t *testing.T, rng *rand.Rand) []byte {
	t.Helper()
	var out crdt.Edited
	var err error
	switch rng.IntN(10) {
	case 0, 1:
		out, err = o.Change(noon, func(tx *crdt.Tx) error { return o.editMap(tx, rng) })
	case 2, 3:
		out, err = o.Change(noon, func(tx *crdt.Tx) error { return o.editList(tx, rng) })
	default:
		at := rng.IntN(len(o.view) + 1)
		del := rng.IntN(min(len(o.view)-at, 4) + 1)
		out, err = o.Edit(crdt.Edit{Seen: o.seen, At: at, Delete: del, Insert: letters[rng.IntN(len(letters))]}, noon)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.follow(out.Patches)
	if len(out.Changes) == 0 {
		return nil
	}
	return out.Changes[0].Bytes
}

func (o *ours) follow(patches []crdt.Patch) {
	for _, p := range patches {
		o.view = slices.Replace(o.view, p.At, p.At+p.Delete, []rune(p.Insert)...)
		o.seen = p.Num
	}
}

func (o *ours) editMap(tx *crdt.Tx, rng *rand.Rand) error {
	obj := crdt.ObjID{}
	if v, _, err := tx.Get(obj, "deep"); err == nil && rng.IntN(2) == 0 {
		obj = v.(crdt.Object).ID
	} else if err != nil && rng.IntN(4) == 0 {
		_, err := tx.Make(obj, "deep", crdt.Map)
		return err
	}
	key := rootKeys[rng.IntN(len(rootKeys))]
	v, _, err := tx.Get(obj, key)
	_, counts := v.(crdt.Counter)
	switch {
	case err == nil && counts && rng.IntN(3) > 0:
		return tx.Increment(obj, key, int64(rng.IntN(300))-150)
	case err == nil && rng.IntN(3) == 0:
		return tx.Delete(obj, key)
	case rng.IntN(3) == 0:
		return tx.Put(obj, key, crdt.Counter(rng.IntN(10)))
	}
	return tx.Put(obj, key, plainValue(rng))
}

func (o *ours) editList(tx *crdt.Tx, rng *rand.Rand) error {
	v, _, err := tx.Get(crdt.ObjID{}, "list")
	if err != nil {
		_, err := tx.Make(crdt.ObjID{}, "list", crdt.List)
		return err
	}
	list := v.(crdt.Object).ID
	n, err := tx.Len(list)
	if err != nil {
		return err
	}
	at := rng.IntN(n + 1)
	if at == n || rng.IntN(2) == 0 {
		return tx.Insert(list, at, plainValue(rng))
	}
	if rng.IntN(2) == 0 {
		return tx.DeleteAt(list, at)
	}
	return tx.PutAt(list, at, plainValue(rng))
}

func (o *ours) take(t *testing.T, chunks [][]byte) {
	t.Helper()
	for _, chunk := range chunks {
		c, err := crdt.ParseChange(chunk)
		if err != nil {
			t.Fatalf("what automerge-go wrote is refused: %v", err)
		}
		o.early = append(o.early, c)
	}
	for o.enterReady(t) {
	}
}

// enterReady applies those of the changes that wait whose turn has come, in the
// order in which they came, and reports whether there were any.
func (o *ours) enterReady(t *testing.T) (some bool) {
	t.Helper()
	o.early = slices.DeleteFunc(o.early, func(c crdt.Change) bool {
		if slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !o.Has(dep) }) {
			return false
		}
		out, err := o.Apply([]crdt.Change{c})
		if err != nil {
			t.Fatalf("what automerge-go made is refused: %v", err)
		}
		o.follow(out.Patches)
		some = true
		return true
	})
	return some
}

func (o *ours) state(t *testing.T) state {
	t.Helper()
	text, _ := o.Text()
	if text != string(o.view) {
		t.Fatalf("the patches give %q, the text is %q", string(o.view), text)
	}
	if n := len(o.early); n > 0 {
		t.Fatalf("%d changes still wait", n)
	}
	s := state{Text: text, Root: o.plainMap(t, crdt.ObjID{})}
	for _, h := range o.Heads() {
		s.Heads = append(s.Heads, h.String())
	}
	return s
}

func (o *ours) plainMap(t *testing.T, obj crdt.ObjID) map[string]any {
	t.Helper()
	keys, err := o.Keys(obj)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	for _, key := range keys {
		v, _, err := o.Get(obj, key)
		if err != nil {
			t.Fatal(err)
		}
		m[key] = o.plain(t, v)
	}
	return m
}

func (o *ours) plain(t *testing.T, v any) any {
	t.Helper()
	object, ok := v.(crdt.Object)
	switch {
	case !ok:
		return fmt.Sprintf("%T %v", v, v)
	case object.Kind == crdt.Map:
		return o.plainMap(t, object.ID)
	case object.Kind == crdt.Text:
		s, err := o.String(object.ID)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	n, err := o.Len(object.ID)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]any, n)
	for i := range list {
		v, _, err := o.Index(object.ID, i)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = o.plain(t, v)
	}
	return list
}

// theirs writes with automerge-go.
type theirs struct{ doc *automerge.Doc }

func newTheirs(t *testing.T, actor string, first crdt.Change) *theirs {
	t.Helper()
	doc, err := automerge.Load(first.Bytes)
	must(t, err)
	must(t, doc.SetActorID(hex.EncodeToString([]byte(actor))))
	return &theirs{doc}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (a *theirs) step(t *testing.T, rng *rand.Rand) []byte {
	t.Helper()
	switch rng.IntN(10) {
	case 0, 1:
		a.editMap(t, rng)
	case 2, 3:
		a.editList(t, rng)
	default:
		text := a.doc.Path("content").Text()
		at := rng.IntN(text.Len() + 1)
		must(t, text.Splice(at, rng.IntN(min(text.Len()-at, 4)+1), letters[rng.IntN(len(letters))]))
	}
	now := time.UnixMilli(noon.Unix())
	hash, err := a.doc.Commit("", automerge.CommitOptions{Time: &now})
	if err != nil {
		return nil // there was nothing to commit
	}
	c, err := a.doc.Change(hash)
	must(t, err)
	return c.Save()
}

func (a *theirs) editMap(t *testing.T, rng *rand.Rand) {
	t.Helper()
	m := a.doc.RootMap()
	deep, err := m.Get("deep")
	must(t, err)
	if deep.Kind() == automerge.KindMap && rng.IntN(2) == 0 {
		m = deep.Map()
	}
	key := rootKeys[rng.IntN(len(rootKeys))]
	v, err := m.Get(key)
	must(t, err)
	switch {
	case v.Kind() == automerge.KindCounter && rng.IntN(3) > 0:
		must(t, v.Counter().Inc(int64(rng.IntN(300))-150))
	case v.Kind() != automerge.KindVoid && rng.IntN(3) == 0:
		must(t, m.Delete(key))
	case rng.IntN(3) == 0:
		must(t, m.Set(key, automerge.NewCounter(int64(rng.IntN(10)))))
	default:
		must(t, m.Set(key, plainValue(rng)))
	}
}

func (a *theirs) editList(t *testing.T, rng *rand.Rand) {
	t.Helper()
	v, err := a.doc.RootMap().Get("list")
	must(t, err)
	if v.Kind() != automerge.KindList {
		must(t, a.doc.RootMap().Set("list", automerge.NewList()))
		return
	}
	l := v.List()
	at := rng.IntN(l.Len() + 1)
	switch {
	case at == l.Len() || rng.IntN(2) == 0:
		must(t, l.Insert(at, plainValue(rng)))
	case rng.IntN(2) == 0:
		must(t, l.Delete(at))
	default:
		must(t, l.Set(at, plainValue(rng)))
	}
}

func (a *theirs) take(t *testing.T, chunks [][]byte) {
	t.Helper()
	for _, c := range chunks {
		must(t, a.doc.LoadIncremental(c))
	}
}

func (a *theirs) state(t *testing.T) state {
	t.Helper()
	root := a.plain(t, a.doc.Root()).(map[string]any)
	s := state{Text: root["content"].(string), Root: root}
	for _, h := range a.doc.Heads() {
		s.Heads = append(s.Heads, h.String())
	}
	slices.Sort(s.Heads)
	return s
}

func (a *theirs) plain(t *testing.T, v *automerge.Value) any {
	t.Helper()
	switch v.Kind() {
	case automerge.KindMap:
		values, err := v.Map().Values()
		must(t, err)
		m := map[string]any{}
		for key, v := range values {
			m[key] = a.plain(t, v)
		}
		return m
	case automerge.KindList:
		values, err := v.List().Values()
		must(t, err)
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = a.plain(t, v)
		}
		return list
	case automerge.KindText:
		s, err := v.Text().Get()
		must(t, err)
		return s
	case automerge.KindCounter:
		n, err := v.Counter().Get()
		must(t, err)
		return fmt.Sprintf("%T %v", crdt.Counter(n), n)
	}
	return fmt.Sprintf("%T %v", v.Interface(), v.Interface())
}

// Up to 8 people, half of them with automerge-go, write texts, maps, lists and
// counters at once and hear of each other in any order, some things twice. When
// all have heard of all, all have the same: text, values, heads. So what we
// write is taken by automerge-go, and what it writes by us.
func TestAgainstAutomerge(t *testing.T) {
	const wanted = 100_000
	ops, seeds := 0, uint64(0)
	for ; ops < wanted; seeds++ {
		ops += session(t, seeds)
		if t.Failed() {
			t.Fatalf("seed %d", seeds)
		}
	}
	t.Logf("%d operations in %d sessions", ops, seeds)
}

// session returns how many operations were made.
func session(t *testing.T, seed uint64) (made int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 99))
	founder := openAs(t, "founder", crdt.Config{})
	first, err := founder.Found(noon)
	must(t, err)
	people := make([]writer, 2+rng.IntN(7))
	for i := range people {
		name := fmt.Sprintf("%c-%d", 'a'+rng.IntN(26), i)
		if i%2 == 0 {
			people[i] = newOurs(t, name, first)
		} else {
			people[i] = newTheirs(t, name, first)
		}
	}
	waiting := make([][][]byte, len(people)) // for each person
	for range 6 {
		for range 20 * len(people) {
			who := rng.IntN(len(people))
			if chunk := people[who].step(t, rng); chunk != nil {
				c, err := crdt.ParseChange(chunk)
				must(t, err)
				made += int(c.MaxOp - c.StartOp + 1)
				for i := range people {
					if i != who {
						waiting[i] = append(waiting[i], chunk)
					}
				}
			}
			if rng.IntN(4) == 0 {
				waiting[who] = hear(t, rng, people[who], waiting[who])
			}
		}
		for i, p := range people {
			p.take(t, waiting[i])
			waiting[i] = nil
		}
		agree(t, people)
	}
	return made
}

// hear gives a person some of what waits, in any order and some of it twice.
func hear(t *testing.T, rng *rand.Rand, p writer, waiting [][]byte) [][]byte {
	t.Helper()
	rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	n := rng.IntN(len(waiting) + 1)
	p.take(t, waiting[:n])
	if n > 0 {
		p.take(t, waiting[:1])
	}
	return slices.Clone(waiting[n:])
}

func agree(t *testing.T, people []writer) {
	t.Helper()
	want := people[0].state(t)
	for i, p := range people[1:] {
		if got := p.state(t); !reflect.DeepEqual(got, want) {
			t.Fatalf("person %d has\n%+v\nand person 0\n%+v", i+1, got, want)
		}
	}
}
