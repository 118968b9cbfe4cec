package crdt

import (
	"errors"
	"strings"
	"testing"
	"time"

	"starling/crdt/format"
)

// pair is a document that wrote text, and a reader that has it.
func pair(t testing.TB, text string) (writer, reader *device) {
	t.Helper()
	writer, reader = newDevice(t, "writer"), newDevice(t, "reader")
	first, err := writer.Found(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	out, err := writer.Edit(Edit{Insert: text}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Apply(append([]Change{first}, out.Changes...)); err != nil {
		t.Fatal(err)
	}
	reader.same(t)
	return writer, reader
}

// typed is what the writer sends when it types.
func (d *device) typed(t testing.TB, at, del int, insert string) []Change {
	t.Helper()
	out, err := d.Edit(Edit{Seen: d.log.last(), At: at, Delete: del, Insert: insert}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return out.Changes
}

// Texts alone don't tell which of equal letters came or went.
func TestPatchesAreAtTheVeryPlace(t *testing.T) {
	tests := []struct {
		name       string
		text       string
		at, del    int
		ins        string
		want       Patch
		wantedText string
	}{
		{"between", "aa", 1, 0, "a", Patch{At: 1, Insert: "a", Inserted: 1}, "aaa"},
		{"behind", "aa", 2, 0, "a", Patch{At: 2, Insert: "a", Inserted: 1}, "aaa"},
		{"a copy of a word", "ab ab ", 3, 0, "ab ", Patch{At: 3, Insert: "ab ", Inserted: 3}, "ab ab ab "},
		{"the first of three", "aaa", 0, 1, "", Patch{At: 0, Delete: 1}, "aa"},
		{"replaced by itself", "aaa", 1, 1, "a", Patch{At: 1, Delete: 1, Insert: "a", Inserted: 1}, "aaa"},
		{"beyond 16 bits", "🙂🙂", 1, 0, "🙂", Patch{At: 1, Insert: "🙂", Inserted: 1}, "🙂🙂🙂"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, r := pair(t, tt.text)
			out, err := r.Apply(w.typed(t, tt.at, tt.del, tt.ins))
			if err != nil || len(out.Patches) != 1 {
				t.Fatal(out.Patches, err)
			}
			tt.want.Num, tt.want.Actor, tt.want.Seq = out.Patches[0].Num, "writer", 3
			if out.Patches[0] != tt.want {
				t.Errorf("got %+v, want %+v", out.Patches[0], tt.want)
			}
			if r.same(t); r.text != tt.wantedText {
				t.Errorf("got %q", r.text)
			}
		})
	}
}

// foreign makes a change with one operation on the text "abc" of pair, whose
// elements are the operations 2 to 4 of its writer.
func foreign(t testing.TB, d *device, op format.Op) Change {
	t.Helper()
	f := format.Change{
		Actor: []byte("stranger"), OtherActors: [][]byte{[]byte("writer")}, Seq: 1, StartOp: 5, Ops: []format.Op{op},
	}
	for h := range d.heads {
		f.Deps = append(f.Deps, h)
	}
	c, err := ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the order does not know makes it step aside, and the text is right
// nonetheless, now and later.
func TestTheOrderStepsAside(t *testing.T) {
	text, b := format.OpID{Counter: 1, Actor: 1}, format.OpID{Counter: 3, Actor: 1}
	str := func(s string) format.Value { return format.Value{Type: format.String, Raw: []byte(s)} }
	tests := []struct {
		name string
		op   format.Op
		want string
	}{
		{"several code points in one element", format.Op{Obj: text, Key: format.Key{Elem: b}, Insert: true, Action: format.Set, Value: str("e\u0301")}, "abe\u0301c"},
		{"an element written over", format.Op{Obj: text, Key: format.Key{Elem: b}, Action: format.Set, Value: str("B"), Pred: []format.OpID{b}}, "aBc"},
		{"a block marker", format.Op{Obj: text, Key: format.Key{Elem: b}, Insert: true, Action: format.MakeMap}, "ab\ufffcc"},
		{"a mark", format.Op{Obj: text, Key: format.Key{Elem: b}, Insert: true, Action: format.Mark, HasName: true, MarkName: "bold", Value: format.Value{Type: format.True}}, "abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, r := pair(t, "abc")
			strange := foreign(t, w, tt.op)
			for _, d := range []*device{w, r} {
				if _, err := d.Apply([]Change{strange}); err != nil {
					t.Fatal(err)
				}
				if d.same(t); d.order.Exact() || d.text != tt.want {
					t.Fatalf("%q, exact %v", d.text, d.order.Exact())
				}
			}
			if _, err := r.Apply(w.typed(t, 1, 1, "x")); err != nil {
				t.Fatal(err)
			}
			r.same(t)
			if patches, err := r.Audit(); err != nil || len(patches) > 0 {
				t.Fatal(patches, err)
			}
		})
	}
}

// A batch over more places than are told apart is compared, and the order goes
// on behind it.
func TestABatchOfManyPlaces(t *testing.T) {
	w, r := pair(t, strings.Repeat("word ", 200))
	out, err := w.Replace(strings.Repeat("sword ", 200), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Apply(out.Changes); err != nil {
		t.Fatal(err)
	}
	if r.same(t); r.unread || !r.order.Exact() {
		t.Error("it was not compared, or the order is lost")
	}
	if _, err := r.Apply(w.typed(t, 3, 1, "x")); err != nil {
		t.Fatal(err)
	}
	if r.same(t); !r.unread {
		t.Error("the order does not go on")
	}
}

// A text that differs is found, corrected for views, and told once.
func TestAuditCorrectsTheText(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(r *device)
	}{
		{"other letters", func(r *device) { r.text = strings.Replace(r.text, "c", "X", 1) }},
		{"another length", func(r *device) { r.text, r.runes = r.text+"X", r.runes+1 }},
		{"a shorter text", func(r *device) { r.text, r.runes = "a", 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, r := pair(t, "abcde")
			if _, err := r.Apply(w.typed(t, 0, 0, "f")); err != nil || !r.unread {
				t.Fatal(r.unread, err)
			}
			tt.spoil(r)
			r.view, r.seen = []rune(r.text), r.log.last()
			if _, err := r.Apply(w.typed(t, 6, 0, "g")); err != nil {
				t.Fatal(err)
			}
			_, err := r.Audit()
			if !errors.Is(err, ErrDrifted) || r.order.Exact() || r.Broken() {
				t.Fatal(err, r.order.Exact(), r.Broken())
			}
			if r.same(t); r.text != "fabcdeg" {
				t.Fatalf("corrected it is %q", r.text)
			}
			if patches, err := r.Audit(); err != nil || len(patches) > 0 {
				t.Fatalf("told again: %v, %v", patches, err)
			}
		})
	}
}

// A change says what it says whether or not its operations were kept.
func TestChangesAreReadOnce(t *testing.T) {
	w, _ := pair(t, "abc")
	for _, tt := range []struct {
		insert string
		kept   bool
	}{{"word", true}, {strings.Repeat("long ", 10), false}} {
		c, err := ParseChange(w.typed(t, 1, 0, tt.insert)[0].Bytes)
		if err != nil || (c.ops != nil) != tt.kept {
			t.Errorf("%q: kept %v, %v", tt.insert, c.ops != nil, err)
		}
		r := newDevice(t, "reader")
		chunk, _ := w.Snapshot()
		if all, err := expandAll(chunk); err != nil {
			t.Fatal(err)
		} else if _, err := r.Apply(all[:len(all)-1]); err != nil {
			t.Fatal(err)
		}
		out, err := r.Apply([]Change{c})
		if err != nil || len(out.Changes) != 1 || out.Changes[0].ops != nil {
			t.Errorf("%q: the document's changes keep their operations: %v", tt.insert, err)
		}
		if r.text != w.text {
			t.Errorf("%q is not %q", r.text, w.text)
		}
	}
}
