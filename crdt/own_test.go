package crdt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// reopen opens a document from the bytes of changes as a peer or the store has
// them, past format and guard.
func reopen(t *testing.T, changes []crdt.Change) *crdt.Document {
	t.Helper()
	read := make([]crdt.Change, len(changes))
	for i, c := range changes {
		var err error
		if read[i], err = crdt.ParseChange(c.Bytes); err != nil {
			t.Fatalf("our change %d of %d: %v", i, len(changes), err)
		}
	}
	return openAs(t, "reader", crdt.Config{Changes: read})
}

// crowd founds a document to which n others write apart from each other.
func crowd(t *testing.T, n int, write func(d *crdt.Document, i int) (crdt.Edited, error)) (*crdt.Document, []crdt.Change) {
	t.Helper()
	d := openAs(t, "ourselves", crdt.Config{})
	first, err := d.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	all := []crdt.Change{first}
	for i := range n {
		out, err := write(openAs(t, fmt.Sprintf("other%05d", i), crdt.Config{Changes: all[:1]}), i)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Apply(out.Changes); err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Changes...)
	}
	return d, all
}

func putNumber(d *crdt.Document, i int) (crdt.Edited, error) {
	return d.Change(noon, func(tx *crdt.Tx) error { return tx.Put(crdt.ObjID{}, "key", i) })
}

// Whatever is in a document, what we write to it keeps the limits that we hold
// others to: else nobody could open it again.
func TestOwnChangesKeepTheLimits(t *testing.T) {
	const many = format.MaxActors + 200
	letter := func(d *crdt.Document, _ int) (crdt.Edited, error) { return d.Edit(crdt.Edit{Insert: "x"}, noon) }
	tests := []struct {
		name  string
		crowd int
		write func(d *crdt.Document, i int) (crdt.Edited, error)
		ours  func(d *crdt.Document) (crdt.Edited, error)
		check func(d *crdt.Document) error
	}{
		{
			"deleting the work of more actors than a change may name", many, letter,
			func(d *crdt.Document) (crdt.Edited, error) { return d.Replace("", noon) },
			func(d *crdt.Document) error { return wantText(d, "") },
		},
		{
			"writing on more heads than a change may build on", format.MaxDeps + 10, putNumber,
			func(d *crdt.Document) (crdt.Edited, error) { return d.Replace("ours", noon) },
			func(d *crdt.Document) error { return wantText(d, "ours") },
		},
		{
			"writing over more values than a change may name", many, putNumber,
			func(d *crdt.Document) (crdt.Edited, error) { return putNumber(d, 7) },
			func(d *crdt.Document) error {
				if v, others, err := d.Get(crdt.ObjID{}, "key"); v != int64(7) || len(others) > 0 || err != nil {
					return fmt.Errorf("the key holds %v, %d others, %w", v, len(others), err)
				}
				return nil
			},
		},
		{
			"writing more bytes than a change may have", 0, nil,
			func(d *crdt.Document) (crdt.Edited, error) {
				return d.Change(noon, func(tx *crdt.Tx) error {
					for i := range 6 {
						if err := tx.Put(crdt.ObjID{}, fmt.Sprint(i), strings.Repeat("x", format.MaxValue)); err != nil {
							return err
						}
					}
					return nil
				})
			},
			func(d *crdt.Document) error {
				if keys, err := d.Keys(crdt.ObjID{}); len(keys) != 7 || err != nil {
					return fmt.Errorf("the keys are %v, %w", keys, err)
				}
				return nil
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, all := crowd(t, test.crowd, test.write)
			before := len(all)
			for range 2 { // the second time our last change is not the only head
				out, err := test.ours(d)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, out.Changes...)
			}
			if len(all)-before < 2 {
				t.Errorf("all went into %d changes", len(all)-before)
			}
			for _, doc := range []*crdt.Document{d, reopen(t, all)} {
				if err := test.check(doc); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func wantText(d *crdt.Document, want string) error {
	if text, _ := d.Text(); text != want {
		return fmt.Errorf("the text is %q, want %q", text, want)
	}
	return nil
}

// A restored version is undone at once, also where it took several changes because
// of how many people's work it took away.
func TestUndoOfARestoreOfMuch(t *testing.T) {
	const many = format.MaxActors + 200
	d, _ := crowd(t, many, func(d *crdt.Document, i int) (crdt.Edited, error) {
		return d.Edit(crdt.Edit{Insert: string(rune('a' + i%26))}, noon)
	})
	text, seen := d.Text()
	out, err := d.RestoreVersion(d.History()[0], seen, noon)
	if err != nil || len(out.Changes) < 2 {
		t.Fatal(len(out.Changes), err)
	}
	if err := wantText(d, ""); err != nil {
		t.Error(err)
	}
	_, seen = d.Text()
	if _, err := d.Undo(seen, noon); err != nil {
		t.Fatal(err)
	}
	if err := wantText(d, text); err != nil {
		t.Error(err)
	}
}

// Our change before stays an ancestor when there are more heads than a change may
// build on, wherever it is among them.
func TestManyHeadsBesideOurOwn(t *testing.T) {
	_, all := crowd(t, format.MaxDeps+1, func(d *crdt.Document, _ int) (crdt.Edited, error) {
		return d.Edit(crdt.Edit{Insert: "x"}, noon)
	})
	// Ours knows of one of them only, and comes last.
	out, err := openAs(t, "ourselves", crdt.Config{Changes: all[:2]}).Edit(crdt.Edit{Insert: "y"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, out.Changes...)
	if out, err = openAs(t, "ourselves", crdt.Config{Changes: all}).Replace("ours", noon); err != nil {
		t.Fatal(err)
	}
	if merge := out.Changes[0]; merge.MaxOp >= merge.StartOp || len(merge.Deps) != format.MaxDeps {
		t.Errorf("the first change has operations, or builds on %d", len(merge.Deps))
	}
	reopen(t, append(all, out.Changes...))
}

func TestCountingUpWhatIsNoCounter(t *testing.T) {
	d, all := crowd(t, 0, nil)
	var list crdt.ObjID
	out, err := d.Change(noon, func(tx *crdt.Tx) (err error) {
		if list, err = tx.Make(crdt.ObjID{}, "list", crdt.List); err == nil {
			err = errors.Join(tx.Insert(list, 0, "string"), tx.Put(crdt.ObjID{}, "key", "string"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, out.Changes...)
	for name, f := range map[string]func(*crdt.Tx) error{
		"map":  func(tx *crdt.Tx) error { return tx.Increment(crdt.ObjID{}, "key", 1) },
		"list": func(tx *crdt.Tx) error { return tx.IncrementAt(list, 0, 1) },
	} {
		if out, err = d.Change(noon, f); !errors.Is(err, crdt.ErrNoCounter) || len(out.Changes) > 0 {
			t.Errorf("%s: %v, %d changes", name, err, len(out.Changes))
		}
	}
	reopen(t, all)
}

// A change that fails leaves nothing behind, however much it has written, and in
// whatever it has written it.
func TestAFailedChangeLeavesNothing(t *testing.T) {
	d, all := crowd(t, 0, nil)
	var list crdt.ObjID
	out, err := d.Change(noon, func(tx *crdt.Tx) (err error) {
		if list, err = tx.Make(crdt.ObjID{}, "list", crdt.List); err == nil {
			err = errors.Join(tx.Insert(list, 0, "first"), tx.Put(crdt.ObjID{}, "n", crdt.Counter(1)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, out.Changes...)
	edited, err := d.Edit(crdt.Edit{Insert: "a text\n"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, edited.Changes...)
	before, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	content, _, err := d.Get(crdt.ObjID{}, "content")
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	for _, long := range []int{0, 100, 70_000} { // more than two changes
		_, err = d.Change(noon, func(tx *crdt.Tx) error {
			if err := errors.Join(
				tx.Increment(crdt.ObjID{}, "n", 5), tx.PutAt(list, 0, "second"), tx.Insert(list, 1, "third"),
				tx.Delete(crdt.ObjID{}, "list"), tx.Splice(content.(crdt.Object).ID, 2, 4, strings.Repeat("long ", long/5)),
			); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || d.Broken() {
			t.Fatal(err, d.Broken())
		}
		if after, _, err := d.Snapshot(); string(after) != string(before) || err != nil {
			t.Errorf("after %d the document is another one, %v", long, err)
		}
	}
	if edited, err = d.Edit(crdt.Edit{Seen: edited.Patches[0].Num, Insert: "to "}, noon); err != nil {
		t.Fatal(err)
	}
	if err := wantText(reopen(t, append(all, edited.Changes...)), "to a text\n"); err != nil {
		t.Error(err)
	}
}

// A writer that panics leaves a document that says so, not one that goes on with
// half of what was written.
func TestAPanicBreaksTheDocument(t *testing.T) {
	d, _ := crowd(t, 0, nil)
	func() {
		defer func() { _ = recover() }()
		_, _ = d.Change(noon, func(tx *crdt.Tx) error {
			_ = tx.Put(crdt.ObjID{}, "key", 1)
			panic("boom")
		})
	}()
	if _, err := d.Edit(crdt.Edit{Insert: "x"}, noon); !errors.Is(err, crdt.ErrBroken) {
		t.Errorf("an edit gives %v, want ErrBroken", err)
	}
}

// Nothing can be written before the founding change has come: everyone would
// refuse it.
func TestNothingToChangeBeforeTheFounding(t *testing.T) {
	d := openAs(t, "ourselves", crdt.Config{Founder: "founder"})
	if _, err := putNumber(d, 1); !errors.Is(err, crdt.ErrNoContent) {
		t.Errorf("a change gives %v, want ErrNoContent", err)
	}
}

// Writing over a key costs the same however often that was done before.
func TestAKeyWrittenOverAndOver(t *testing.T) {
	d, _ := crowd(t, 0, nil)
	const times = 50_000
	var out crdt.Edited
	var err error
	took := formattest.Busy(func() {
		out, err = d.Change(noon, func(tx *crdt.Tx) error {
			for i := range times {
				if err := tx.Put(crdt.ObjID{}, "key", i); err != nil {
					return err
				}
			}
			return nil
		})
	})
	t.Logf("it took %v", took)
	if took > 3*time.Second { // quadratic, it takes ten
		t.Errorf("it took %v", took)
	}
	if err != nil || len(out.Changes) != 2 {
		t.Fatal(len(out.Changes), err)
	}
	if v, others, err := d.Get(crdt.ObjID{}, "key"); v != int64(times-1) || len(others) > 0 || err != nil {
		t.Errorf("the key holds %v, %v, %v", v, others, err)
	}
}
