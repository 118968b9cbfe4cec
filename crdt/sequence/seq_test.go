package sequence

import (
	"errors"
	"strings"
	"testing"

	"starling/crdt/opid"
)

var errItem = errors.New("no items here")

// noItem is for sequences that have no items.
func noItem(opid.ID) (Item, int, error) { return nil, 0, errItem }

func id(actor, counter uint32) opid.ID { return opid.ID{Actor: actor, Counter: counter} }

// abc is "abcdef" by actor 0 from 1 on, whose c is deleted and whose e is an item.
func abc(t *testing.T) *Sequence {
	s := New(newActors(2))
	if _, err := s.Insert(id(0, 1), opid.ID{}, "abcdef"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteRun(id(0, 3), 1, id(1, 10), false, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Replace(id(0, 5), &testItem{id: id(0, 5), width: 1}, 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// What names things that are not there is refused, and nothing changes.
func TestRefusals(t *testing.T) {
	item := &testItem{width: 1}
	for name, test := range map[string]struct {
		want error
		do   func(s *Sequence) error
	}{
		"insert nothing":      {ErrContent, func(s *Sequence) error { _, err := s.Insert(id(0, 20), id(0, 1), ""); return err }},
		"insert no UTF-8":     {ErrContent, func(s *Sequence) error { _, err := s.Insert(id(0, 20), id(0, 1), "a\xff"); return err }},
		"insert zero":         {ErrOrder, func(s *Sequence) error { _, err := s.Insert(opid.ID{}, opid.ID{}, "a"); return err }},
		"insert too early":    {ErrOrder, func(s *Sequence) error { _, err := s.Insert(id(1, 2), id(0, 2), "a"); return err }},
		"insert after none":   {ErrNoElement, func(s *Sequence) error { _, err := s.Insert(id(1, 20), id(0, 7), "a"); return err }},
		"insert by none":      {ErrNoElement, func(s *Sequence) error { _, err := s.Insert(id(2, 20), id(0, 1), "a"); return err }},
		"insert again":        {ErrExists, func(s *Sequence) error { _, err := s.Insert(id(0, 2), id(0, 1), "a"); return err }},
		"insert over":         {ErrExists, func(s *Sequence) error { _, err := s.Insert(id(0, 6), id(0, 1), "ab"); return err }},
		"insert too far":      {ErrFull, func(s *Sequence) error { _, err := s.Insert(id(0, 1<<32-1), id(0, 1), "ab"); return err }},
		"insert no item":      {ErrContent, func(s *Sequence) error { _, err := s.InsertItem(id(0, 20), id(0, 1), nil, 1); return err }},
		"insert bad width":    {ErrContent, func(s *Sequence) error { _, err := s.InsertItem(id(0, 20), id(0, 1), item, -1); return err }},
		"insert item again":   {ErrExists, func(s *Sequence) error { _, err := s.InsertItem(id(0, 2), id(0, 1), item, 1); return err }},
		"replace none":        {ErrNoElement, func(s *Sequence) error { _, _, err := s.Replace(id(0, 7), item, 1); return err }},
		"replace by none":     {ErrContent, func(s *Sequence) error { _, _, err := s.Replace(id(0, 1), nil, 1); return err }},
		"delete none":         {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(1, 1), 1, id(1, 20), false, nil) }},
		"delete nothing":      {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(0, 1), 0, id(1, 20), false, nil) }},
		"delete less":         {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(0, 1), -1, id(1, 20), false, nil) }},
		"delete all too far":  {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(0, 6), 2, id(1, 20), false, nil) }},
		"delete endlessly":    {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(0, 6), 1<<32, id(1, 20), false, nil) }},
		"delete an item":      {ErrItem, func(s *Sequence) error { return s.DeleteRun(id(0, 4), 3, id(1, 20), false, nil) }},
		"delete too early":    {ErrOrder, func(s *Sequence) error { return s.DeleteRun(id(0, 2), 1, id(1, 2), false, nil) }},
		"delete back early":   {ErrOrder, func(s *Sequence) error { return s.DeleteRun(id(0, 1), 4, id(1, 4), true, nil) }},
		"delete by none":      {ErrNoElement, func(s *Sequence) error { return s.DeleteRun(id(0, 2), 1, id(2, 20), false, nil) }},
		"delete at the end":   {ErrFull, func(s *Sequence) error { return s.DeleteRun(id(0, 1), 2, id(1, 1<<32-1), false, nil) }},
		"delete no value":     {ErrNoValue, func(s *Sequence) error { return s.DeleteValue(id(0, 1), id(1, 10), id(1, 20), nil) }},
		"delete none's value": {ErrNoElement, func(s *Sequence) error { return s.DeleteValue(id(1, 1), id(1, 10), id(1, 20), nil) }},
		"revive none":         {ErrNoElement, func(s *Sequence) error { return s.Revive(id(1, 1), 1, id(1, 20), false, nil) }},
		"revive an item":      {ErrItem, func(s *Sequence) error { return s.Revive(id(0, 5), 1, id(1, 20), false, nil) }},
		"delete value early": {ErrOrder, func(s *Sequence) error {
			if err := s.Revive(id(0, 3), 1, id(1, 20), false, nil); err != nil {
				return err
			}
			err := s.DeleteValue(id(0, 3), id(1, 20), id(0, 20), nil)
			if err := s.DeleteValue(id(0, 3), id(1, 20), id(0, 21), nil); err != nil {
				return err
			}
			return err
		}},
	} {
		s := abc(t)
		if err := test.do(s); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if s.Text() != "abdxf" {
			t.Errorf("%s: %q", name, s.Text())
		}
		if err := broken(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Places off the ends, and elements that are not there.
func TestOff(t *testing.T) {
	s := abc(t)
	if _, ok := s.Element(id(0, 7)); ok || s.Has(id(1, 1)) || !s.Has(id(0, 6)) {
		t.Error("has an element that is not there")
	}
	if _, _, ok := s.Rank(id(1, 1)); ok {
		t.Error("ranks an element that is not there")
	}
	if _, ok := s.Place(Anchor{Elem: id(1, 1)}); ok {
		t.Error("places an element that is not there")
	}
	for _, at := range []int{-1, s.Len()} {
		if _, _, ok := s.ElemAt(at); ok {
			t.Errorf("element at %d", at)
		}
	}
	if got := s.Slice(-1, 100) + s.Slice(3, -1) + s.Slice(9, 1); got != "abdxf" {
		t.Errorf("slices %q", got)
	}
	for a, want := range map[Anchor]Anchor{
		s.AnchorAt(0, true):    {After: true},
		s.AnchorAt(-1, true):   {After: true},
		s.AnchorAt(5, false):   {},
		s.AnchorAt(100, false): {},
		s.AnchorAt(100, true):  {id(0, 6), true},
		s.AnchorAt(-1, false):  {id(0, 1), false},
	} {
		if a != want {
			t.Errorf("anchor %v, want %v", a, want)
		}
	}
	if at, _ := s.Place(Anchor{}); at != 5 {
		t.Errorf("the end is at %d", at)
	}
	if at, ok := s.Place(Anchor{After: true}); at != 0 || !ok {
		t.Errorf("the start is at %d", at)
	}
}

// Typing, backspacing and deleting onwards give one run each.
func TestRunsJoin(t *testing.T) {
	s := New(newActors(2))
	next := id(0, 1)
	for i, c := range "typed one by one" {
		origin := id(0, uint32(i))
		if i == 0 {
			origin = opid.ID{}
		}
		if _, err := s.Insert(next, origin, string(c)); err != nil {
			t.Fatal(err)
		}
		next = next.Plus(1)
	}
	by := id(1, 50)
	for _, c := range []uint32{16, 15, 14, 1, 2, 3, 4} {
		if err := s.DeleteRun(id(0, c), 1, by, false, nil); err != nil {
			t.Fatal(err)
		}
		by = by.Plus(1)
	}
	var got []Run
	for r := range s.All {
		got = append(got, r)
	}
	if len(got) != 3 || got[0].Deleted[0] != (Span{id(1, 53), 1}) || got[1].Content != "d one by " || got[2].Deleted[0] != (Span{id(1, 52), -1}) {
		t.Errorf("runs %v", got)
	}
	if err := s.Revive(id(0, 1), 4, by, true, nil); err != nil {
		t.Fatal(err)
	}
	if s.Text() != "typed one by " || s.Runs() != 3 {
		t.Errorf("%q in %d runs", s.Text(), s.Runs())
	}
}

// However a peer arranges insertions, none costs more than the others.
func TestHostileOrder(t *testing.T) {
	s := hostile(t, 20_000)
	if err := broken(s); err != nil {
		t.Fatal(err)
	}
}

// Nor do deletions of the same elements become costly: before that they are
// refused. What was read before stays as it was.
func TestDeletedOften(t *testing.T) {
	s := New(newActors(2))
	if _, err := s.Insert(id(0, 1), opid.ID{}, "ab"); err != nil {
		t.Fatal(err)
	}
	var early Run
	var err error
	for i := uint32(0); err == nil; i++ {
		err = s.DeleteRun(id(0, 1+i%2), 1, id(1, 10+i), false, nil)
		if i == 100 {
			early, _ = s.Element(id(0, 1))
		}
	}
	late, _ := s.Element(id(0, 1))
	if !errors.Is(err, ErrWorn) || len(early.Deleted) != 51 || len(late.Deleted) != maxTouches+1 ||
		!late.Worn() || early.Worn() || early.Deleted[50].Op != id(1, 110) || s.Len() != 0 {
		t.Errorf("%d deletions, then %d, then %v", len(early.Deleted), len(late.Deleted), err)
	}
	if d, err := Decode(s.AppendBinary(nil), s.actors, noItem); err != nil || describeAll(d) != describeAll(s) {
		t.Errorf("decoded another sequence (%v)", err)
	}
}

// An element that is deleted and revived by turns is worn out, too, whoever of
// them wrote what; the next element is not.
func TestRevivedOften(t *testing.T) {
	s := New(newActors(2))
	if _, err := s.Insert(id(0, 1), opid.ID{}, "ab"); err != nil {
		t.Fatal(err)
	}
	value, by := id(0, 1), id(1, 10)
	var err error
	n := 0
	for ; err == nil; n++ {
		if err = s.DeleteValue(id(0, 1), value, by, nil); err == nil {
			value, by = by.Plus(1), by.Plus(2)
			err = s.Revive(id(0, 1), 1, value, false, nil)
		}
	}
	if !errors.Is(err, ErrWorn) || n < maxTouches/2 || n > maxTouches/2+2 {
		t.Errorf("%d rounds, then %v", n, err)
	}
	if err := s.DeleteRun(id(0, 2), 1, by, false, nil); err != nil {
		t.Errorf("the other element: %v", err)
	}
}

// The builder refuses what insertions could not have given.
func TestBuilderRefusals(t *testing.T) {
	a := Run{First: id(0, 1), N: 3, Content: "abc"}
	for name, test := range map[string]struct {
		want error
		runs []Run
	}{
		"no origin":          {ErrNoElement, []Run{a, {First: id(1, 9), N: 1, Origin: id(0, 9), Content: "x"}}},
		"origin later":       {ErrNoElement, []Run{{First: id(0, 2), N: 1, Origin: id(0, 1), Content: "b"}, {First: id(0, 1), N: 1, Content: "a"}}},
		"lesser first":       {ErrOrder, []Run{{First: id(1, 1), N: 1, Content: "x"}, {First: id(1, 2), N: 1, Content: "y"}}},
		"less than its rest": {ErrOrder, []Run{a, {First: id(0, 4), N: 1, Origin: id(0, 1), Content: "x"}}},
		"closed origin": {ErrNoElement, []Run{
			{First: id(0, 5), N: 1, Content: "x"},
			{First: id(0, 1), N: 1, Content: "y"},
			{First: id(1, 9), N: 1, Content: "z", Origin: id(0, 5)},
		}},
		"twice": {ErrExists, []Run{
			{First: id(0, 4), N: 1, Content: "x"},
			{First: id(0, 6), N: 1, Content: "y", Origin: id(0, 4)},
			{First: id(0, 3), N: 1, Content: "z"},
			{First: id(0, 6), N: 1, Content: "y", Origin: id(0, 3)},
		}},
		"not after its origin": {ErrOrder, []Run{a, {First: id(1, 3), N: 1, Origin: id(0, 3), Content: "x"}}},
		"empty":                {ErrOrder, []Run{{First: id(0, 1)}}},
		"zero":                 {ErrOrder, []Run{{N: 1, Content: "a"}}},
		"short":                {ErrContent, []Run{{First: id(0, 1), N: 2, Content: "a"}}},
		"no UTF-8":             {ErrContent, []Run{{First: id(0, 1), N: 1, Content: "\xff"}}},
		"item with content":    {ErrContent, []Run{{First: id(0, 1), N: 1, Content: "a", Item: &testItem{}}}},
		"unknown actor":        {ErrNoElement, []Run{{First: id(3, 1), N: 1, Content: "a"}}},
		"unknown deleter":      {ErrNoElement, []Run{{First: id(0, 1), N: 1, Content: "a", Deleted: []Span{{id(3, 5), 1}}}}},
		"deleted early":        {ErrOrder, []Run{{First: id(0, 1), N: 2, Content: "ab", Deleted: []Span{{id(1, 3), -1}}}}},
		"deleted twice":        {ErrExists, []Run{{First: id(0, 1), N: 1, Content: "a", Deleted: []Span{{id(1, 3), 1}, {id(1, 3), 1}}}}},
		"no step":              {ErrNoElement, []Run{{First: id(0, 1), N: 2, Content: "ab", Deleted: []Span{{id(1, 3), 0}}}}},
		"revived early":        {ErrOrder, []Run{{First: id(0, 2), N: 1, Content: "a", Revived: []Layer{{Span: Span{id(1, 2), 1}}}}}},
		"deleted before":       {ErrOrder, []Run{{First: id(0, 2), N: 1, Content: "a", Revived: []Layer{{Span: Span{id(1, 4), 1}, Deleted: []Span{{id(0, 4), 1}}}}}}},
	} {
		b := NewBuilder(newActors(2))
		var err error
		for _, r := range test.runs {
			if err = b.Append(r); err != nil {
				break
			}
		}
		if err == nil {
			_, err = b.Done()
		}
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// What is cut short or has something added is refused.
func TestDecodeRefusals(t *testing.T) {
	s := New(newActors(2))
	for i, text := range []string{"a text", "and another one", strings.Repeat("ö", 3000)} {
		if _, err := s.Insert(id(0, uint32(1+10_000*i)), id(0, uint32(3*i)), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteRun(id(0, 2), 3, id(1, 50_000), true, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Revive(id(0, 3), 2, id(1, 60_000), true, nil); err != nil {
		t.Fatal(err)
	}
	form := s.AppendBinary(nil)
	if _, err := Decode(form, s.actors, noItem); err != nil {
		t.Fatal(err)
	}
	for i := range form {
		if _, err := Decode(form[:i], s.actors, noItem); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := Decode(append(form, 0), s.actors, noItem); !errors.Is(err, ErrFormat) {
		t.Fatal(err)
	}
	if _, err := Decode(form, newActors(1), noItem); !errors.Is(err, ErrFormat) {
		t.Fatal("unknown actor:", err)
	}
}
