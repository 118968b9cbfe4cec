package peer_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

// running opens a peer and runs it until stop is called.
func running(t *testing.T, home, name string) (p *peer.Peer, stop func()) {
	t.Helper()
	p = open(t, home, name)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	eventually(t, "running", func() bool { return status(t, p).Running })
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: run: %v", name, err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	t.Cleanup(stop)
	return p, stop
}

// What a person is told of who has a document is what these have acknowledged,
// and after a restart it is the same.
func TestWhoHasADocument(t *testing.T) {
	home := t.TempDir()
	a, stopA := running(t, home, "Ada")
	b, stopB := running(t, t.TempDir(), "Bob")
	space := newSpace(t, a)
	early, late := newDoc(t, a, space, "early"), newDoc(t, a, space, "late")
	reach := func(doc [16]byte) peer.Reached {
		r, err := a.Reach(t.Context(), doc)
		if err != nil || !r.Saved || r.Err != nil || len(r.Reached)+len(r.Missing) > 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		return r
	}
	if r := reach(early); len(r.Reached)+len(r.Missing) != 0 {
		t.Errorf("alone: %+v", r)
	}
	connect(t, a, b)
	pair(t, a, b, space)
	for _, doc := range [][16]byte{early, late} {
		eventually(t, "it has reached Bob", func() bool { return len(reach(doc).Reached) == 1 })
	}
	if who := reach(early).Reached[0]; who.ID != b.ID() || who.Name != "Bob" {
		t.Errorf("reached %+v", who)
	}
	bob := b.ID()
	stopB()
	write(t, a, late, "later")
	check := func(when string) {
		t.Helper()
		if r := reach(early); len(r.Reached) != 1 || r.Reached[0].ID != bob {
			t.Errorf("%s, early: %+v", when, r)
		}
		r := reach(late)
		if len(r.Missing) != 1 || r.Missing[0].ID != bob || r.Missing[0].Connected || r.Missing[0].LastSeen.IsZero() {
			t.Errorf("%s, late: %+v", when, r)
		}
	}
	eventually(t, "Bob is gone", func() bool { return peer.Sessions(a) == 0 })
	check("apart")
	stopA()
	a, _ = running(t, home, "Ada")
	check("after a restart")
	if _, err := a.Reach(t.Context(), [16]byte{1}); err == nil {
		t.Error("of no document")
	}
}

// told reports whether a document has reached those named, and not those missing.
func told(t *testing.T, p *peer.Peer, doc crdt.DocID, reached, missing string) func() bool {
	return func() bool {
		r, err := p.Reach(t.Context(), doc)
		if err != nil {
			t.Fatal(err)
		}
		words := func(all []peer.ReachedMember) string {
			var names []string
			for _, m := range all {
				names = append(names, m.String())
			}
			slices.Sort(names)
			return strings.Join(names, ", ")
		}
		return words(r.Reached) == reached && words(r.Missing) == missing
	}
}

// Ada and Cy can't reach each other. What each has the other hears from Bo, as his
// word: of just what he was told by them.
func TestWhoHasADocumentBehindAnother(t *testing.T) {
	home, bos := t.TempDir(), t.TempDir()
	a, stopA := running(t, home, "Ada")
	b, stopB := running(t, bos, "Bo")
	c, stopC := running(t, t.TempDir(), "Cy")
	space := newSpace(t, b)
	for _, p := range []*peer.Peer{a, c} {
		connect(t, b, p)
		pair(t, b, p, space)
		eventually(t, "they are in the space", func() bool { return spaceOf(t, p, space).Role == "editor" })
	}
	early := newDoc(t, a, space, "early")
	d, err := a.OpenDocument(t.Context(), early)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	eventually(t, "Ada hears that Cy has it", told(t, a, early, "Bo, Cy (as Bo says)", ""))
	if st := d.State(); len(st.Reached) != 2 {
		t.Errorf("the open document has reached %+v", st)
	}
	late, third := newDoc(t, c, space, "late"), newDoc(t, c, space, "third")
	eventually(t, "and Cy that Ada has another one", told(t, c, late, "Ada (as Bo says), Bo", ""))
	eventually(t, "Bo needs nobody's word", told(t, b, late, "Ada, Cy", ""))
	eventually(t, "nor of the third", told(t, b, third, "Ada, Cy", ""))
	if peer.Sessions(a) != 1 || peer.Sessions(c) != 1 {
		t.Fatal("Ada and Cy are connected with each other")
	}
	eventually(t, "and Ada that he has it", told(t, a, late, "Bo, Cy (as Bo says)", ""))
	stopC()
	write(t, a, early, "early and more")
	eventually(t, "what Cy has not got he is not said to have", told(t, a, early, "Bo", "Cy"))
	stopB()
	write(t, a, early, "early and still more")
	if write(t, a, late, "late and more"); !told(t, a, late, "", "Bo, Cy")() {
		t.Error("Cy is said to have what was written after he was spoken of")
	}
	d.Close()
	stopA()
	a, _ = running(t, home, "Ada")
	b, _ = running(t, bos, "Bo")
	connect(t, a, b)
	eventually(t, "after a restart Bo is asked once more", told(t, a, third, "Bo, Cy (as Bo says)", ""))
	eventually(t, "Cy still has no more of it", told(t, a, early, "Bo", "Cy"))
}

// Each other device of the person here is told of like somebody else.
func TestWhoOfMyDevicesHasADocument(t *testing.T) {
	a, same := start(t, "Ada"), start(t, "Ada")
	laptop, stop := running(t, t.TempDir(), "Laptop")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	connect(t, a, laptop)
	linkDevices(t, a, laptop)
	eventually(t, "it is on the laptop", told(t, a, doc, "your Laptop", ""))
	connect(t, a, same)
	linkDevices(t, a, same)
	other := "your other device " + same.ID().Tag()[:4]
	eventually(t, "it is on both", told(t, a, doc, "your Laptop, "+other, ""))
	stop()
	write(t, a, doc, "hello again")
	eventually(t, "it is on one of them", told(t, a, doc, other, "your Laptop"))
	d, err := a.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if st := d.State(); len(st.Reached) != 1 || st.Reached[0].ID != same.ID() || len(st.Missing) != 1 {
		t.Errorf("the open document is told to be in %+v", st)
	}
}
