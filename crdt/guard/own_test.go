package guard_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/guard"
	"starling/crdt/opset"
)

// remarks follow on firstChange; the comments are the counters.
var (
	theirRemark = format.Change{Actor: []byte{1}, Seq: 2, StartOp: nextOp, Ops: []format.Op{
		{Key: name("comment/theirs"), Action: format.MakeMap},                        // 11
		{Obj: id(11), Key: name("say"), Action: format.Set, Value: str("no")},        // 12
		{Key: name("comment/dead"), Action: format.Set, Value: str("x")},             // 13
		{Key: name("comment/dead"), Action: format.Delete, Pred: ids(13)},            // 14
		{Key: name("comment/both"), Action: format.Set, Value: str("first")},         // 15
		{Key: name("commentary"), Action: format.Set, Value: str("of the document")}, // 16
	}}
	ownRemark = format.Change{Actor: []byte{2}, Seq: 1, StartOp: 17, Ops: []format.Op{
		{Key: name("comment/ours"), Action: format.MakeMap},                       // 17
		{Obj: id(17), Key: name("say"), Action: format.MakeText},                  // 18
		{Obj: id(18), Insert: true, Action: format.Set, Value: str("h")},          // 19
		{Key: name("suggestion/ours"), Action: format.Set, Value: str("better")},  // 20
		{Key: name("comment/both"), Action: format.Set, Value: str("second")},     // 21
		{Key: name("table"), Action: format.MakeMap},                              // 22, as an editor, once
		{Obj: id(22), Key: name("comment/inside"), Action: format.MakeMap},        // 23
		{Obj: id(18), Key: elem(19), Insert: true, Action: format.MakeMap},        // 24
		{Obj: id(24), Key: name("type"), Action: format.Set, Value: str("aside")}, // 25
	}}
)

// by names an operation of an actor of a change's others.
func by(actor, ctr uint32) format.OpID { return format.OpID{Actor: actor, Counter: ctr} }

// A commenter's other device writes after remarks; in its change actor 1 of the
// document is the other of number 1, and the person's first actor that of number 2.
var ownCases = map[string]struct {
	ops  []format.Op
	want error
}{
	"nothing":              {},
	"a new comment":        {ops: []format.Op{{Key: name("comment/new"), Action: format.MakeMap}, {Obj: id(26), Key: name("say"), Action: format.Set, Value: str("hi")}}},
	"a new suggestion":     {ops: []format.Op{{Key: name("suggestion/new"), Action: format.MakeText}, {Obj: id(26), Insert: true, Action: format.Set, Value: str("hi")}}},
	"in its own change":    {ops: []format.Op{{Key: name("comment/new"), Action: format.Set, Value: str("a")}, {Key: name("comment/new"), Action: format.Delete, Pred: ids(26)}}},
	"in the own comment":   {ops: []format.Op{{Obj: by(2, 17), Key: name("done"), Action: format.Set, Value: value(format.True)}}},
	"in the own text":      {ops: []format.Op{{Obj: by(2, 18), Key: format.Key{Elem: by(2, 19)}, Insert: true, Action: format.Set, Value: str("i")}}},
	"deep in the own text": {ops: []format.Op{{Obj: by(2, 24), Key: name("type"), Action: format.Delete, Pred: []format.OpID{by(2, 25)}}}},
	"over the own":         {ops: []format.Op{{Key: name("suggestion/ours"), Action: format.Set, Value: str("best"), Pred: []format.OpID{by(2, 20)}}}},
	"over the own beside":  {ops: []format.Op{{Key: name("comment/both"), Action: format.Delete, Pred: []format.OpID{by(2, 21)}}}},
	"take back the own":    {ops: []format.Op{{Key: name("comment/ours"), Action: format.Delete, Pred: []format.OpID{by(2, 17)}}}},

	"the text":               {ops: []format.Op{{Obj: by(1, 1), Insert: true, Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"the text's letters":     {ops: []format.Op{{Obj: by(1, 1), Key: format.Key{Elem: by(1, 3)}, Action: format.Delete, Pred: []format.OpID{by(1, 3)}}}, want: guard.ErrNotOwn},
	"a mark in the text":     {ops: []format.Op{{Obj: by(1, 1), Insert: true, Action: format.Mark, HasName: true, MarkName: "bold", Value: value(format.True)}}, want: guard.ErrNotOwn},
	"a setting":              {ops: []format.Op{{Key: name("folder"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"a setting's deletion":   {ops: []format.Op{{Key: name("s"), Action: format.Delete, Pred: []format.OpID{by(1, 7)}}}, want: guard.ErrNotOwn},
	"a counter":              {ops: []format.Op{{Key: name("c"), Action: format.Increment, Value: value(format.Int, 1), Pred: []format.OpID{by(1, 8)}}}, want: guard.ErrNotOwn},
	"a key like a comment's": {ops: []format.Op{{Key: name("commentary"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"a comment of no name":   {ops: []format.Op{{Key: name("comment/"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"a suggestion's prefix":  {ops: []format.Op{{Key: name("suggestion"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"beside another's":       {ops: []format.Op{{Key: name("comment/theirs"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"over another's":         {ops: []format.Op{{Key: name("comment/theirs"), Action: format.Delete, Pred: []format.OpID{by(1, 11)}}}, want: guard.ErrNotOwn},
	"in another's":           {ops: []format.Op{{Obj: by(1, 11), Key: name("say"), Action: format.Set, Value: str("yes"), Pred: []format.OpID{by(1, 12)}}}, want: guard.ErrNotOwn},
	"another's again":        {ops: []format.Op{{Key: name("comment/dead"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"over both":              {ops: []format.Op{{Key: name("comment/both"), Action: format.Set, Value: str("x"), Pred: []format.OpID{by(1, 15), by(2, 21)}}}, want: guard.ErrNotOwn},
	"what it made elsewhere": {ops: []format.Op{{Obj: by(2, 22), Key: name("k"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"a comment that is none": {ops: []format.Op{{Obj: by(2, 23), Key: name("k"), Action: format.Set, Value: str("x")}}, want: guard.ErrNotOwn},
	"one thing of two": {ops: []format.Op{
		{Key: name("comment/new"), Action: format.MakeMap},
		{Key: name("title"), Action: format.Set, Value: str("x")},
	}, want: guard.ErrNotOwn},
}

// named leaves out of a change the actors that its operations do not name.
func named(c format.Change) *format.Change {
	numbers, others := map[uint32]uint32{0: 0}, c.OtherActors
	c.OtherActors = nil
	for i, actor := range others {
		is := func(ref format.OpID) bool { return ref.Actor == uint32(i)+1 }
		if slices.ContainsFunc(c.Ops, func(o format.Op) bool {
			return is(o.Obj) || is(o.Key.Elem) || slices.ContainsFunc(o.Pred, is)
		}) {
			c.OtherActors = append(c.OtherActors, actor)
			numbers[uint32(i)+1] = uint32(len(c.OtherActors))
		}
	}
	c.Ops = slices.Clone(c.Ops)
	for i := range c.Ops {
		o := &c.Ops[i]
		o.Obj.Actor, o.Key.Elem.Actor = numbers[o.Obj.Actor], numbers[o.Key.Elem.Actor]
		o.Pred = slices.Clone(o.Pred)
		for j := range o.Pred {
			o.Pred[j].Actor = numbers[o.Pred[j].Actor]
		}
	}
	return &c
}

func isPersons(actor string) bool { return actor == "\x02" || actor == "\x03" }

func TestCommentersWriteTheirOwn(t *testing.T) {
	for n, tc := range ownCases {
		x, third := remarked(t)
		c := parse(t, named(format.Change{
			Actor: []byte{3}, Seq: 1, StartOp: 26, Deps: [][32]byte{third.Hash}, Ops: tc.ops,
			OtherActors: [][]byte{{1}, {2}},
		}).Encode())
		if err := x.check(c); err != nil {
			t.Errorf("%s: not even an editor may: %v", n, err)
		}
		x.rules.Own = isPersons
		if err := x.check(c); !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
			t.Errorf("%s: %v, want %v", n, err, tc.want)
		}
		x.rules.Own = func(string) bool { return true }
		if err := x.check(c); tc.want == nil && err != nil {
			t.Errorf("%s: of one's own: %v", n, err)
		}
	}
}

// What somebody else writes under a key apart from a commenter does not shut them
// out of what they have there.
func TestACommentersKeyCannotBeTaken(t *testing.T) {
	x := newDoc()
	first := parse(t, firstChange.Encode())
	accept(t, x, first)
	mine := parse(t, (&format.Change{Actor: []byte{2}, Seq: 1, StartOp: nextOp, Deps: [][32]byte{first.Hash}, Ops: []format.Op{
		{Key: name("comment/k"), Action: format.MakeMap},
	}}).Encode())
	rival := parse(t, (&format.Change{Actor: []byte{4}, Seq: 1, StartOp: nextOp, Deps: [][32]byte{first.Hash}, Ops: []format.Op{
		{Key: name("comment/k"), Action: format.MakeMap},
	}}).Encode())
	x.rules.Own = isPersons
	accept(t, x, mine)
	x.rules.Own = func(actor string) bool { return actor == "\x04" }
	accept(t, x, rival) // whoever it comes from second, since it knows nothing of the other
	both := format.Change{
		Actor: []byte{2}, Seq: 2, StartOp: nextOp + 1, OtherActors: [][]byte{{4}},
		Ops: []format.Op{{Obj: id(nextOp), Key: name("k"), Action: format.Set, Value: str("x")}},
	}
	both.Deps = [][32]byte{mine.Hash, rival.Hash}
	x.rules.Own = isPersons
	if err := x.check(parse(t, named(both).Encode())); err != nil {
		t.Errorf("in one's own: %v", err)
	}
	both.Ops = []format.Op{{Obj: by(1, nextOp), Key: name("k"), Action: format.Set, Value: str("x")}}
	if err := x.check(parse(t, named(both).Encode())); !errors.Is(err, guard.ErrNotOwn) {
		t.Errorf("in the rival's: %v", err)
	}
}

// remarked is a document with remarks of several people, and the last change.
func remarked(t testing.TB) (x *doc, last *format.Change) {
	t.Helper()
	x = newDoc()
	for _, c := range []format.Change{firstChange, theirRemark, ownRemark} {
		if last != nil {
			c.Deps = [][32]byte{last.Hash}
		}
		last = parse(t, c.Encode())
		accept(t, x, last)
	}
	return x, last
}

// besides is all of a document but what the person has made as remarks.
func (d *doc) besides(person func(string) bool) string {
	var out strings.Builder
	d.write(&out, opset.Object{Kind: opset.Map}, func(key string, v opset.Value) bool {
		remark := strings.HasPrefix(key, guard.CommentPrefix) || strings.HasPrefix(key, guard.SuggestionPrefix)
		return remark && person(d.actors.Name(v.Op.Actor))
	})
	return out.String()
}

func (d *doc) write(out *strings.Builder, o opset.Object, skip func(key string, v opset.Value) bool) {
	one := func(key string, v opset.Value) {
		if skip != nil && skip(key, v) {
			return
		}
		fmt.Fprintf(out, "%q %v: ", key, v.Op)
		if nested, ok := v.Data.(opset.Object); ok {
			d.write(out, nested, nil)
		} else {
			fmt.Fprintf(out, "%v\n", v.Data)
		}
	}
	switch o.Kind {
	case opset.Text:
		fmt.Fprintf(out, "text %q\n", d.s.Text(o.ID).Text())
	case opset.List:
		for i, v := range d.s.Values(o.ID, nil) {
			one(fmt.Sprint(i), v)
		}
	default:
		for _, key := range d.s.Keys(o.ID, nil) {
			winner, others, _ := d.s.Get(o.ID, key, nil)
			one(key, winner)
			for _, v := range others {
				one(key, v)
			}
		}
	}
}

// FuzzOwn gives the content of a chunk to a document as a commenter's: what passes
// would pass of an editor, and alters nothing but what the person made.
func FuzzOwn(f *testing.F) {
	_, last := remarked(f)
	for _, tc := range ownCases {
		f.Add(formattest.Content(named(format.Change{
			Actor: []byte{3}, Seq: 1, StartOp: 26, Deps: [][32]byte{last.Hash}, Ops: tc.ops,
			OtherActors: [][]byte{{1}, {2}},
		}).Encode()))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := format.ParseChange(formattest.Seal(1, content))
		if err != nil || !isPersons(string(c.Actor)) {
			return
		}
		x, _ := remarked(t)
		x.rules.Own = isPersons
		if x.check(c) != nil {
			return
		}
		x.rules.Own = nil
		if err := x.check(c); err != nil {
			t.Fatalf("an editor may not: %v", err)
		}
		before := x.besides(isPersons)
		if err := x.add(c); err != nil {
			t.Fatal(err)
		}
		if after := x.besides(isPersons); after != before {
			t.Fatalf("it altered\n%s\nto\n%s", before, after)
		}
	})
}
