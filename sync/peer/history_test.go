package peer_test

import (
	"errors"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

// What two people wrote is told apart by their names, and on both devices alike.
func TestHistoryNamesPeople(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "from Ada\n")
	connect(t, a, b)
	pair(t, a, b, space)
	eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "from Ada\n" })
	write(t, b, doc, "from Ada\nfrom Grace\n")
	eventually(t, "the answer arrives", func() bool { return text(t, a, doc) == "from Ada\nfrom Grace\n" })
	var listed [][]crdt.Version
	for _, p := range []*peer.Peer{a, b} {
		d, err := p.OpenDocument(t.Context(), doc)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		v := d.History()
		listed = append(listed, v)
		if len(v) != 2 || d.Author(v[0].Author).Name != "Ada" || d.Author(v[1].Author).Name != "Grace" {
			t.Fatalf("at %s the history is %+v", p.Me().Name, v)
		}
		if who := d.Author(v[1].Author); who.ID != b.ID() || who.Imported {
			t.Errorf("the second author is %+v", who)
		}
		if got, err := d.TextAt(v[0]); err != nil || got != "from Ada\n" {
			t.Errorf("the first version is %q, %v", got, err)
		}
		lines, err := d.Blame(v[1])
		if err != nil || len(lines) != 2 || d.Author(lines[1].Last.Actor).Name != "Grace" {
			t.Errorf("the lines are %+v, %v", lines, err)
		}
	}
	if listed[0][0].ID != listed[1][0].ID || listed[0][1].ID != listed[1][1].ID {
		t.Error("the two devices call the versions differently")
	}
}

// Four digits find each version that is listed, also if only for its name.
func TestFindsListedVersions(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	d, err := p.OpenDocument(t.Context(), newDoc(t, p, newSpace(t, p), "one"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.NameVersion("draft", d.History()[0]); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	all := d.History()
	if len(all) != 2 || all[0].Changes != 0 && all[1].Changes != 0 {
		t.Fatalf("the versions are %+v", all)
	}
	for _, v := range all {
		if got, err := d.FindVersion(strings.ToUpper(v.ID.String()[:4])); err != nil || got.ID != v.ID {
			t.Errorf("found %v, %v, want %v", got.ID, err, v.ID)
		}
	}
	if _, err := d.FindVersion("zzzz"); !errors.Is(err, crdt.ErrNoVersion) {
		t.Errorf("what is no version gives %v", err)
	}
}

// A restored version, its name and an undo are committed and sent like any edit.
func TestRestoredVersionsSync(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "one\n")
	connect(t, a, b)
	pair(t, a, b, space)
	eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "one\n" })
	write(t, b, doc, "two\n")
	eventually(t, "the answer arrives", func() bool { return text(t, a, doc) == "two\n" })
	d, err := a.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.NameVersion("first", d.History()[0]); err != nil {
		t.Fatal(err)
	}
	v, err := d.FindVersion("first")
	if err != nil {
		t.Fatal(err)
	}
	_, seen := d.Snapshot()
	if _, _, left, err := d.RestoreVersion(v, seen); err != nil || left != 0 {
		t.Fatal(left, err)
	}
	eventually(t, "the old text is back", func() bool { return text(t, b, doc) == "one\n" })
	_, seen = d.Snapshot()
	if _, _, err := d.Undo(seen); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is undone", func() bool { return text(t, b, doc) == "two\n" })
	other, err := b.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if found, err := other.FindVersion("first"); err != nil || found.ID != v.ID {
		t.Errorf("the named version is %v, %v", found.ID, err)
	}
	if err := other.ForgetVersionName("first"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the name is forgotten", func() bool {
		_, err := d.FindVersion("first")
		return err != nil
	})
}

// The authors of a file are nobody here, and have names that tell them apart.
func TestImportedAuthors(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	for _, f := range fixtures(t) {
		if f.name != "severalActors.automerge" {
			continue
		}
		d, err := p.OpenDocument(t.Context(), importFile(t, p, newSpace(t, p), f))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		names := map[string]bool{}
		for _, v := range d.History() {
			who := d.Author(v.Author)
			if !who.Imported {
				continue
			}
			names[who.Name] = true
			if who.ID != (peer.DeviceID{}) || !strings.HasPrefix(who.Name, "imported ") {
				t.Errorf("an author is %+v", who)
			}
		}
		if len(names) != 3 {
			t.Errorf("the file's authors are %v", names)
		}
	}
}
