package crdt_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
)

// aFile is a document with values of all kinds, as a file.
func aFile(t *testing.T) []byte {
	t.Helper()
	d := openAs(t, "elsewhere", crdt.Config{})
	if _, err := d.Found(noon); err != nil {
		t.Fatal(err)
	}
	_, err := d.Change(noon, func(tx *crdt.Tx) error {
		list, err := tx.Make(crdt.ObjID{}, "list", crdt.List)
		if err != nil {
			return err
		}
		deep, err := tx.InsertMake(list, 0, crdt.Map)
		if err != nil {
			return err
		}
		note, err := tx.Make(deep, "note", crdt.Text)
		if err != nil {
			return err
		}
		for key, v := range map[string]any{
			"count": crdt.Counter(7), "when": crdt.Timestamp(12), "yes": true, "nothing": nil, "bytes": []byte{1}, "half": 0.5,
		} {
			if err := tx.Put(deep, key, v); err != nil {
				return err
			}
		}
		if err := tx.Insert(list, 1, "two"); err != nil {
			return err
		}
		return tx.Splice(note, 0, 0, "deep 🙂")
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Edit(crdt.Edit{Insert: strings.Repeat("long ", 20_000)}, noon); err != nil {
		t.Fatal(err)
	}
	file, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A copy of a file holds what the file holds, and others take its changes.
func TestFoundCopy(t *testing.T) {
	file := aFile(t)
	d := openAs(t, "copier", crdt.Config{})
	out, err := d.FoundCopy(file, noon)
	if err != nil {
		t.Fatal(err)
	}
	reader := openAs(t, "reader", crdt.Config{})
	if _, err := reader.Apply(out.Changes); err != nil {
		t.Fatal(err)
	}
	before := openAs(t, "before", crdt.Config{Snapshot: file})
	want := plainOf(t, before)
	for _, got := range []*crdt.Document{d, reader} {
		if got := plainOf(t, got); got != want {
			t.Errorf("the copy holds\n%s\nthe file\n%s", got, want)
		}
	}
	if d.Vector()["copier"].Seq < 3 || len(d.Vector()) != 1 {
		t.Errorf("the copy's vector is %v", d.Vector())
	}
	if _, err := d.FoundCopy(file, noon); err == nil {
		t.Error("it was founded again")
	}
	if _, err := openAs(t, "other", crdt.Config{}).FoundCopy(file[:len(file)-1], noon); err == nil {
		t.Error("half a file is copied")
	}
}

// plainOf prints all that a document holds.
func plainOf(t *testing.T, d *crdt.Document) string {
	t.Helper()
	var b bytes.Buffer
	printMap(t, &b, d, crdt.ObjID{})
	return b.String()
}

func printMap(t *testing.T, b *bytes.Buffer, d *crdt.Document, obj crdt.ObjID) {
	t.Helper()
	keys, err := d.Keys(obj)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		v, _, err := d.Get(obj, key)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(key + ": ")
		printValue(t, b, d, v)
	}
}

func printValue(t *testing.T, b *bytes.Buffer, d *crdt.Document, v any) {
	t.Helper()
	o, ok := v.(crdt.Object)
	switch {
	case !ok:
		fmt.Fprintf(b, "%T %v\n", v, v)
	case o.Kind == crdt.Map:
		printMap(t, b, d, o.ID)
	case o.Kind == crdt.Text:
		s, err := d.String(o.ID)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(b, "text %q\n", s)
	default:
		n, err := d.Len(o.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			v, _, err := d.Index(o.ID, i)
			if err != nil {
				t.Fatal(err)
			}
			printValue(t, b, d, v)
		}
	}
}

// A document chunk names what each change builds on in the order of the hashes,
// without which JavaScript's Automerge refuses it, also where a document that was
// opened from its compact form does not know old hashes.
func TestChunkNamesDependenciesByHash(t *testing.T) {
	writers := []*replica{}
	first, c := found(t, "writer-0")
	writers = append(writers, first)
	all := []crdt.Change{c}
	for i := range 4 {
		writers = append(writers, open(t, fmt.Sprintf("writer-%d", i+1), c))
	}
	for range 100 {
		var round []crdt.Change
		for _, w := range writers {
			round = append(round, w.edit(t, crdt.Edit{Seen: w.seen, Insert: "x"}).Changes...)
		}
		for _, w := range writers {
			if _, err := w.Apply(round); err != nil {
				t.Fatal(err)
			}
			_, w.seen = w.Text()
		}
		all = append(all, round...)
	}
	again := openAs(t, "again", crdt.Config{Form: first.Form().Bytes})
	chunk, _, err := again.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]crdt.Hash{}
	for _, c := range all {
		hashes[fmt.Sprint(c.Actor, c.Seq)] = c.Hash
	}
	doc, err := format.ParseDocument(chunk)
	if err != nil {
		t.Fatal(err)
	}
	var order []crdt.Hash
	several := 0
	err = doc.EachChange(func(i int, c *format.DocChange) error {
		order = append(order, hashes[fmt.Sprint(crdt.ActorID(doc.Actors[c.Actor]), c.Seq)])
		if len(c.Deps) > 1 {
			several++
		}
		if !slices.IsSortedFunc(c.Deps, func(a, b uint32) int { return order[a].Compare(order[b]) }) {
			return fmt.Errorf("change %d builds on %v", i, c.Deps)
		}
		return nil
	})
	if err != nil || several < 400 {
		t.Errorf("%d changes build on several: %v", several, err)
	}
}
