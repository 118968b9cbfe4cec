package trust

import (
	"encoding/hex"
	"errors"
	"testing"
)

func (c *cast) forked(by string, seq uint64, hash byte) Head {
	id := c.ids[by]
	return SignHead(id, c.space, testDoc, testNonce, seq, [32]byte{hash}, c.own[by].Frontier(id.ID()))
}

func TestForks(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor, "b": Owner})
	one, two, three := c.forked("a", 5, 1), c.forked("a", 5, 2), c.forked("a", 5, 3)
	said := c.must(c.own["b"].Fork(testDoc, two, one, Parting{}))
	again := c.must(c.own["a"].Fork(testDoc, one, two, Parting{}))
	if said[0].hash != again[0].hash {
		t.Error("it depends on who makes it")
	}
	if more, err := c.own["a"].Fork(testDoc, one, two, Parting{}); len(more) > 0 || err != nil {
		t.Errorf("proved twice: %v, %v", more, err)
	}
	c.must(c.own["a"].Fork(testDoc, three, two, Parting{}))
	c.meet()
	want := func(counts byte, others ...byte) {
		t.Helper()
		c.meet()
		for who, r := range c.own {
			forks := r.Forks()
			if len(forks) != len(others) {
				t.Fatalf("%s sees %d forks", who, len(forks))
			}
			for i, f := range forks {
				if f.Counts != [32]byte{counts} || f.Other != [32]byte{others[i]} || f.Seq != 5 || f.Doc != testDoc ||
					f.Actor != one.Actor || f.Device != c.id("a") {
					t.Errorf("%s sees %+v", who, f)
				}
			}
		}
	}
	want(1, 2, 3)
	choose := func(by string, hash byte) {
		t.Helper()
		for _, f := range c.own[by].Forks() {
			if f.Other == [32]byte{hash} {
				c.must(c.own[by].Choose(c.ids[by], f.Statement, f.Other, noon))
				return
			}
		}
		t.Fatalf("nothing to choose")
	}
	choose("founder", 3)
	want(3, 1, 2)
	choose("founder", 2)
	want(2, 1, 3)
	// Of two choices made apart the smaller hash.
	choose("founder", 3)
	choose("b", 1)
	want(1, 2, 3)
	_, err := c.own["a"].Choose(c.ids["a"], said[0].hash, one.Hash, noon)
	if !errors.Is(err, ErrNotOwner) {
		t.Errorf("an editor chooses: %v", err)
	}
	_, err = c.own["b"].Choose(c.ids["b"], said[0].hash, [32]byte{9}, noon)
	if !errors.Is(err, ErrBadStatement) {
		t.Errorf("neither branch: %v", err)
	}
}

func TestWhatProvesNoFork(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor, "b": Owner})
	good := c.forked("a", 5, 1)
	forged := c.forked("a", 5, 2)
	forged.Sig[3] ^= 1
	for name, other := range map[string]Head{
		"the same":       good,
		"another number": c.forked("a", 6, 2),
		"another actor":  c.forked("b", 5, 2),
		"a forged head":  forged,
	} {
		if s, err := c.own["b"].Fork(testDoc, good, other, Parting{}); err == nil {
			t.Errorf("%s: %v", name, s)
		}
	}
	// The proof of a device of which the roster has not heard waits.
	c.ids["x"], c.own["x"] = device(t), c.own["founder"]
	stranger := []Head{c.forked("x", 5, 1), c.forked("x", 5, 2)}
	r := c.own["b"]
	if fresh, err := r.Fork(testDoc, stranger[0], stranger[1], Parting{}); len(fresh) > 0 || err != nil {
		t.Errorf("%v, %v", fresh, err)
	}
	if said := c.must(r.Admit(c.ids["b"], Admission{Subject: c.id("x"), Role: Editor}, noon)); len(said) != 2 {
		t.Errorf("%d statements are new", len(said))
	}
}

func TestADeviceHasSoManyForks(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	r := c.own["a"]
	for seq := range uint64(MaxForks + 5) {
		fresh, err := r.Fork(testDoc, c.forked("a", seq+1, 1), c.forked("a", seq+1, 2), Parting{})
		if err != nil || (len(fresh) == 1) != (seq < MaxForks) {
			t.Fatalf("%d: %v, %v", seq, fresh, err)
		}
	}
}

// Computed apart from this code:
//
//	python3 -c "from hashlib import sha256 as h; print(h(b'starling/branch/1'+bytes(range(16))+bytes([3])+b'abc'+(7).to_bytes(8, 'big')+bytes(range(32))).hexdigest()[:32])"
func TestBranchesThatMayNeverChange(t *testing.T) {
	var doc [16]byte
	var hash [32]byte
	for i := range hash {
		hash[i] = byte(i)
		doc[i%16] = byte(i % 16)
	}
	if got := BranchID(doc, "abc", 7, hash); hex.EncodeToString(got[:]) != "dee3916749b6e2137173b42ba2daf8e0" {
		t.Errorf("%x", got)
	}
	if BranchID(doc, "ab", 7, hash) == BranchID(doc, "abc", 7, hash) {
		t.Error("two actors, one branch")
	}
}

// Heads may be over changes above the first that differ, which are what is chosen
// from. Two proofs of the same two branches are one fork.
func TestForksAboveWhereTheyPart(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	at := Parting{3, [2][32]byte{{8}, {7}}}
	r := c.own["founder"]
	said := c.must(r.Fork(testDoc, c.forked("a", 5, 2), c.forked("a", 5, 1), at))
	if again, err := r.Fork(testDoc, c.forked("a", 6, 1), c.forked("a", 6, 2), Parting{3, [2][32]byte{{7}, {8}}}); len(again) > 0 || err != nil {
		t.Errorf("proved twice: %v, %v", again, err)
	}
	c.must(c.own["a"].Fork(testDoc, c.forked("a", 6, 1), c.forked("a", 6, 2), at)) // apart
	c.meet()
	for who, r := range c.own {
		forks := r.Forks()
		if len(forks) != 1 || forks[0].Seq != 3 || forks[0].Counts != [32]byte{7} || forks[0].Other != [32]byte{8} {
			t.Errorf("%s sees %+v", who, forks)
		}
	}
	if _, err := r.Choose(c.ids["founder"], said[0].hash, [32]byte{1}, noon); !errors.Is(err, ErrBadStatement) {
		t.Errorf("what a head is over is chosen: %v", err)
	}
	c.must(r.Choose(c.ids["founder"], said[0].hash, [32]byte{8}, noon))
	if f := r.Forks()[0]; f.Counts != [32]byte{8} || f.Other != [32]byte{7} || !f.Chosen {
		t.Errorf("%+v", f)
	}
	for name, at := range map[string]Parting{
		"nowhere":          {0, at.Hashes},
		"above the heads":  {6, at.Hashes},
		"one change alone": {3, [2][32]byte{{7}, {7}}},
	} {
		if s, err := r.Fork(testDoc, c.forked("a", 5, 1), c.forked("a", 5, 2), at); !errors.Is(err, ErrBadStatement) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// Anybody can say that proved branches part anywhere below. That leaves room for
// proofs, is told apart from them and gives way to them.
func TestWhereForksAreSaidToPart(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	r := c.own["a"]
	one, two := c.forked("a", 999, 1), c.forked("a", 999, 2)
	for i := range uint64(2 * maxSaid) {
		fresh, err := r.Fork(testDoc, one, two, Parting{i + 1, [2][32]byte{{0, 1}, {0, 2}}})
		if err != nil || (len(fresh) == 1) != (i < maxSaid) {
			t.Fatalf("%d: %v, %v", i, fresh, err)
		}
	}
	for _, f := range r.Forks() {
		if !f.Said {
			t.Errorf("%+v is proved", f)
		}
	}
	for seq := range uint64(MaxForks) {
		if fresh, err := r.Fork(testDoc, c.forked("a", seq+1, 1), c.forked("a", seq+1, 2), Parting{}); err != nil || len(fresh) != 1 {
			t.Fatalf("%d: %v, %v", seq, fresh, err)
		}
	}
	proved := 0
	for _, f := range r.Forks() {
		if !f.Said {
			proved++
		}
		if f.Seq == 1 && f.Counts[0] == 0 {
			t.Errorf("what is only said counts: %+v", f)
		}
	}
	if proved != MaxForks {
		t.Errorf("%d forks are proved", proved)
	}
	for _, f := range r.Forks() {
		if f.Said && f.Other == [32]byte{0, 2} && f.Seq == 2 {
			c.must(c.own["founder"].Add(r.Statements()...))
			c.must(c.own["founder"].Choose(c.ids["founder"], f.Statement, f.Other, noon))
		}
	}
	for _, f := range c.own["founder"].Forks() {
		if f.Seq == 2 && f.Chosen && f.Other == [32]byte{0, 1} && f.Said {
			t.Errorf("an owner's word is taken for nothing: %+v", f)
		}
	}
}
