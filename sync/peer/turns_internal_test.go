package peer

import (
	"errors"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/trust"
)

// turns are changes of two authors, each on top of the other's alone.
func turns(t *testing.T, a, b *author, n int) []crdt.Change {
	t.Helper()
	var changes []crdt.Change
	for range n {
		c := a.write(t, 0, "w")
		if _, err := b.doc.Apply(c); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, c...)
		a, b = b, a
	}
	return changes
}

// Of two who take turns, each change builds on the other's, and on the author's
// own by way of that. Rows tell so for many at once, without the document.
func TestRowsOfTwoWhoTakeTurns(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	a, b := newAuthor(t, d), newAuthor(t, d)
	a.admit(t)
	b.admit(t)
	resting(t, p)
	shut(t, d)
	changes := turns(t, a, b, 20)
	f, err := format.ParseChange(changes[19].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.Seq, f.StartOp, f.Deps = 11, changes[18].MaxOp+1, [][32]byte{changes[18].Hash} // not on the author's tenth
	skips, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	r := &rows{p: p, doc: d.id, tips: p.store.Committed(d.id), deps: map[crdt.Hash]store.Dep{}}
	if err := r.lookUp(t.Context(), map[crdt.Hash]struct{}{changes[0].Deps[0]: {}}); err != nil {
		t.Fatal(err)
	}
	in := newIntake(terms{space: space, doc: d.id, standing: func(trust.Head) standing { return standing{known: true, writes: true, line: noLine} }}, &room{})
	for _, c := range append(changes, skips) {
		in.addChange(c, a.id.ID(), r)
	}
	sign := func(by *author, c crdt.Change) {
		if err := in.addHead(trust.SignHead(by.id, space, d.id, by.nonce, c.Seq, c.Hash, nil), by.id.ID()); err != nil {
			t.Fatal(err)
		}
	}
	sign(a, changes[18])
	sign(b, changes[19])
	sign(b, skips)
	step := in.next(rowsStep)
	good, bad, err := r.judge(t.Context(), &in, step)
	if err != nil || len(step) != 21 || len(good) != 20 || len(bad) != 1 || !errors.Is(bad[0].cause, errSeq) || bad[0].Hash != skips.Hash {
		t.Errorf("of %d, %d are good and %v bad, %v", len(step), len(good), bad, err)
	}
	in.backAll(good)

	message := a.sends(changes...)
	message.Heads = append(message.Heads[:0],
		trust.SignHead(a.id, space, d.id, a.nonce, 10, changes[18].Hash, nil), trust.SignHead(b.id, space, d.id, b.nonce, 10, changes[19].Hash, nil))
	p.mustReceive(t, message)
	if v := p.store.Committed(d.id); v[changes[18].Actor].Seq != 10 || v[changes[19].Actor].Seq != 10 || p.docs.isOpen(d.id) {
		t.Errorf("held: %v", v)
	}
}

// Once the founding change is held, and be it by the same slice, the founder's
// word for the authors of the file counts for nothing.
func TestLateInTheSameSlice(t *testing.T) {
	in, held := testIntake(), newBooks()
	founder := trust.ActorID(DeviceID{1}, in.by.doc, trust.Nonce{})
	file := chain("foreign", 1)[0]
	founding := crdt.Change{Actor: crdt.ActorID(founder[:]), Seq: 1, Hash: hashOf(1), Deps: []crdt.Hash{file.Hash}}
	late := crdt.Change{Actor: "foreign", Seq: 2, Hash: hashOf(2), Deps: []crdt.Hash{file.Hash}}
	for _, c := range []crdt.Change{file, founding, late} {
		in.addChange(c, DeviceID{2}, held)
		h := headOver(c)
		h.Import = c.Actor == "foreign"
		if err := in.addHead(h, DeviceID{2}); err != nil {
			t.Fatal(err)
		}
	}
	b := batch{in: in, held: live{vector: crdt.Vector{}}}
	good := b.judge(in.next(sliceChanges))
	if len(good) != 1 || len(b.refused) != 0 { // the founding change begins a slice of its own
		t.Fatalf("%d are good, refused %v", len(good), b.refused)
	}
	in.done(good[0])
	in.begins = founding.Hash                                  // what is not below it has been taken out
	if good = b.judge(in.next(sliceChanges)); len(good) == 0 { // what is late came first
		good = b.judge(in.next(sliceChanges))
	}
	if len(good) != 1 || good[0].Hash != founding.Hash || len(b.refused) != 0 || in.waiting != 2 {
		t.Errorf("%d are good, refused %v, %d wait", len(good), b.refused, in.waiting)
	}
	in.done(good[0])
	if good = in.next(1); len(good) > 0 {
		t.Error("what is late is taken")
	}
	h := headOver(late) // it is that member's all the same
	if err := in.addHead(h, DeviceID{2}); err != nil {
		t.Fatal(err)
	}
	if good = b.judge(in.next(sliceChanges)); len(good) != 1 || good[0].foreign() {
		t.Errorf("with a head of its own, %d are good", len(good))
	}
}

// A change that came with a file's author, and whose actor then turns out to be a
// device's, does not keep the document from being opened.
func TestTwiceVouchedFor(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	a := newAuthor(t, d)
	shut(t, d)
	f, err := format.ParseChange(a.write(t, 0, "w")[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.StartOp += 100
	c, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	p.store.Submit(store.Entry{
		Doc: d.id, Space: space, Changes: []crdt.Change{c},
		Heads: []store.Head{toStoreHead(trust.SignHead(a.id, space, d.id, a.nonce, 1, c.Hash, nil))},
	})
	if err := p.store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, err := p.Text(t.Context(), d.id); err != nil || text != "wbegin\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// Nobody is to blame for passing on what was good where one of two vouchers came
// first; else a founder could set others at odds.
func TestBlameForTwiceVouchedFor(t *testing.T) {
	for _, imported := range []bool{false, true} {
		in := testIntake()
		r := &rows{deps: map[crdt.Hash]store.Dep{}, tips: crdt.Vector{}}
		c := crdt.Change{Actor: "a", Seq: 1, StartOp: 100, Hash: hashOf(1), Deps: []crdt.Hash{hashOf(0)}}
		r.deps[hashOf(0)] = store.Dep{Held: true, Actor: "b", Seq: 1, MaxOp: 1}
		in.addChange(c, DeviceID{2}, r)
		h := headOver(c)
		for _, h.Import = range map[bool][]bool{false: {false}, true: {false, true}}[imported] {
			if err := in.addHead(h, DeviceID{2}); err != nil {
				t.Fatal(err)
			}
		}
		step := in.next(1)
		if len(step) != 1 {
			t.Fatal("it is not ripe")
		}
		if v := r.check(in, step[0]); v == nil || !errors.Is(v.cause, errStartOp) || v.blame == imported {
			t.Errorf("said to be imported too: %v, %+v", imported, v)
		}
	}
}
