package opset

import (
	"errors"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

func docID(counter, actor uint32) format.OpID { return format.OpID{Counter: counter, Actor: actor} }

// document is a small one that is in order: a text, a list, a map with a
// counter.
func document() []format.DocOp {
	key := func(name string) format.Key { return format.Key{Map: true, Name: name} }
	at := func(counter uint32) format.Key { return format.Key{Elem: docID(counter, 0)} }
	text, list := docID(1, 0), docID(2, 0)
	return []format.DocOp{
		{ID: text, Key: key("content"), Action: format.MakeText},
		{ID: list, Key: key("list"), Action: format.MakeList},
		{ID: docID(3, 0), Key: key("n"), Action: format.Set, Value: number(format.Counter, 1), Succ: []format.OpID{docID(4, 0), docID(5, 1)}},
		{ID: docID(4, 0), Key: key("n"), Action: format.Increment, Value: number(format.Int, 2)},
		{ID: docID(6, 0), Obj: text, Key: at(0), Insert: true, Action: format.Set, Value: str("a")},
		{ID: docID(7, 0), Obj: text, Key: at(6), Insert: true, Action: format.Set, Value: str("b"), Succ: []format.OpID{docID(12, 1), docID(13, 0)}},
		{ID: docID(14, 0), Obj: text, Key: at(7), Action: format.Set, Value: str("b")},
		{ID: docID(8, 0), Obj: list, Key: at(0), Insert: true, Action: format.MakeMap},
		{ID: docID(9, 0), Obj: docID(8, 0), Key: key("k"), Action: format.Set, Value: str("v")},
	}
}

func buildOps(ops []format.DocOp) (*Set, error) {
	var actors opid.Actors
	b := NewBuilder(&actors, []uint32{actors.Number([]byte{1}), actors.Number([]byte{2})})
	for i := range ops {
		if err := b.Add(&ops[i]); err != nil {
			return nil, err
		}
	}
	return b.Finish()
}

func TestBuildRefuses(t *testing.T) {
	s, err := buildOps(document())
	if err != nil {
		t.Fatalf("the document that is to be spoilt: %v", err)
	}
	if got := rootState(s); got != `{"content": text "ab", "list": [{"k": string v}]}` {
		t.Fatalf("the document that is to be spoilt reads %s", got)
	}
	for name, tc := range map[string]struct {
		spoil func([]format.DocOp) []format.DocOp
		want  error
	}{
		"unknown object":      {func(o []format.DocOp) []format.DocOp { o[4].Obj = docID(3, 0); return o }, ErrObject},
		"object before it is": {func(o []format.DocOp) []format.DocOp { return o[4:] }, ErrObject},
		"objects unsorted": {func(o []format.DocOp) []format.DocOp {
			return slices.Concat(o[:4], o[7:8], o[4:7])
		}, ErrOrder},
		"back to the root":   {func(o []format.DocOp) []format.DocOp { return append(o, o[2]) }, ErrOrder},
		"object twice":       {func(o []format.DocOp) []format.DocOp { o[1].ID = o[0].ID; return o }, ErrOrder},
		"object in itself":   {func(o []format.DocOp) []format.DocOp { o[8].ID, o[8].Action = o[8].Obj, format.MakeMap; return o }, ErrOrder},
		"object in a later":  {func(o []format.DocOp) []format.DocOp { o[8].ID, o[8].Action = docID(5, 0), format.MakeMap; return o }, ErrOrder},
		"actor of ID":        {func(o []format.DocOp) []format.DocOp { o[3].ID.Actor = 2; return o }, format.ErrActors},
		"no ID":              {func(o []format.DocOp) []format.DocOp { o[3].ID = format.OpID{}; return o }, format.ErrActors},
		"actor of object":    {func(o []format.DocOp) []format.DocOp { o[4].Obj.Actor = 2; return o }, format.ErrActors},
		"actor of element":   {func(o []format.DocOp) []format.DocOp { o[5].Key.Elem.Actor = 2; return o }, format.ErrActors},
		"actor of successor": {func(o []format.DocOp) []format.DocOp { o[5].Succ[1].Actor = 2; return o }, format.ErrActors},
		"successor earlier":  {func(o []format.DocOp) []format.DocOp { o[5].Succ[0].Counter = 6; return o }, ErrOrder},
		"successor itself":   {func(o []format.DocOp) []format.DocOp { o[5].Succ[0] = o[5].ID; return o }, ErrOrder},
		"successor twice":    {func(o []format.DocOp) []format.DocOp { o[5].Succ[0] = o[5].Succ[1]; return o }, ErrOrder},
		"key of a list":      {func(o []format.DocOp) []format.DocOp { o[4].Key = o[0].Key; return o }, ErrKey},
		"key of a map":       {func(o []format.DocOp) []format.DocOp { o[2].Key = o[5].Key; return o }, ErrKey},
		"key again":          {func(o []format.DocOp) []format.DocOp { o[2].Key.Name = "content"; return o[:3] }, ErrOrder},
		"values unsorted":    {func(o []format.DocOp) []format.DocOp { o[2], o[3] = o[3], o[2]; return o }, ErrOrder},
		"value twice":        {func(o []format.DocOp) []format.DocOp { o[3].ID = o[2].ID; return o }, ErrOrder},
		"deletion":           {func(o []format.DocOp) []format.DocOp { o[3].Action = format.Delete; return o }, ErrAction},
		"insertion in a map": {func(o []format.DocOp) []format.DocOp { o[3].Insert = true; return o }, ErrAction},
		"increment inserts":  {func(o []format.DocOp) []format.DocOp { o[7].Action = format.Increment; return o }, ErrAction},
		"mark over":          {func(o []format.DocOp) []format.DocOp { o[6].Action = format.Mark; return o }, ErrAction},
		"odd increment":      {func(o []format.DocOp) []format.DocOp { o[3].Value.Raw = []byte{0x80}; return o }, format.ErrOp},
		"unknown element":    {func(o []format.DocOp) []format.DocOp { o[6].Key.Elem.Counter = 6; return o }, ErrElem},
		"no element yet":     {func(o []format.DocOp) []format.DocOp { return append(o[:4], o[6]) }, ErrElem},
		"element twice":      {func(o []format.DocOp) []format.DocOp { o[5].ID = o[4].ID; return o[:6] }, sequence.ErrOrder},
		"elements unsorted": {func(o []format.DocOp) []format.DocOp {
			o[5].Key.Elem = format.OpID{}
			return o
		}, sequence.ErrOrder},
		"origin unknown": {func(o []format.DocOp) []format.DocOp { o[5].Key.Elem.Counter = 5; return o }, sequence.ErrNoElement},
	} {
		t.Run(name, func(t *testing.T) {
			ops := document()
			if s, err := buildOps(tc.spoil(ops)); s != nil || !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// opBytes is the size of an operation in the input of FuzzBuild.
const opBytes = 10

// fuzzValues are what an operation there may write.
var fuzzValues = []format.Value{
	{},
	str("a"), str("b"), str("ab"), str(""), number(format.Counter, 3), number(format.Int, -2),
	{Type: 12, Raw: []byte{0x80}},
	{Type: format.Counter, Raw: []byte{0x80}},
	{Type: format.Float, Raw: []byte{1}},
}

func opOfBytes(b []byte) format.DocOp {
	id := func(b byte) format.OpID {
		if b < 2 {
			return format.OpID{}
		}
		return docID(uint32(b>>1), uint32(b&1))
	}
	op := format.DocOp{
		ID: id(b[0]), Obj: id(b[1]), Key: format.Key{Elem: id(b[2])},
		Insert: b[3]&1 != 0, Action: format.Action(b[4] & 7), Value: fuzzValues[int(b[5])%len(fuzzValues)],
		Expand: b[3]&4 != 0, HasName: b[3]&8 != 0,
	}
	if b[3]&2 != 0 {
		op.Key = format.Key{Map: true, Name: string(b[2:3])}
	}
	for _, s := range b[7 : 7+b[6]%4] {
		op.Succ = append(op.Succ, id(s))
	}
	return op
}

func opsOfBytes(b []byte) []format.DocOp {
	var ops []format.DocOp
	for ; len(b) >= opBytes && len(ops) < 100; b = b[opBytes:] {
		ops = append(ops, opOfBytes(b))
	}
	return ops
}

// FuzzBuild builds a set of operations that are made of bytes. Whatever they
// are, they give an error or a set that says the same of itself in all forms.
func FuzzBuild(f *testing.F) {
	good := []byte{
		2, 0, 'c', 2, 4, 0, 0, 0, 0, 0, // a text
		4, 0, 'l', 2, 2, 0, 0, 0, 0, 0, // a list
		6, 0, 'n', 2, 1, 5, 2, 8, 11, 0, // a counter
		8, 0, 'n', 2, 5, 6, 0, 0, 0, 0, // counted up
		12, 2, 0, 1, 1, 1, 1, 30, 0, 0, // a character, deleted
		14, 2, 12, 1, 1, 2, 1, 29, 0, 0, // the next, deleted back
		28, 2, 14, 0, 1, 2, 0, 0, 0, 0, // and brought back
		40, 2, 14, 1, 1, 3, 0, 0, 0, 0, // two characters
		42, 2, 40, 9, 7, 0, 0, 0, 0, 0, // a mark
		16, 4, 0, 1, 0, 0, 0, 0, 0, 0, // a map in the list
		18, 16, 'k', 2, 1, 1, 0, 0, 0, 0,
	}
	if _, err := buildOps(opsOfBytes(good)); err != nil {
		f.Fatalf("the seed: %v", err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := buildOps(opsOfBytes(b)); err == nil {
			checkForms(t, s)
		}
	})
}

// FuzzDecode reads a compact form. What is accepted is a set that can be read
// and written.
func FuzzDecode(f *testing.F) {
	var actors opid.Actors
	for i := range byte(4) {
		actors.Number([]byte{9 - i})
	}
	for seed := range uint64(4) {
		w := newWorld(f, seed, 2)
		for range 10 * seed {
			w.step()
		}
		// The same with the actors here, which come in the same order.
		b := rebuiltWith(f, w.people[0].set, &actors, []uint32{3, 2}).AppendBinary(nil)
		if _, err := Decode(b, &actors); err != nil {
			f.Fatalf("the seed: %v", err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b, &actors)
		switch {
		case err == nil:
			checkForms(t, s)
		case !errors.Is(err, ErrCompact) && !errors.Is(err, sequence.ErrFormat):
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}
