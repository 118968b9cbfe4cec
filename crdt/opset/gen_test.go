package opset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// world is a few people who write all that the format can say, more than
// automerge-go writes itself.
type world struct {
	t       testing.TB
	rng     *rand.Rand
	changes []*format.Change
	chunks  [][]byte
	people  []*person
}

type person struct {
	*replica
	name  []byte
	seq   uint64
	maxOp uint32
	has   []bool // of the world's changes
	heads []int
}

// draft is a change being written, its operations named as in its author's set.
type draft struct {
	w     *world
	p     *person
	start uint32
	ops   []draftOp
	made  map[opid.ID]bool // elements of the draft itself
}

type draftOp struct {
	obj, elem opid.ID
	key       *string
	insert    bool
	action    format.Action
	value     format.Value
	pred      []opid.ID
	mark      string
}

func newWorld(t testing.TB, seed uint64, people int) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 3))}
	for i := range people {
		p := &person{replica: newReplica(), name: []byte{byte(w.rng.IntN(256)), byte(i)}}
		w.people = append(w.people, p)
	}
	first := w.people[0]
	d := w.draft(first)
	content := d.put(draftOp{key: ptr("content"), action: format.MakeText})
	list := d.put(draftOp{key: ptr("list"), action: format.MakeList})
	d.typeText(content, opid.ID{}, "Hello, wörld 🙂 and all")
	d.put(draftOp{obj: list, insert: true, action: format.Set, value: number(format.Int, 5)})
	d.put(draftOp{key: ptr("a"), action: format.Set, value: number(format.Counter, 5)})
	d.commit()
	for _, p := range w.people {
		p.set.Watch(opid.ID{Actor: p.actors.Number(first.name), Counter: 1})
		w.merge(p, first)
		p.shown = []rune(p.set.Text(p.set.watched).Text())
	}
	return w
}

func ptr(s string) *string { return &s }

func number(typ format.ValueType, v int64) format.Value {
	return format.Value{Type: typ, Raw: appendSigned(nil, v)}
}

func str(s string) format.Value { return format.Value{Type: format.String, Raw: []byte(s)} }

// merge gives p all that from has, in another order.
func (w *world) merge(p, from *person) {
	if p == from {
		return
	}
	for _, i := range arrival(w.rng, w.changes, false) {
		if i < len(from.has) && from.has[i] && !p.holds(i) {
			w.receive(p, i)
		}
	}
}

func (p *person) holds(i int) bool { return i < len(p.has) && p.has[i] }

func (w *world) receive(p *person, i int) {
	c := w.changes[i]
	p.apply(w.t, c)
	for len(p.has) <= i {
		p.has = append(p.has, false)
	}
	p.has[i] = true
	p.maxOp = max(p.maxOp, uint32(c.MaxOp()))
	p.heads = slices.DeleteFunc(p.heads, func(h int) bool { return slices.Contains(c.Deps, w.changes[h].Hash) })
	p.heads = append(p.heads, i)
}

func (w *world) draft(p *person) *draft {
	return &draft{w: w, p: p, start: p.maxOp + 1, made: map[opid.ID]bool{}}
}

// put adds an operation and returns its ID.
func (d *draft) put(op draftOp) opid.ID {
	d.ops = append(d.ops, op)
	return opid.ID{Actor: d.p.actors.Number(d.p.name), Counter: d.start + uint32(len(d.ops)) - 1}
}

func (d *draft) typeText(obj, after opid.ID, text string) {
	for _, r := range text {
		after = d.put(draftOp{obj: obj, elem: after, insert: true, action: format.Set, value: str(string(r))})
	}
}

// commit makes a change of the draft and gives it to its author, read back.
func (d *draft) commit() {
	w, p := d.w, d.p
	p.seq++
	c := &format.Change{Actor: p.name, Seq: p.seq, StartOp: uint64(d.start), Time: int64(len(w.changes))}
	for _, h := range p.heads {
		c.Deps = append(c.Deps, w.changes[h].Hash)
	}
	slices.SortFunc(c.Deps, func(a, b [32]byte) int { return slices.Compare(a[:], b[:]) })
	d.nameActors(c)
	for _, op := range d.ops {
		o := format.Op{Obj: d.id(c, op.obj), Insert: op.insert, Action: op.action, Value: op.value}
		if op.key != nil {
			o.Key = format.Key{Map: true, Name: *op.key}
		} else {
			o.Key.Elem = d.id(c, op.elem)
		}
		if op.mark != "" {
			o.HasName, o.MarkName, o.Expand = true, op.mark, true
		}
		sortIDs(op.pred, &p.actors)
		for _, id := range op.pred {
			o.Pred = append(o.Pred, d.id(c, id))
		}
		c.Ops = append(c.Ops, o)
	}
	chunk := c.Encode()
	w.changes, w.chunks = append(w.changes, parse(w.t, chunk)), append(w.chunks, chunk)
	w.receive(p, len(w.changes)-1)
}

// nameActors lists the actors that the draft refers to.
func (d *draft) nameActors(c *format.Change) {
	names := map[string]bool{}
	for _, op := range d.ops {
		for _, id := range append([]opid.ID{op.obj, op.elem}, op.pred...) {
			if name := d.p.actors.Name(id.Actor); !id.IsZero() && name != string(d.p.name) {
				names[name] = true
			}
		}
	}
	for name := range names {
		c.OtherActors = append(c.OtherActors, []byte(name))
	}
	slices.SortFunc(c.OtherActors, slices.Compare)
}

func (d *draft) id(c *format.Change, id opid.ID) format.OpID {
	if id.IsZero() {
		return format.OpID{}
	}
	at := slices.IndexFunc(c.OtherActors, func(n []byte) bool { return string(n) == d.p.actors.Name(id.Actor) })
	return format.OpID{Counter: id.Counter, Actor: uint32(at + 1)}
}

// step lets somebody write or merge.
func (w *world) step() {
	p := w.people[w.rng.IntN(len(w.people))]
	if w.rng.IntN(5) == 0 {
		w.merge(p, w.people[w.rng.IntN(len(w.people))])
		return
	}
	d := w.draft(p)
	for range 1 + w.rng.IntN(3) {
		d.edit()
	}
	d.commit()
}

// edit writes something to an object that the author's set has.
func (d *draft) edit() {
	ids := d.p.set.sortedObjects()
	id := ids[d.w.rng.IntN(len(ids))]
	if d.w.rng.IntN(2) == 0 {
		id = d.p.set.watched
	}
	switch kind, _ := d.p.set.Object(id); kind {
	case Map:
		d.editMap(id)
	case List:
		d.editList(id)
	default:
		d.editText(id)
	}
}

func (d *draft) editMap(obj opid.ID) {
	key := string(rune('a' + d.w.rng.IntN(4)))
	for _, op := range d.ops {
		if op.obj == obj && op.key != nil && *op.key == key {
			return // its predecessors would have to be known
		}
	}
	var written *place
	if p := d.p.set.objects[obj].keys[key]; p != nil {
		written = p
	}
	d.overwrite(draftOp{obj: obj, key: &key}, written, d.value())
}

// overwrite writes over a place: it sets, makes, deletes or counts.
func (d *draft) overwrite(op draftOp, p *place, v draftOp) {
	counter := false
	if p != nil {
		all := d.w.rng.IntN(10) == 0 // even those that were overwritten
		for i := range p.ops {
			if o := &p.ops[i]; o.isValue() && (o.alive(nil) || all && d.w.rng.IntN(3) == 0) && d.w.rng.IntN(8) > 0 {
				op.pred = append(op.pred, o.id)
				counter = counter || o.isCounter()
			}
		}
	}
	op.action, op.value = v.action, v.value
	switch n := d.w.rng.IntN(5); {
	case n == 0 && len(op.pred) > 0:
		op.action, op.value = format.Delete, format.Value{}
	case n < 4 && counter:
		op.action, op.value = format.Increment, number(format.Int, int64(d.w.rng.IntN(100)-50))
	}
	d.put(op)
}

func (d *draft) value() draftOp {
	all := []draftOp{
		{action: format.MakeMap},
		{action: format.MakeList},
		{action: format.MakeText},
		{action: format.Set, value: format.Value{Type: format.Null}},
		{action: format.Set, value: format.Value{Type: format.True}},
		{action: format.Set, value: number(format.Int, -300)},
		{action: format.Set, value: format.Value{Type: format.Uint, Raw: []byte{0xac, 2}}},
		{action: format.Set, value: format.Value{Type: format.Float, Raw: make([]byte, 8)}},
		{action: format.Set, value: str("a string")},
		{action: format.Set, value: format.Value{Type: format.Bytes, Raw: []byte{0, 255}}},
		{action: format.Set, value: number(format.Timestamp, 1234)},
		{action: format.Set, value: number(format.Counter, 7)},
		{action: format.Set, value: number(format.Counter, 7)},
	}
	return all[d.w.rng.IntN(len(all))]
}

// elems are the elements of a list or text, visible or not.
func (d *draft) elems(obj opid.ID) []opid.ID {
	var all []opid.ID
	d.p.set.objects[obj].seq.All(func(r sequence.Run) bool {
		for i := range r.N {
			all = append(all, r.First.Plus(i))
		}
		return true
	})
	return all
}

func (d *draft) editList(obj opid.ID) {
	elems := append(d.elems(obj), opid.ID{})
	elem := elems[d.w.rng.IntN(len(elems))]
	op := d.value()
	if elem.IsZero() || d.w.rng.IntN(2) == 0 {
		op.obj, op.elem, op.insert = obj, elem, true
		d.put(op)
		return
	}
	if d.made[elem] {
		return
	}
	d.made[elem] = true
	d.overwrite(draftOp{obj: obj, elem: elem}, d.p.set.elemPlace(d.p.set.objects[obj], elem), op)
}

func (d *draft) editText(obj opid.ID) {
	elems := append(d.elems(obj), opid.ID{})
	at := d.w.rng.IntN(len(elems))
	elem := elems[at]
	switch n := d.w.rng.IntN(20); {
	case n < 6:
		words := []string{"x", "some words ", "é🙂\n", "\uFFFC"}
		d.typeText(obj, elem, words[d.w.rng.IntN(len(words))])
	case n < 10:
		d.stretch(obj, elem, false)
	case n < 15:
		d.stretch(obj, elem, true)
	case n < 16:
		values := []format.Value{str("several"), str(""), str("👩‍👩"), {Type: format.Null}, number(format.Counter, 1)}
		d.put(draftOp{obj: obj, elem: elem, insert: true, action: format.Set, value: values[d.w.rng.IntN(len(values))]})
	case n < 17:
		d.put(draftOp{obj: obj, elem: elem, insert: true, action: format.MakeMap})
	case n < 18:
		d.put(draftOp{obj: obj, elem: elem, insert: true, action: format.Mark, mark: "bold", value: format.Value{Type: format.True}})
		d.put(draftOp{obj: obj, elem: elem, insert: true, action: format.Mark})
	case !elem.IsZero() && !d.made[elem]:
		d.made[elem] = true
		over := []format.Value{str("o"), str("over"), str("")}
		d.overwrite(draftOp{obj: obj, elem: elem}, d.p.set.elemPlace(d.p.set.objects[obj], elem),
			draftOp{action: format.Set, value: over[d.w.rng.IntN(len(over))]})
	}
}

// stretch deletes or revives some elements from one on, there and back.
func (d *draft) stretch(obj, elem opid.ID, revive bool) {
	back := d.w.rng.IntN(2) == 0
	n := 1 + d.w.rng.IntN(6)
	for range n {
		o := d.p.set.objects[obj]
		run, ok := o.seq.Element(elem)
		if !ok || d.made[elem] {
			return
		}
		d.made[elem] = true
		preds := d.p.set.Preds(obj, nil, elem)
		switch {
		case revive && (len(preds) == 0 || d.w.rng.IntN(4) == 0) && run.Item == nil:
			content := run.Content
			if d.w.rng.IntN(20) == 0 {
				content = "R"
			}
			d.put(draftOp{obj: obj, elem: elem, action: format.Set, value: str(content)})
		case !revive && len(preds) > 0:
			d.put(draftOp{obj: obj, elem: elem, action: format.Delete, pred: preds})
		}
		if back {
			elem.Counter--
		} else {
			elem.Counter++
		}
	}
}

func TestWorldsAgreeWithAutomergeGo(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed, 1+int(seed)%5)
			for range 60 {
				w.step()
			}
			checkChunks(t, seed, w.chunks)
		})
	}
}

// Any version that somebody once had can be read later, however much has come
// since, from their own set and from its compact form.
func TestVersionsStayReadable(t *testing.T) {
	type version struct {
		p     *person
		clock opid.Clock
		state string
	}
	for seed := range uint64(10) {
		w := newWorld(t, 100+seed, 3)
		var versions []version
		for range 80 {
			w.step()
			p := w.people[w.rng.IntN(len(w.people))]
			versions = append(versions, version{p, slices.Clone(p.clock), rootState(p.set)})
		}
		for _, p := range w.people {
			for _, from := range w.people {
				w.merge(p, from)
			}
		}
		for i, v := range versions {
			differ(t, fmt.Sprint("version ", i), state(v.p.set, Object{Kind: Map}, v.clock), v.state)
			differ(t, fmt.Sprint("version ", i, ", rebuilt"), state(rebuiltAlike(t, v.p.set), Object{Kind: Map}, v.clock), v.state)
		}
	}
}
