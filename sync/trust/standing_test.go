package trust

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// head is one by a member of the cast, naming what it has heard.
func (c *cast) head(by string, seq uint64) Head {
	id := c.ids[by]
	return SignHead(id, c.space, testDoc, testNonce, seq, [32]byte{1}, c.own[by].Frontier(id.ID()))
}

var (
	testDoc   = [16]byte{7}
	testNonce = Nonce{8}
)

func (c *cast) line(of string, seq uint64) Line {
	return Line{testDoc, actorOf(c.id(of), testDoc, testNonce), seq}
}

func TestStanding(t *testing.T) {
	type want struct {
		role Role
		line uint64
	}
	tests := map[string]struct {
		do   func(c *cast) Head
		want want
	}{
		"an editor's": {func(c *cast) Head { return c.head("a", 9) }, want{Editor, NoLine}},
		"a viewer's":  {func(c *cast) Head { return c.head("v", 9) }, want{Viewer, NoLine}},
		"a stranger's": {func(c *cast) Head {
			c.ids["x"], c.own["x"] = device(c.t), c.own["founder"]
			return c.head("x", 9)
		}, want{0, NoLine}},
		"one removed, who had not heard": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			return c.head("a", 9)
		}, want{Editor, 5}},
		"one removed, in a document not named": {func(c *cast) Head {
			c.remove("founder", "a", Line{[16]byte{1}, "x", 5})
			return c.head("a", 9)
		}, want{Editor, 0}},
		"one removed twice, the lower line": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			c.remove("b", "a", c.line("a", 3))
			return c.head("a", 9)
		}, want{Editor, 3}},
		"one admitted to less meanwhile": {func(c *cast) Head {
			c.ids["x"], c.own["x"] = device(c.t), c.own["founder"]
			c.admit("founder", "x", Editor)
			h := c.head("x", 9)
			c.admit("b", "x", Viewer)
			return h
		}, want{Editor, 0}},
		"one removed, who has heard": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			c.meet()
			return c.head("a", 9)
		}, want{0, NoLine}},
		"one who was removed and returned": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			c.admit("founder", "a", Editor)
			c.meet()
			return c.head("a", 9)
		}, want{Editor, NoLine}},
		"one who returned, from before": {func(c *cast) Head {
			h := c.head("a", 9)
			c.remove("founder", "a", c.line("a", 5))
			c.admit("founder", "a", Editor)
			return h
		}, want{Editor, 5}},
		"one made a viewer, who had not heard": {func(c *cast) Head {
			c.admit("founder", "a", Viewer, c.line("a", 4))
			return c.head("a", 9)
		}, want{Editor, 4}},
		"one made a viewer, who has heard": {func(c *cast) Head {
			c.admit("founder", "a", Viewer, c.line("a", 4))
			c.meet()
			return c.head("a", 9)
		}, want{Viewer, NoLine}},
		"an owner made an editor": {func(c *cast) Head {
			c.admit("founder", "b", Editor)
			return c.head("b", 9)
		}, want{Owner, NoLine}},
		"a device removed": {func(c *cast) Head {
			c.revoke("a", "phone", c.line("phone", 2))
			return c.head("phone", 9)
		}, want{Editor, 2}},
		"its person's other device": {func(c *cast) Head {
			c.revoke("a", "phone", c.line("phone", 2))
			return c.head("a", 9)
		}, want{Editor, NoLine}},
		"a device removed, of a person made a viewer later by a greater line": {func(c *cast) Head {
			c.revoke("a", "phone", c.line("phone", 2))
			h := c.head("phone", 9)
			c.meet()
			c.admit("founder", "a", Viewer, c.line("a", 4), c.line("phone", 7))
			return h
		}, want{Editor, 2}},
		"the same apart": {func(c *cast) Head {
			c.revoke("a", "phone", c.line("phone", 2))
			c.admit("founder", "a", Viewer, c.line("phone", 7))
			return c.head("phone", 9)
		}, want{Editor, 2}},
		"a device removed, which has heard, of a person removed later": {func(c *cast) Head {
			c.revoke("a", "phone", c.line("phone", 2))
			c.meet()
			h := c.head("phone", 9)
			c.remove("founder", "a", c.line("phone", 9))
			return h
		}, want{0, NoLine}},
		"a device of a person removed": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5), c.line("phone", 6))
			return c.head("phone", 9)
		}, want{Editor, 6}},
		"a device that the remover did not know": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			c.link("a", "tablet")
			return c.head("tablet", 9)
		}, want{Editor, 0}},
		"one admitted by an owner who was removed meanwhile": {func(c *cast) Head {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("b", "x", Editor)
			c.meet("b", "x")
			c.remove("founder", "b")
			return c.head("x", 9)
		}, want{Editor, 0}},
		"and is admitted again": {func(c *cast) Head {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("b", "x", Editor)
			c.remove("founder", "b")
			c.meet()
			c.admit("founder", "x", Editor)
			c.meet()
			return c.head("x", 9)
		}, want{Editor, NoLine}},
		"a removal that does not count draws no line": {func(c *cast) Head {
			c.remove("b", "founder")
			c.remove("founder", "b")
			return c.head("founder", 9)
		}, want{Owner, NoLine}},
		"version 1": {func(c *cast) Head { return c.old("a", 9) }, want{Editor, NoLine}},
		"version 1, removed": {func(c *cast) Head {
			c.remove("founder", "a", c.line("a", 5))
			return c.old("a", 9)
		}, want{Editor, 5}},
		"version 1, made a viewer": {func(c *cast) Head {
			c.admit("founder", "phone", Viewer, c.line("phone", 5))
			return c.old("phone", 9)
		}, want{Editor, 5}},
		"version 1, never a writer": {func(c *cast) Head { return c.old("v", 9) }, want{Viewer, NoLine}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, map[string]Role{"a": Editor, "b": Owner, "v": Viewer})
			c.link("a", "phone")
			c.meet()
			h := tt.do(c)
			if err := h.Verify(c.space, testDoc); err != nil {
				t.Fatal(err)
			}
			c.meet()
			for who, r := range c.own {
				for range 2 { // found, then remembered
					got := r.Standing(h, testDoc)
					if !got.Known || got.Role != tt.want.role || got.Line != tt.want.line {
						t.Errorf("%s sees %+v, want %+v", who, got, tt.want)
					}
				}
			}
		})
	}
}

func (c *cast) old(by string, seq uint64) Head {
	return SignHead(c.ids[by], c.space, testDoc, testNonce, seq, [32]byte{1}, nil)
}

func TestAHeadOfAnUnknownRosterWaits(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor, "b": Editor})
	c.admit("founder", "b", Viewer)
	h := c.head("founder", 1)
	if st := c.own["a"].Standing(h, testDoc); st != (Standing{}) {
		t.Errorf("%+v", st)
	}
	c.meet()
	if st := c.own["a"].Standing(h, testDoc); !st.Known || st.Role != Owner || st.Person != c.id("founder") {
		t.Errorf("%+v", st)
	}
}

func TestHeadsThatNameARoster(t *testing.T) {
	id := device(t)
	space := SpaceID{1}
	roster := make([]StatementHash, MaxHeadRoster)
	for i := range roster {
		roster[i] = StatementHash{byte(i)}
	}
	tests := map[string]struct {
		change func(h *Head)
		want   error
	}{
		"as it is":         {func(*Head) {}, nil},
		"another":          {func(h *Head) { h.Roster[3][9] ^= 1 }, ErrBadSignature},
		"one less":         {func(h *Head) { h.Roster = h.Roster[1:] }, ErrBadSignature},
		"none":             {func(h *Head) { h.Roster = nil }, ErrBadSignature},
		"out of order":     {func(h *Head) { slices.Reverse(h.Roster) }, ErrBadRoster},
		"one twice":        {func(h *Head) { h.Roster[1] = h.Roster[0] }, ErrBadRoster},
		"more than it may": {func(h *Head) { h.Roster = append(h.Roster, StatementHash{99}) }, ErrBadRoster},
	}
	for name, tt := range tests {
		founded := Nonce{2}
		for _, h := range []Head{
			SignHead(id, space, testDoc, testNonce, 1, [32]byte{1}, slices.Clone(roster)),
			SignImportHead(id, space, DocumentID(space, id.ID(), founded), founded, "actor", 1, [32]byte{1}, slices.Clone(roster)),
		} {
			doc := testDoc
			if h.Import {
				doc = DocumentID(space, id.ID(), founded)
			}
			tt.change(&h)
			if err := h.Verify(space, doc); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
	}
}

// Lines that need many pages come to everyone, in whatever order the pages do.
func TestLinesInPages(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	var lines []Line
	for i := range 3000 {
		doc := [16]byte{byte(i), byte(i >> 8)}
		lines = append(lines, Line{doc, actorOf(c.id("a"), doc, testNonce), uint64(i)})
	}
	h := c.head("a", 1<<40)
	said := c.must(c.own["founder"].Remove(c.ids["founder"], Removal{Subject: c.id("a"), Whole: true, Lines: lines}, noon))
	if n := len(said); n < 4 || said[n-1].Kind != Remove {
		t.Fatalf("%d statements", n)
	}
	for _, s := range said {
		again, err := ParseStatement(s.Bytes())
		if err != nil || again.hash != s.hash {
			t.Fatalf("%v, %v", again, err)
		}
	}
	slices.Reverse(said)
	r := c.own["a"]
	for i, s := range said {
		if fresh := add(t, r, s); (i == len(said)-1) != (len(fresh) == len(said)) {
			t.Fatalf("after %d of %d: %d are new", i+1, len(said), len(fresh))
		}
	}
	if r.Digest() != c.own["founder"].Digest() {
		t.Error("two rosters")
	}
	for i, l := range lines {
		if i%100 != 0 {
			continue
		}
		h.Actor = l.Actor // Standing is asked of verified heads only
		if st := r.Standing(h, l.Doc); st.Line != uint64(i) {
			t.Fatalf("line %d of %d", st.Line, i)
		}
	}
	huge := make([]Line, 0, 200_000)
	for i := range cap(huge) {
		huge = append(huge, Line{[16]byte{byte(i), byte(i >> 8), byte(i >> 16)}, "actor", 1})
	}
	huge[12_345].Seq = 7
	pages, err := makePages(c.space, huge, MaxPages)
	if err != nil || len(pages) > MaxPages || len(pages) < MaxPages*9/10 {
		t.Errorf("%d pages: %v", len(pages), err)
	}
	if !slices.ContainsFunc(pages, func(p *Statement) bool {
		return slices.ContainsFunc(p.Lines, func(l Line) bool { return l == huge[12_345] })
	}) {
		t.Error("the line of the greatest number was left out")
	}
}

func TestPagesInOneForm(t *testing.T) {
	a, b := pageLine{Doc: [16]byte{1}, Actor: []byte("a"), Seq: 1}, pageLine{Doc: [16]byte{1}, Actor: []byte("b"), Seq: 1}
	tests := map[string]struct {
		page any
		ok   bool
	}{
		"two":            {pageBody{Page, SpaceID{1}, []pageLine{a, b}}, true},
		"out of order":   {pageBody{Page, SpaceID{1}, []pageLine{b, a}}, false},
		"one twice":      {pageBody{Page, SpaceID{1}, []pageLine{a, a}}, false},
		"none":           {pageBody{Page, SpaceID{1}, nil}, false},
		"no space":       {pageBody{Page, SpaceID{}, []pageLine{a}}, false},
		"to nothing":     {pageBody{Page, SpaceID{1}, []pageLine{{Actor: []byte("a")}}}, false},
		"no actor":       {pageBody{Page, SpaceID{1}, []pageLine{{Seq: 1}}}, false},
		"a long actor":   {pageBody{Page, SpaceID{1}, []pageLine{{Seq: 1, Actor: make([]byte, MaxActor+1)}}}, false},
		"another kind":   {pageBody{Admit, SpaceID{1}, []pageLine{a}}, false},
		"a fork of none": {forkBody{Kind: Fork, Space: SpaceID{1}}, false},
	}
	for name, tt := range tests {
		s, err := makeEvidence(tt.page)
		if tt.ok != (err == nil) || !tt.ok && (s != nil || !errors.Is(err, ErrBadStatement)) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// A head names what concerns its signer, however broad the roster is.
func TestFrontierOfABroadRoster(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	r := c.own["a"]
	root := r.kept[0].hash
	for i := range 3 * MaxHeadRoster {
		add(t, r, unsigned(c.id("founder"), c.space, i, root))
	}
	h := c.head("a", 1)
	if len(h.Roster) != MaxHeadRoster {
		t.Errorf("it names %d", len(h.Roster))
	}
	if st := r.Standing(h, testDoc); st.Role != Editor {
		t.Errorf("%+v", st)
	}
}

func TestSecrets(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor, "b": Owner, "d": Editor, "e": Editor})
	renew := func(by, whom string) [32]byte {
		secret, err := NewSecret()
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.own[by].Remove(c.ids[by], Removal{Subject: c.id(whom), Whole: true, Secret: secret}, noon)
		if err != nil {
			t.Fatal(err)
		}
		return secret.Hash()
	}
	if n := len(c.own["b"].SecretHashes()); n != 0 {
		t.Errorf("%d renewed secrets", n)
	}
	first := renew("founder", "a")
	c.meet()
	second, third := renew("b", "d"), renew("founder", "e")
	c.remove("d", "d") // renews nothing
	c.meet()
	got := c.own["b"].SecretHashes()
	if len(got) != 3 || got[2] != first || !slices.Contains(got[:2], second) || !slices.Contains(got[:2], third) {
		t.Errorf("%x", got)
	}
	if (Secret{}).Hash() != [32]byte{} || fmt.Sprintf("%x", Secret{1}.Hash()) == fmt.Sprintf("%x", Secret{2}.Hash()) {
		t.Error("hashes")
	}
}
