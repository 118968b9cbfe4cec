package guard_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/crdt/format"
	"starling/crdt/guard"
)

func value(t format.ValueType, raw ...byte) format.Value { return format.Value{Type: t, Raw: raw} }
func str(s string) format.Value                          { return value(format.String, []byte(s)...) }
func name(s string) format.Key                           { return format.Key{Map: true, Name: s} }
func elem(ctr uint32) format.Key                         { return format.Key{Elem: id(ctr)} }
func id(ctr uint32) format.OpID                          { return format.OpID{Counter: ctr} }
func ids(ctrs ...uint32) (out []format.OpID) {
	for _, c := range ctrs {
		out = append(out, id(c))
	}
	return out
}

// firstChange makes a bit of everything; the comments are the counters.
var firstChange = format.Change{Actor: []byte{1}, Seq: 1, StartOp: 1, Ops: []format.Op{
	{Key: name("content"), Action: format.MakeText},                                                     // 1
	{Obj: id(1), Insert: true, Action: format.Set, Value: str("a")},                                     // 2
	{Obj: id(1), Key: elem(2), Insert: true, Action: format.Set, Value: str("b")},                       // 3
	{Key: name("list"), Action: format.MakeList},                                                        // 4
	{Obj: id(4), Insert: true, Action: format.Set, Value: str("a")},                                     // 5
	{Obj: id(4), Key: elem(5), Insert: true, Action: format.Set, Value: value(format.Counter, 1)},       // 6
	{Key: name("s"), Action: format.Set, Value: str("a")},                                               // 7
	{Key: name("c"), Action: format.Set, Value: value(format.Counter, 1)},                               // 8
	{Key: name("c"), Action: format.Increment, Value: value(format.Int, 1), Pred: []format.OpID{id(8)}}, // 9
	{Key: name("m"), Action: format.MakeMap},                                                            // 10
}}

const nextOp = 11

func parse(t testing.TB, chunk []byte) *format.Change {
	t.Helper()
	c, err := format.ParseChange(chunk)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Ops that tests alter.
var (
	insertion = format.Op{Obj: id(1), Key: elem(3), Insert: true, Action: format.Set, Value: str("x")}
	deletion  = format.Op{Obj: id(1), Key: elem(3), Action: format.Delete, Pred: ids(3)}
	revival   = format.Op{Obj: id(1), Key: elem(3), Action: format.Set, Value: str("b")}
	increment = format.Op{Key: name("c"), Action: format.Increment, Value: value(format.Int, 1), Pred: ids(8)}
	bold      = format.Op{Obj: id(1), Key: elem(2), Insert: true, Action: format.Mark, HasName: true, MarkName: "bold", Expand: true, Value: value(format.True)}
	boldEnd   = format.Op{Obj: id(1), Key: elem(3), Insert: true, Action: format.Mark, Expand: true}
)

func alter(op format.Op, f func(*format.Op)) format.Op { f(&op); return op }

// ruleCase is a change after firstChange, and what the guard must say.
type ruleCase struct {
	ops  []format.Op
	edit func(*format.Change)
	want error
}

var ruleCases = map[string]ruleCase{
	"insertion":               {ops: []format.Op{insertion}},
	"deletion":                {ops: []format.Op{deletion}},
	"two deletions of one":    {ops: []format.Op{deletion, deletion}},
	"no operation":            {},
	"increment twice":         {ops: []format.Op{increment, increment}},
	"mark":                    {ops: []format.Op{bold, boldEnd}},
	"mark of nothing":         {ops: []format.Op{bold, alter(boldEnd, func(o *format.Op) { o.Key = elem(nextOp) })}},
	"mark from the head":      {ops: []format.Op{alter(bold, func(o *format.Op) { o.Key = elem(0) }), boldEnd}},
	"mark of fresh text":      {ops: []format.Op{insertion, insertion, alter(bold, func(o *format.Op) { o.Key = elem(3) }), alter(boldEnd, func(o *format.Op) { o.Key = elem(nextOp) })}},
	"mark into fresh text":    {ops: []format.Op{insertion, bold, alter(boldEnd, func(o *format.Op) { o.Key = elem(nextOp) })}},
	"insertion behind a mark": {ops: []format.Op{bold, alter(insertion, func(o *format.Op) { o.Key = elem(nextOp) })}},
	"block marker": {ops: []format.Op{
		{Obj: id(1), Key: elem(2), Insert: true, Action: format.MakeMap},
		{Obj: id(nextOp), Key: name("type"), Action: format.Set, Value: str("paragraph")},
	}},
	"several characters":        {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Value = str("a🙂") })}},
	"revival":                   {ops: []format.Op{deletion, revival}},
	"revival twice":             {ops: []format.Op{deletion, revival, revival}},
	"revival and deletion":      {ops: []format.Op{deletion, revival, alter(deletion, func(o *format.Op) { o.Pred = ids(nextOp + 1) })}},
	"revival of what is seen":   {ops: []format.Op{revival}},
	"revival as something else": {ops: []format.Op{deletion, alter(revival, func(o *format.Op) { o.Value = str("é🙂") })}},
	"revival of a mark":         {ops: []format.Op{bold, boldEnd, alter(revival, func(o *format.Op) { o.Key = elem(nextOp) })}},
	"revival of a mark's end":   {ops: []format.Op{bold, boldEnd, alter(revival, func(o *format.Op) { o.Key = elem(nextOp + 1) })}},
	"revival of a block": {ops: []format.Op{
		{Obj: id(1), Key: elem(2), Insert: true, Action: format.MakeMap},
		alter(revival, func(o *format.Op) { o.Key = elem(nextOp) }),
	}},
	"revival of a deleted block": {ops: []format.Op{
		{Obj: id(1), Key: elem(2), Insert: true, Action: format.MakeMap},
		{Obj: id(1), Key: elem(nextOp), Action: format.Delete, Pred: ids(nextOp)},
		alter(revival, func(o *format.Op) { o.Key = elem(nextOp) }),
	}},
	"revival of what was written over": {ops: []format.Op{
		alter(deletion, func(o *format.Op) { o.Action, o.Value = format.Set, str("y") }),
		alter(deletion, func(o *format.Op) { o.Pred = ids(nextOp) }),
		revival,
	}},
	"overwriting a character":   {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Action, o.Value = format.Set, str("y") })}},
	"concurrent write of a key": {ops: []format.Op{{Key: name("s"), Action: format.Set, Value: str("z")}}},
	"value of a later type":     {ops: []format.Op{{Key: name("l"), Action: format.Set, Value: value(12, 1, 2)}}},
	"extra bytes":               {ops: []format.Op{insertion}, edit: func(c *format.Change) { c.Extra = []byte("hello") }},
	"write in a deleted list": {ops: []format.Op{
		{Key: name("list"), Action: format.Delete, Pred: ids(4)},
		{Obj: id(4), Insert: true, Action: format.Set, Value: str("z")},
	}},

	"mark in a list":                 {ops: []format.Op{alter(bold, func(o *format.Op) { o.Obj, o.Key = id(4), elem(5) })}, want: guard.ErrMark},
	"mark ends before it begins":     {ops: []format.Op{boldEnd, bold}, want: guard.ErrMark},
	"mark ends only":                 {ops: []format.Op{boldEnd}, want: guard.ErrMark},
	"mark ends twice":                {ops: []format.Op{bold, boldEnd, boldEnd}, want: guard.ErrMark},
	"mark ends later":                {ops: []format.Op{bold, insertion, boldEnd}, want: guard.ErrMark},
	"mark ends in front":             {ops: []format.Op{alter(bold, func(o *format.Op) { o.Key = elem(3) }), alter(boldEnd, func(o *format.Op) { o.Key = elem(2) })}, want: guard.ErrMark},
	"mark ends at the head":          {ops: []format.Op{bold, alter(boldEnd, func(o *format.Op) { o.Key = elem(0) })}, want: guard.ErrMark},
	"mark ends where it begins":      {ops: []format.Op{bold, alter(boldEnd, func(o *format.Op) { o.Key = elem(2) })}, want: guard.ErrMark},
	"mark ends in front, fresh text": {ops: []format.Op{insertion, alter(bold, func(o *format.Op) { o.Key = elem(nextOp) }), alter(boldEnd, func(o *format.Op) { o.Key = elem(3) })}, want: guard.ErrMark},
	"mark ends in another text": {ops: []format.Op{
		{Key: name("t"), Action: format.MakeText},
		bold,
		{Obj: id(nextOp), Insert: true, Action: format.Mark},
	}, want: guard.ErrMark},

	"unknown column":               {edit: func(c *format.Change) { c.Unknown = []format.Column{{Spec: 0x1f2, Data: []byte{0x7f, 1}}} }, want: guard.ErrUnknownColumn},
	"no such deps":                 {edit: func(c *format.Change) { c.Deps = append([][32]byte{{}}, c.Deps...) }, want: guard.ErrMissingDeps},
	"seq skips":                    {edit: func(c *format.Change) { c.Seq = 3 }, want: guard.ErrSeq},
	"seq again":                    {edit: func(c *format.Change) { c.Seq = 1 }, want: guard.ErrSeq},
	"other actor's first is not 1": {edit: func(c *format.Change) { c.Actor = []byte{2} }, want: guard.ErrSeq},
	"last change is no ancestor":   {edit: func(c *format.Change) { c.Deps, c.StartOp = nil, 1 }, want: guard.ErrSeq},
	"start leaves a gap":           {ops: []format.Op{insertion}, edit: func(c *format.Change) { c.StartOp++ }, want: guard.ErrStartOp},
	"start too low":                {ops: []format.Op{insertion}, edit: func(c *format.Change) { c.StartOp-- }, want: guard.ErrStartOp},

	"object is a character":   {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Obj = id(2) })}, want: guard.ErrNoObject},
	"object is to come":       {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Obj = id(nextOp + 1) })}, want: guard.ErrNoObject},
	"element of another":      {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Key = elem(5) })}, want: guard.ErrNoElement},
	"element is itself":       {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Key = elem(nextOp) })}, want: guard.ErrNoElement},
	"element is a deletion":   {ops: []format.Op{deletion, alter(insertion, func(o *format.Op) { o.Key = elem(nextOp) })}, want: guard.ErrNoElement},
	"element in a map":        {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Obj = id(10) })}, want: guard.ErrKey},
	"element in the root":     {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Obj = id(0) })}, want: guard.ErrKey},
	"map key in a text":       {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Key = name("k") })}, want: guard.ErrKey},
	"map key in a list":       {ops: []format.Op{{Obj: id(4), Key: name("k"), Action: format.Set}}, want: guard.ErrKey},
	"empty map key":           {ops: []format.Op{{Key: name(""), Action: format.Set}}, want: guard.ErrKey},
	"writing to the head":     {ops: []format.Op{{Obj: id(4), Action: format.Set, Pred: ids(5)}}, want: guard.ErrKey},
	"insertion in a map":      {ops: []format.Op{{Key: name("k"), Insert: true, Action: format.Set}}, want: guard.ErrInsert},
	"inserted deletion":       {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Insert, o.Pred = true, nil })}, want: guard.ErrInsert},
	"mark in a map":           {ops: []format.Op{{Key: name("k"), Action: format.Mark, HasName: true}}, want: guard.ErrInsert},
	"mark not inserted":       {ops: []format.Op{alter(bold, func(o *format.Op) { o.Insert, o.Pred = false, ids(2) })}, want: guard.ErrInsert},
	"insertion overwrites":    {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Pred = ids(3) })}, want: guard.ErrPred},
	"deletion of nothing":     {ops: []format.Op{{Key: name("s"), Action: format.Delete}}, want: guard.ErrPred},
	"deletion of no element":  {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Pred = nil })}, want: guard.ErrPred},
	"revival by nothing":      {ops: []format.Op{alter(revival, func(o *format.Op) { o.Value = str("") })}, want: guard.ErrValue},
	"revival of no element":   {ops: []format.Op{alter(revival, func(o *format.Op) { o.Key = elem(5) })}, want: guard.ErrNoElement},
	"revival as a block":      {ops: []format.Op{alter(revival, func(o *format.Op) { o.Action, o.Value = format.MakeMap, format.Value{} })}, want: guard.ErrPred},
	"element without pred":    {ops: []format.Op{{Obj: id(4), Key: elem(5), Action: format.Set}}, want: guard.ErrPred},
	"increment of nothing":    {ops: []format.Op{alter(increment, func(o *format.Op) { o.Pred = nil })}, want: guard.ErrPred},
	"increment of a string":   {ops: []format.Op{alter(increment, func(o *format.Op) { o.Key, o.Pred = name("s"), ids(7) })}, want: guard.ErrPred},
	"pred of another element": {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Pred = ids(2) })}, want: guard.ErrPred},
	"pred of another key":     {ops: []format.Op{{Key: name("s"), Action: format.Set, Pred: ids(8)}}, want: guard.ErrPred},
	"pred of another object":  {ops: []format.Op{{Obj: id(10), Key: name("s"), Action: format.Set, Pred: ids(7)}}, want: guard.ErrPred},
	"pred is a deletion":      {ops: []format.Op{deletion, alter(deletion, func(o *format.Op) { o.Pred = ids(nextOp) })}, want: guard.ErrPred},
	"pred is an increment":    {ops: []format.Op{{Key: name("c"), Action: format.Delete, Pred: ids(9)}}, want: guard.ErrPred},
	"pred is itself":          {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Pred = ids(nextOp) })}, want: guard.ErrPred},
	"pred is a mark":          {ops: []format.Op{bold, {Obj: id(1), Key: elem(nextOp), Action: format.Delete, Pred: ids(nextOp)}}, want: guard.ErrPred},

	"number in a text":        {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Value = value(format.Int, 1) })}, want: guard.ErrValue},
	"counter in a text":       {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Value = value(format.Counter, 1) })}, want: guard.ErrValue},
	"nothing in a text":       {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Value = str("") })}, want: guard.ErrValue},
	"list in a text":          {ops: []format.Op{{Obj: id(1), Key: elem(2), Insert: true, Action: format.MakeList}}, want: guard.ErrValue},
	"deletion with a value":   {ops: []format.Op{alter(deletion, func(o *format.Op) { o.Value = str("x") })}, want: guard.ErrValue},
	"object with a value":     {ops: []format.Op{{Key: name("n"), Action: format.MakeMap, Value: str("x")}}, want: guard.ErrValue},
	"unsigned increment":      {ops: []format.Op{alter(increment, func(o *format.Op) { o.Value.Type = format.Uint })}, want: guard.ErrValue},
	"end of mark has a value": {ops: []format.Op{alter(boldEnd, func(o *format.Op) { o.Value = str("v") })}, want: guard.ErrValue},
	"set that expands":        {ops: []format.Op{alter(insertion, func(o *format.Op) { o.Expand = true })}, want: guard.ErrValue},
	"set with a mark's name":  {ops: []format.Op{alter(insertion, func(o *format.Op) { o.HasName = true })}, want: guard.ErrValue},

	"content replaced":   {ops: []format.Op{{Key: name("content"), Action: format.MakeText, Pred: ids(1)}}, want: guard.ErrTextReplaced},
	"content made twice": {ops: []format.Op{{Key: name("content"), Action: format.MakeText}}, want: guard.ErrTextReplaced},
	"content deleted":    {ops: []format.Op{{Key: name("content"), Action: format.Delete, Pred: ids(1)}}, want: guard.ErrTextReplaced},
	"content is a value": {ops: []format.Op{{Key: name("content"), Action: format.Set, Value: str("x"), Pred: ids(1)}}, want: guard.ErrTextReplaced},
	"content without pred, second in a first change": {
		ops:  []format.Op{{Key: name("content"), Action: format.MakeText}, {Key: name("content"), Action: format.MakeText}},
		edit: func(c *format.Change) { c.Actor, c.Seq, c.StartOp, c.Deps = []byte{3}, 1, 1, nil }, want: guard.ErrTextReplaced,
	},
	"content is a map": {
		ops:  []format.Op{{Key: name("content"), Action: format.MakeMap}},
		edit: func(c *format.Change) { c.Actor, c.Seq, c.StartOp, c.Deps = []byte{3}, 1, 1, nil }, want: guard.ErrTextReplaced,
	},
	"content elsewhere": {ops: []format.Op{{Obj: id(10), Key: name("content"), Action: format.Set, Value: str("x")}}},
}

// chunk builds the case's change.
func (tc *ruleCase) chunk(first *format.Change) []byte {
	c := &format.Change{Actor: []byte{1}, Seq: 2, StartOp: nextOp, Deps: [][32]byte{first.Hash}, Ops: tc.ops}
	if tc.edit != nil {
		tc.edit(c)
	}
	return c.Encode()
}

// The table says what is refused and why; what passes, automerge-go must take.
func TestRules(t *testing.T) {
	first := firstChange.Encode()
	var passed []string
	var trials []trial
	for _, n := range slices.Sorted(maps.Keys(ruleCases)) {
		tc := ruleCases[n]
		x := newDoc()
		accept(t, x, parse(t, first))
		chunk := tc.chunk(parse(t, first))
		err := x.check(parse(t, chunk))
		if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
			t.Errorf("%s: %v, want %v", n, err, tc.want)
		}
		if err == nil {
			passed, trials = append(passed, n), append(trials, newTrial(t, x, first, parse(t, chunk), chunk))
		}
	}
	for i, answer := range tryAll(t, trials) {
		if answer != "" {
			t.Errorf("%s: the guard passes it, automerge-go says %s", passed[i], answer)
		}
	}
}

// The victim must be able to die, or the tests on it say nothing.
func TestVictimDiesOfWhatIsRefused(t *testing.T) {
	first := firstChange.Encode()
	var trials []trial
	names := []string{"map key in a text", "insertion", "seq skips", "deletion"}
	for _, n := range names {
		tc := ruleCases[n]
		trials = append(trials, trial{base: first, chunk: tc.chunk(parse(t, first))})
	}
	got := tryAll(t, trials)
	if got[0] != "killed" || got[1] != "" || !strings.HasPrefix(got[2], "load of save") || got[3] != "" {
		t.Errorf("the victim answers %q for %q", got, names)
	}
}

// A change that is not foreign may not have as many operations as the format
// allows. (automerge-go would need minutes for these, hence no rule case.)
func TestTooManyOperations(t *testing.T) {
	x := newDoc()
	first := parse(t, firstChange.Encode())
	accept(t, x, first)
	op := []format.Op{{Key: name("k"), Action: format.Set, Value: str("x")}}
	most := &format.Change{Actor: []byte{1}, Seq: 2, StartOp: nextOp, Deps: [][32]byte{first.Hash}, Ops: slices.Repeat(op, guard.MaxOps)}
	if err := x.check(parse(t, most.Encode())); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	more := *most
	more.Ops = append(slices.Clone(most.Ops), op...)
	if err := x.check(parse(t, more.Encode())); !errors.Is(err, guard.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	x.rules.Foreign = true
	if err := x.check(parse(t, more.Encode())); err != nil {
		t.Errorf("one more, in a foreign change: %v", err)
	}
}

// What a file brought leaves numbers for those who go on.
func TestForeignNumbers(t *testing.T) {
	x := newDoc()
	first := parse(t, firstChange.Encode())
	accept(t, x, first)
	op := format.Op{Key: name("k"), Action: format.Set, Value: str("x")}
	for start, want := range map[uint64]error{guard.MaxForeignOp - 1: nil, guard.MaxForeignOp: guard.ErrNumber} {
		c := parse(t, (&format.Change{
			Actor: []byte{1}, Seq: 2, StartOp: start, Deps: [][32]byte{first.Hash}, Ops: []format.Op{op, op},
		}).Encode())
		x.rules.Foreign = true
		if err := x.check(c); !errors.Is(err, want) {
			t.Errorf("from %d on, foreign: %v", start, err)
		}
		x.rules.Foreign = false
		if err := x.check(c); !errors.Is(err, guard.ErrStartOp) {
			t.Errorf("from %d on: %v", start, err)
		}
	}
}

func TestMissingDepsAreListed(t *testing.T) {
	x := newDoc()
	first := parse(t, firstChange.Encode())
	c := &format.Change{Actor: []byte{1}, Seq: 2, StartOp: nextOp, Deps: [][32]byte{{}, first.Hash}}
	var missing *guard.MissingDepsError
	if err := x.check(c); !errors.As(err, &missing) || !slices.Equal(missing.Hashes, c.Deps) {
		t.Errorf("nothing held: %v", err)
	}
	accept(t, x, first)
	if err := x.check(c); !errors.As(err, &missing) || !slices.Equal(missing.Hashes, c.Deps[:1]) {
		t.Errorf("one held: %v", err)
	}
}

func TestHeldAndForked(t *testing.T) {
	x := newDoc()
	first := parse(t, firstChange.Encode())
	accept(t, x, first)
	if err := x.check(first); !errors.Is(err, guard.ErrHeld) {
		t.Errorf("the same change again: %v", err)
	}
	if err := x.add(first); err == nil {
		t.Error("the same change was added again")
	}
	next := &format.Change{Actor: []byte{1}, Seq: 2, StartOp: nextOp, Deps: [][32]byte{first.Hash}}
	accept(t, x, parse(t, next.Encode()))
	next.Message = "another"
	if err := x.check(parse(t, next.Encode())); !errors.Is(err, guard.ErrForked) {
		t.Errorf("another change numbered alike: %v", err)
	}
}

// None of the files that kill automerge-go gets past both checks, whether as a
// whole or by the chunks inside.
func TestHostileFiles(t *testing.T) {
	files, err := filepath.Glob("../format/testdata/hostile/*.bin")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d hostile files, %v", len(files), err)
	}
	for _, file := range files {
		chunk, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		empty, full := newDoc(), newDoc()
		accept(t, full, parse(t, firstChange.Encode()))
		c, err := format.ParseChange(chunk)
		if err == nil {
			err = errors.Join(empty.check(c), full.check(c))
			if empty.check(c) == nil || full.check(c) == nil {
				t.Errorf("%s passes", filepath.Base(file))
			}
		}
		t.Logf("%s: %v", filepath.Base(file), err)
	}
}
