package trust

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/sync/identity"
)

func TestStatementsComeAfterWhatTheyKnow(t *testing.T) {
	people := devices(t, 6)
	rng := rand.New(rand.NewPCG(3, 1))
	for range 10 {
		space, all := history(t, rng, people, 20)
		r := NewRoster(space)
		for _, s := range shuffled(rng, all) {
			add(t, r, s)
		}
		seen := make(map[StatementHash]bool)
		for _, s := range r.Statements() {
			for _, k := range s.Known {
				if !seen[k] {
					t.Fatalf("%v comes before %v, which it knows", s.hash, k)
				}
			}
			seen[s.hash] = true
		}
	}
}

func TestOnlyOwnersAdmit(t *testing.T) {
	owner, editor, stranger, friend := device(t), device(t), device(t), device(t)
	r := found(t, owner)
	root := r.kept[0].hash
	in := state(t, owner, r.ID(), editor.ID(), Editor, root)
	byEditor := state(t, editor, r.ID(), friend.ID(), Editor, in.hash)
	bySelf := state(t, stranger, r.ID(), stranger.ID(), Owner, root)
	onTop := state(t, owner, r.ID(), friend.ID(), Editor, bySelf.hash)
	onTopOfThat := state(t, stranger, r.ID(), friend.ID(), Owner, onTop.hash)
	if fresh := add(t, r, onTopOfThat, onTop, bySelf, byEditor, in); !slices.Equal(hashes(fresh), hashes([]*Statement{in})) {
		t.Errorf("%d statements count", len(fresh))
	}
	for _, id := range []*identity.Identity{stranger, friend} {
		if role, ok := r.Role(id.ID()); ok || r.MayWrite(id.ID()) {
			t.Errorf("one whom no owner admitted is %v", role)
		}
	}
	if !r.MayWrite(editor.ID()) || !r.MayWrite(owner.ID()) {
		t.Error("a member may not write")
	}
	for _, id := range []*identity.Identity{editor, stranger} {
		if _, err := r.Admit(id, Admission{Subject: friend.ID(), Name: "F", Role: Editor}, noon); !errors.Is(err, ErrNotOwner) {
			t.Errorf("got %v", err)
		}
	}
}

func TestTheLesserOfTwoRolesMadeApart(t *testing.T) {
	owner, friend := device(t), device(t)
	r := found(t, owner)
	root := r.kept[0].hash
	asOwner := state(t, owner, r.ID(), friend.ID(), Owner, root)
	asEditor := state(t, owner, r.ID(), friend.ID(), Editor, root)
	add(t, r, asEditor, asOwner)
	if role, _ := r.Role(friend.ID()); role != Editor {
		t.Errorf("made apart: %v", role)
	}
	// One that knew only the owner's part replaces that alone; one that knew both
	// replaces both.
	add(t, r, state(t, owner, r.ID(), friend.ID(), Owner, asOwner.hash))
	if role, _ := r.Role(friend.ID()); role != Editor {
		t.Errorf("one replaced: %v", role)
	}
	if _, err := r.Admit(owner, Admission{Subject: friend.ID(), Name: "F", Role: Owner}, noon); err != nil {
		t.Fatal(err)
	}
	if role, _ := r.Role(friend.ID()); role != Owner {
		t.Errorf("both replaced: %v", role)
	}
	// An owner who is made less no longer admits.
	if _, err := r.Admit(friend, Admission{Subject: owner.ID(), Name: "O", Role: Editor}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Admit(owner, Admission{Subject: friend.ID(), Name: "F", Role: Editor}, noon); !errors.Is(err, ErrNotOwner) {
		t.Errorf("got %v", err)
	}
}

func TestNothingIsTakenOfAWrongSpace(t *testing.T) {
	owner := device(t)
	r, other := found(t, owner), found(t, owner)
	good := state(t, owner, r.ID(), device(t).ID(), Editor, r.kept[0].hash)
	foreign := state(t, owner, other.ID(), device(t).ID(), Editor, other.kept[0].hash)
	before := r.Digest()
	for _, bad := range []*Statement{other.kept[0].Statement, foreign} {
		if fresh, err := r.Add(good, bad); !errors.Is(err, ErrWrongSpace) || fresh != nil {
			t.Errorf("%d new, %v", len(fresh), err)
		}
		if r.Digest() != before || len(r.Members()) != 1 {
			t.Error("something was taken")
		}
	}
	if r.Name() != "Letters" || NewRoster(r.ID()).Name() != "" {
		t.Errorf("the name is %q", r.Name())
	}
}

// Those who may not admit can't keep owners from it either, with statements
// that never count or that wait for ever.
func TestOnlyOwnersFillARoster(t *testing.T) {
	owner, rogue := device(t), device(t)
	r := found(t, owner)
	root := r.kept[0].hash
	for i := range 2 {
		var noise []*Statement
		for j := range MaxStatements - 2 {
			known := root
			if j%2 == 0 {
				known = StatementHash{byte(i), byte(j), byte(j >> 8)}
			}
			noise = append(noise, unsigned(rogue.ID(), r.ID(), j+i*MaxStatements, known))
		}
		if fresh := add(t, r, noise...); len(fresh) > 0 {
			t.Fatalf("%d statements of a stranger count", len(fresh))
		}
	}
	if len(r.parked) > MaxStatements {
		t.Errorf("%d statements wait", len(r.parked))
	}
	if _, err := r.Admit(owner, Admission{Subject: rogue.ID(), Name: "R", Role: Editor}, noon); err != nil {
		t.Errorf("an owner is kept out: %v", err)
	}
	var many []*Statement
	for i := range MaxStatements - 2 {
		many = append(many, unsigned(owner.ID(), r.ID(), i, root))
	}
	add(t, r, many...)
	before := r.Digest()
	extra := unsigned(owner.ID(), r.ID(), MaxStatements, root)
	if fresh, err := r.Add(extra); err != nil || len(fresh) > 0 || r.Digest() != before {
		t.Errorf("%d new, %v", len(fresh), err)
	}
	if _, err := r.Admit(owner, Admission{Subject: device(t).ID(), Name: "X", Role: Editor}, noon); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
}

// unsigned makes a statement that a Roster takes for one that was parsed;
// thousands of signatures would take long.
func unsigned(by identity.DeviceID, space SpaceID, i int, known StatementHash) *Statement {
	s := &Statement{Kind: Admit, Space: space, Author: by, Known: []StatementHash{known}, Role: Editor}
	s.Subject = identity.DeviceID{1, byte(i), byte(i >> 8), byte(i >> 16)}
	s.hash = StatementHash(s.Subject)
	s.hash[31] = by[0]
	return s
}

// More was stated apart than one statement can name. What an owner says then
// still counts and replaces what was said of the same device.
func TestAdmitAboveABroadFrontier(t *testing.T) {
	owner, second, friend := device(t), device(t), device(t)
	r := found(t, owner)
	root := r.kept[0].hash
	add(t, r,
		state(t, owner, r.ID(), second.ID(), Owner, root),
		state(t, owner, r.ID(), friend.ID(), Editor, root))
	for i := range 3 * MaxKnown {
		add(t, r, unsigned(owner.ID(), r.ID(), i, root))
	}
	said, err := r.Admit(second, Admission{Subject: friend.ID(), Name: "F", Role: Owner}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s := said[0]
	if len(s.Known) != MaxKnown {
		t.Errorf("it knows %d", len(s.Known))
	}
	if role, _ := r.Role(friend.ID()); role != Owner {
		t.Errorf("the new role is %v", role)
	}
}

// A long chain, each statement by whom the last one admitted, costs no more
// than its length allows.
func TestALongChain(t *testing.T) {
	owner := device(t)
	r := found(t, owner)
	chain := []*Statement{}
	known, by := r.kept[0].hash, owner.ID()
	for i := range MaxStatements / 2 {
		s := unsigned(by, r.ID(), i, known)
		s.Role = Owner
		chain = append(chain, s)
		known, by = s.hash, s.Subject
	}
	slices.Reverse(chain)
	if fresh := add(t, r, chain...); len(fresh) != len(chain) {
		t.Errorf("%d of %d count", len(fresh), len(chain))
	}
}

// A viewer who states more links than a roster takes, other ones to each, can't
// keep owners from being heard.
func TestMembersDoNotFillARoster(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "b": Owner, "v": Viewer})
	root := c.own["v"].kept[len(c.own["v"].kept)-1].hash
	flood := func(at string, salt byte) {
		var junk []*Statement
		for i := range MaxMinorOf + 100 {
			s := unsigned(c.id("v"), c.space, i, root)
			s.Kind, s.Role, s.Subject[0] = Link, 0, salt
			s.Person, s.To, s.hash[0] = c.id("v"), c.id("v"), salt
			junk = append(junk, s)
		}
		if fresh := add(t, c.own[at], junk...); len(fresh) != MaxMinorOf {
			t.Fatalf("%d are kept", len(fresh))
		}
	}
	flood("a", 1)
	flood("b", 2)
	c.remove("a", "v")
	for range 2 { // what was refused is kept once it is named
		add(t, c.own["b"], c.own["a"].Statements()...)
	}
	for _, who := range []string{"a", "b"} {
		if role, ok := c.own[who].Role(c.id("v")); ok {
			t.Errorf("%s has the viewer as %v", who, role)
		}
		if _, err := c.own[who].Admit(c.ids[who], Admission{Subject: device(t).ID(), Role: Editor}, noon); err != nil {
			t.Error(err)
		}
	}
}
