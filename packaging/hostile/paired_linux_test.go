package hostile

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/packaging/lab"
)

// attack is a peer, a member who attacks it, and a document of theirs.
type attack struct {
	*victim
	m    *member
	doc  crdt.DocID
	held []crdt.Change
	text string
}

// attackOn begins with a document of the victim's, which is open if open says
// so: a watch keeps it so.
func attackOn(t *testing.T, open bool) *attack {
	t.Helper()
	v := attacked(t, "Ada")
	name := v.Line("doc", "new", v.space, "--title", "Safe")
	doc, err := crdt.ParseDocID(name)
	if err != nil {
		t.Fatal(err)
	}
	if open {
		v.Watch(name)
	}
	m := pairWith(t, v, "Mallory")
	a := &attack{v, m, doc, m.fetch(t, v, doc), "# Safe\n"}
	v.settle(t)
	return a
}

// honest proves that the peer still takes what is good, from the member too, and
// that the text is what an honest replica says.
func (a *attack) honest(t *testing.T, extra ...crdt.Change) {
	t.Helper()
	d := replica(t, a.doc, make([]byte, 16), a.held)
	for _, c := range extra {
		_, _ = d.Apply([]crdt.Change{c}) // or refuses it, as the peer should
	}
	nonce := newNonce(t)
	actor := a.m.actor(a.doc, nonce)
	good := chain(t, a.doc, actor, a.held, 1)[0]
	if _, err := d.Apply([]crdt.Change{good}); err != nil {
		t.Fatal(err)
	}
	l := a.m.join(t, a.victim)
	a.m.offer(t, l, a.doc, [][]byte{good.Bytes}, a.m.head(a.doc, nonce, 1, good.Hash))
	want, _ := d.Text()
	got := ""
	if !lab.Until(lab.Soon, func() bool { got, _ = a.Cat(a.doc.String()); return got == want }) {
		t.Errorf("the text is %.200q, want %.200q (the session: %v)", got, want, l.why())
	}
	l.close()
	a.held = append(a.held, good)
}

// eachWay runs an attack on a document that is open and on one that is not.
func eachWay(t *testing.T, f func(t *testing.T, a *attack)) {
	for name, open := range map[string]bool{"open": true, "not open": false} {
		t.Run(name, func(t *testing.T) {
			a := attackOn(t, open)
			f(t, a)
			a.check(t)
			a.honest(t)
			if r := a.Try("verify"); r.Code != 0 {
				t.Errorf("verify: exit %d:\n%s%s", r.Code, r.Out, r.Err)
			}
		})
	}
}

// What kills the C library comes with good signatures: for the document, for a
// new one, and as what a file brought.
func TestFilesFromAMember(t *testing.T) {
	eachWay(t, func(t *testing.T, a *attack) {
		files := hostileFiles(t)
		a.lookedAfter(t, a.doc.String(), a.text, func() {
			for _, name := range slices.Sorted(maps.Keys(files)) {
				for _, way := range []string{"document", "new", "import"} {
					a.sendFile(t, name+" as "+way, way, files[name])
				}
			}
		})
	})
}

func (a *attack) sendFile(t *testing.T, what, way string, file []byte) {
	t.Helper()
	nonce := newNonce(t)
	doc := a.doc
	if way != "document" {
		doc = a.m.found(nonce)
	}
	head := a.m.head(doc, nonce, 1, hashOf(file))
	if way == "import" {
		actor := []byte("a foreign actor.")
		seq, hash := uint64(1), hashOf(file)
		if c, err := format.ParseChange(file); err == nil {
			actor, seq = c.Actor, max(c.Seq, 1)
		}
		head = a.m.importHead(doc, nonce, actor, seq, hash)
	}
	l := a.m.join(t, a.victim)
	defer l.close()
	a.m.offer(t, l, doc, [][]byte{file}, head)
	ended := way != "import" && l.ended(lab.Soon) || way == "import" && l.settled(t)
	text, kept := a.Cat(doc.String())
	switch {
	case way == "new" && kept, way == "import" && text != "":
		t.Errorf("%s: it made a document with the text %q", what, text)
	case !ended && way != "import":
		t.Errorf("%s: the session goes on", what)
	}
}

// Changes of the member's that are spoilt in some way, each by an actor of its
// own. What the peer takes of them, any honest peer does.
func TestSpoiltChangesFromAMember(t *testing.T) {
	for name, open := range map[string]bool{"open": true, "not open": false} {
		t.Run(name, func(t *testing.T) {
			a := attackOn(t, open)
			rng := rand.New(rand.NewPCG(1, 2))
			var sent []crdt.Change
			refused := 0
			for range 150 {
				c, ok := a.sendSpoilt(t, rng)
				if !ok {
					refused++
					continue
				}
				sent = append(sent, c)
			}
			a.check(t)
			a.honest(t, sent...)
			if refused < 50 || len(sent) < 20 {
				t.Errorf("%d refused by their form, %d others: the trials are too much alike", refused, len(sent))
			}
			if named := a.said("refused and set aside"); named == 0 {
				t.Error("nothing was set aside")
			} else {
				t.Logf("%d refused by their form, %d set aside of %d others", refused, named, len(sent))
			}
		})
	}
}

// sendSpoilt returns what was sent, if a peer can read it as the member's.
func (a *attack) sendSpoilt(t *testing.T, rng *rand.Rand) (crdt.Change, bool) {
	t.Helper()
	nonce := newNonce(t)
	actor := a.m.actor(a.doc, nonce)
	chunk := spoil(t, rng, write(t, a.doc, actor, a.held, "# Sane\nnew").Bytes)
	c, err := crdt.ParseChange(chunk)
	ok := err == nil && string(c.Actor) == string(actor) && c.Seq > 0
	seq := max(c.Seq, 1)
	l := a.m.join(t, a.victim)
	defer l.close()
	a.m.offer(t, l, a.doc, [][]byte{chunk}, a.m.head(a.doc, nonce, seq, hashOf(chunk)))
	if err == nil {
		l.settled(t) // it was taken or refused
	} else if !l.ended(lab.Soon) {
		t.Errorf("the session goes on after %v", err)
	}
	return c, ok
}

// Changes that build on what nobody has, more than anyone would keep. Another
// member's good change goes in all the same.
func TestOrphansWithoutEnd(t *testing.T) {
	eachWay(t, func(t *testing.T, a *attack) {
		rng := rand.New(rand.NewPCG(3, 4))
		l := a.m.join(t, a.victim)
		defer l.close()
		a.lookedAfter(t, a.doc.String(), a.text, func() {
			for range 60 {
				nonce := newNonce(t)
				actor := a.m.actor(a.doc, nonce)
				var chunks [][]byte
				for range 1000 {
					chunks = append(chunks, orphan(actor, rng))
				}
				a.m.offer(t, l, a.doc, chunks, a.m.head(a.doc, nonce, 2, hashOf(chunks[0])))
			}
			l.send(t, 200, fields{})
			l.await(t, kindUnknown)
		})
		a.check(t)
		nora := *a
		nora.m = pairWith(t, a.victim, "Nora")
		nora.honest(t)
		a.held = nora.held
	})
}

// A long chain of good changes comes with the last one first.
func TestReverseOrder(t *testing.T) {
	eachWay(t, func(t *testing.T, a *attack) {
		nonce := newNonce(t)
		links := chain(t, a.doc, a.m.actor(a.doc, nonce), a.held, 8000)
		last := links[len(links)-1]
		l := a.m.join(t, a.victim)
		defer l.close()
		begin := time.Now()
		var chunks [][]byte
		for _, c := range slices.Backward(links) {
			chunks = append(chunks, c.Bytes)
		}
		for part := range slices.Chunk(chunks, 1000) {
			a.m.offer(t, l, a.doc, part, a.m.head(a.doc, nonce, last.Seq, last.Hash))
		}
		want, _ := replica(t, a.doc, make([]byte, 16), append(slices.Clone(a.held), links...)).Text()
		lab.Eventually(t, "all of it is there", func() bool { text, _ := a.Cat(a.doc.String()); return text == want })
		t.Logf("8,000 changes in reverse order took %v", time.Since(begin))
		a.held = append(a.held, links...)
	})
}

// Few bytes that stand for many operations, again and again.
func TestBombsFromAMember(t *testing.T) {
	eachWay(t, func(t *testing.T, a *attack) {
		last := a.held[len(a.held)-1]
		a.lookedAfter(t, a.doc.String(), a.text, func() {
			for i := range 20 {
				nonce := newNonce(t)
				chunk := bomb(a.m.actor(a.doc, nonce), last.MaxOp+1, [][32]byte{last.Hash}, string(rune('a'+i)))
				l := a.m.join(t, a.victim)
				a.m.offer(t, l, a.doc, [][]byte{chunk}, a.m.head(a.doc, nonce, 1, hashOf(chunk)))
				l.settled(t)
				l.close()
			}
		})
	})
}
