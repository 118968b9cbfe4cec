package crdt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
)

// moment is a version that somebody had, and its text.
type moment struct {
	version crdt.Version
	text    string
}

// remember returns the moment that a person is in.
func (p *person) remember(t testing.TB) moment {
	t.Helper()
	return moment{p.Now(), p.text(t)}
}

// live lets people write at random, hear of each other, undo and redo, and
// returns moments that some of them were in. In the end all have everything.
func live(t testing.TB, people []*person, seed uint64) []moment {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 4))
	w := &inkwell{0x4e00}
	var moments []moment
	for range 80 {
		p := people[rng.IntN(len(people))]
		switch rng.IntN(9) {
		case 0:
			p.undo(t)
		case 1:
			p.redo(t)
		case 2, 3:
			p.takeFrom(t, people[rng.IntN(len(people))])
		case 4:
			p.clock = p.clock.Add(time.Hour)
		default:
			p.scribble(t, rng, w)
		}
		moments = append(moments, p.remember(t))
	}
	for range 2 {
		for _, p := range people {
			for _, from := range people {
				p.takeFrom(t, from)
			}
		}
	}
	return moments
}

// Any version has the text that a document had then, for everybody, and the
// difference between two leads from one to the other.
func TestPastTexts(t *testing.T) {
	for seed := range uint64(12) {
		people := group(t, "ann", "ben", "cleo")
		moments := live(t, people, seed)
		for k, m := range moments {
			p := people[k%len(people)]
			found := m.version
			if len(found.Heads) == 1 { // others are found if somebody went on from them
				var err error
				if found, err = p.FindVersion(found.ID.String()); err != nil || found.ID != m.version.ID {
					t.Fatalf("seed %d: version %v is found as %v, %v", seed, m.version.ID, found.ID, err)
				}
			}
			if got, err := p.TextAt(found); got != m.text || err != nil {
				t.Fatalf("seed %d: the text is %q, %v, not %q", seed, got, err, m.text)
			}
			other := moments[(7*k)%len(moments)]
			checkDiff(t, p, other, m)
			checkBlame(t, p, m)
		}
	}
}

func checkDiff(t testing.TB, p *person, a, b moment) {
	t.Helper()
	by := writers(t, p.log)
	for _, q := range checkDiffText(t, p, a, b) {
		for _, r := range q.Text {
			if by[r] != string(q.Inserted.Actor) {
				t.Fatalf("%q is %s's, says %+v", r, by[r], q)
			}
		}
	}
}

// checkDiffText returns the difference if it leads from one text to the other.
func checkDiffText(t testing.TB, p *person, a, b moment) []crdt.Piece {
	t.Helper()
	pieces, err := p.Diff(a.version, b.version)
	if err != nil {
		t.Fatal(err)
	}
	var was, is strings.Builder
	for _, q := range pieces {
		if q.N != len([]rune(q.Text)) {
			t.Fatalf("piece %+v: N is not the length of the text", q)
		}
		if q.Fate != crdt.Inserted {
			was.WriteString(q.Text)
		}
		if q.Fate != crdt.Deleted {
			is.WriteString(q.Text)
		}
	}
	if was.String() != a.text || is.String() != b.text {
		t.Fatalf("the difference leads from %q to %q, not from %q to %q", was.String(), is.String(), a.text, b.text)
	}
	return pieces
}

func checkBlame(t testing.TB, p *person, m moment) {
	t.Helper()
	lines, err := p.Blame(m.version)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, l := range lines {
		for _, q := range l.Pieces {
			text.WriteString(q.Text)
		}
	}
	if text.String() != m.text {
		t.Fatalf("the lines are %q, not %q", text.String(), m.text)
	}
}

// Everybody lists the same versions, in a causal order, and what comes later
// takes none away.
func TestVersionsAreTheSame(t *testing.T) {
	for seed := range uint64(12) {
		people := group(t, "ann", "ben", "cleo")
		live(t, people[:2], seed)
		before := people[0].History()
		live(t, people, seed+100)
		all := people[0].History()
		for _, p := range people[1:] {
			if !slices.EqualFunc(p.History(), all, func(a, b crdt.Version) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Fatalf("seed %d: %s lists other versions", seed, p.name)
			}
		}
		last := map[crdt.ActorID]int{}
		for i, v := range before {
			last[v.Author] = i
		}
		changes := 0
		for _, v := range all {
			changes += v.Changes
		}
		if changes != len(people[0].log) {
			t.Errorf("seed %d: the versions have %d changes, there are %d", seed, changes, len(people[0].log))
		}
		for i, v := range before {
			listed := slices.ContainsFunc(all, func(o crdt.Version) bool { return o.ID == v.ID })
			if last[v.Author] != i && !listed {
				t.Fatalf("seed %d: version %v of %s is gone", seed, v.ID, v.Author)
			}
			if _, err := people[1].FindVersion(v.ID.String()[:10]); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
}

// A restored version is that text, its characters keep their first authors, and
// undo takes it back at once.
func TestRestoreVersion(t *testing.T) {
	for seed := range uint64(12) {
		people := group(t, "ann", "ben", "cleo")
		moments := live(t, people, seed)
		p := people[seed%3]
		before := p.text(t)
		for _, k := range []int{3, 40, 11, 79} {
			m := moments[k]
			p.clock = p.clock.Add(time.Minute)
			out, err := p.RestoreVersion(m.version, p.seen, p.clock)
			p.did(t, out.Edited, err)
			if p.text(t) != m.text || out.Left != 0 {
				t.Fatalf("seed %d: restored %q, not %q", seed, p.text(t), m.text)
			}
			by := writers(t, p.log)
			for at, r := range []rune(m.text) {
				if q, ok := p.pieceAt(at); !ok || string(q.Inserted.Actor) != by[r] || q.Text != string(r) {
					t.Fatalf("seed %d: the author of %q is told as %+v", seed, r, q)
				}
			}
			if before == m.text {
				continue
			}
			if !p.undo(t) || p.text(t) != before {
				t.Fatalf("seed %d: undo makes %q, not %q", seed, p.text(t), before)
			}
		}
	}
}

// Deleted text is told with all who deleted it.
func TestPiecesWithDeleted(t *testing.T) {
	people := group(t, "ann", "ben")
	ann, ben := people[0], people[1]
	ann.keys(t, "one two three")
	ben.takeFrom(t, ann)
	ann.splice(t, 3, 4, "")
	ben.splice(t, 3, 4, "")
	ann.takeFrom(t, ben)
	show := func(at, n int) string {
		var b strings.Builder
		pieces, _ := ann.Pieces(at, n, ann.seen, true)
		for _, q := range pieces {
			fmt.Fprintf(&b, "%s %q", q.Fate, q.Text)
			for _, d := range q.Deleted {
				fmt.Fprintf(&b, " by %s", string(d.Actor))
			}
			b.WriteString("; ")
		}
		return b.String()
	}
	tests := []struct {
		at, n int
		want  string
	}{
		{0, 100, `same "one"; deleted " two" by ann by ben; same " three"; `},
		{1, 1, `same "n"; `},
		{0, 3, `same "one"; deleted " two" by ann by ben; `},
		{3, 2, `deleted " two" by ann by ben; same " t"; `},
		{4, 0, ``},
		{3, 0, `deleted " two" by ann by ben; `},
	}
	for _, tt := range tests {
		if got := show(tt.at, tt.n); got != tt.want {
			t.Errorf("%d from %d on: %s not %s", tt.n, tt.at, got, tt.want)
		}
	}
}

// Names are for everybody, whether or not their versions are listed.
func TestNamedVersions(t *testing.T) {
	people := group(t, "ann", "ben")
	ann, ben := people[0], people[1]
	ann.keys(t, "first")
	early := ann.remember(t)
	ann.keys(t, " second")
	ben.keys(t, "ben")
	name := func(p *person, name string, v crdt.Version) {
		t.Helper()
		out, err := p.NameVersion(name, v, p.clock)
		p.did(t, out, err)
	}
	name(ann, "a draft", early.version)
	name(ben, "Ben's", ben.Now())
	ann.takeFrom(t, ben)
	both := ann.remember(t)
	name(ann, "both", both.version)
	name(ann, "together", both.version)
	ben.takeFrom(t, ann)
	for _, p := range people {
		var names []string
		for _, v := range p.History() {
			names = append(names, v.Names...)
		}
		if got := strings.Join(names, ", "); got != "a draft, Ben's, both, together" {
			t.Errorf("%s lists %s", p.name, got)
		}
		for name, m := range map[string]moment{"a draft": early, "both": both, "together": both} {
			v, err := p.FindVersion(name)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := p.TextAt(v); text != m.text || v.ID != m.version.ID || err != nil {
				t.Errorf("%s reads %q as %q, %v", p.name, name, text, err)
			}
		}
	}
	out, err := ben.ForgetVersionName("both", ben.clock)
	ben.did(t, out, err)
	if _, err := ben.FindVersion("both"); !errors.Is(err, crdt.ErrNoVersion) {
		t.Errorf("a forgotten name: %v", err)
	}
	if _, err := ben.ForgetVersionName("both", ben.clock); !errors.Is(err, crdt.ErrNoValue) {
		t.Errorf("a name forgotten twice: %v", err)
	}
	for _, bad := range []string{"", "now", "a\nb", strings.Repeat("x", 101), early.version.ID.String(), "\xff"} {
		if _, err := ann.NameVersion(bad, early.version, ann.clock); !errors.Is(err, crdt.ErrBadName) {
			t.Errorf("the name %q: %v", bad, err)
		}
	}
	unknown := crdt.Version{Heads: []crdt.Head{{Actor: "ann", Seq: 1000}}}
	if _, err := ann.NameVersion("x", unknown, ann.clock); !errors.Is(err, crdt.ErrNoVersion) {
		t.Errorf("a version that is not there: %v", err)
	}
}

// What others write under the keys of names is no version.
func TestBadVersionNames(t *testing.T) {
	p := group(t, "ann")[0]
	for i, v := range []any{"", "x", "616e6e:1 616e6e", "616e6e:0", "616e6e:99", 7, "7a:1"} {
		out, err := p.Change(p.clock, func(tx *crdt.Tx) error {
			return tx.Put(crdt.ObjID{}, fmt.Sprintf("starling.version/%d", i), v)
		})
		p.did(t, out, err)
	}
	var names []string
	for _, v := range p.History() {
		names = append(names, v.Names...)
	}
	if !slices.Equal(names, []string{"0"}) { // the empty document
		t.Errorf("the names are %q", names)
	}
}

// Versions are found by what people say.
func TestFindVersion(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "one")
	v := p.Now()
	empty, err := p.FindVersion(crdt.VersionID{}.String())
	if !errors.Is(err, crdt.ErrNoVersion) {
		t.Errorf("an unknown ID: %v, %v", empty, err)
	}
	for _, ref := range []string{"now", v.ID.String(), v.ID.String()[:4]} {
		if got, err := p.FindVersion(ref); err != nil || got.ID != v.ID {
			t.Errorf("%q: %v, %v", ref, got, err)
		}
	}
	for _, ref := range []string{"", "zz", v.ID.String() + "0", "no such name"} {
		if _, err := p.FindVersion(ref); !errors.Is(err, crdt.ErrNoVersion) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	before, err := p.FindVersion(p.History()[0].Before.String())
	if err != nil || len(before.Heads) != 0 {
		t.Errorf("before all: %v, %v", before, err)
	}
}

// A block marker of another program goes with the version that has none, and
// can't be brought back, which is told.
func TestRestoreOfABlockMarker(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "text")
	before := p.remember(t)
	head := p.log[len(p.log)-1]
	content, _, err := p.Get(crdt.ObjID{}, "content")
	if err != nil {
		t.Fatal(err)
	}
	obj := content.(crdt.Object).ID
	c := format.Change{
		Actor: []byte("zoe"), OtherActors: [][]byte{[]byte(obj.Actor)}, Seq: 1, StartOp: head.MaxOp + 1,
		Deps: [][32]byte{head.Hash},
		Ops:  []format.Op{{Obj: format.OpID{Counter: uint32(obj.Counter), Actor: 1}, Insert: true, Action: format.MakeMap}},
	}
	change, err := crdt.ParseChange(c.Encode())
	if err != nil {
		t.Fatal(err)
	}
	in, err := p.Apply([]crdt.Change{change})
	if err != nil {
		t.Fatal(err)
	}
	p.follow(t, in.Patches)
	block := p.remember(t)
	if block.text != "\uFFFCtext" {
		t.Fatalf("the text is %q", block.text)
	}
	if q, ok := p.pieceAt(0); !ok || q.Inserted.Actor != "zoe" {
		t.Errorf("the block's author is told as %+v", q)
	}
	checkDiffText(t, p, before, block)
	out, err := p.RestoreVersion(before.version, p.seen, p.clock)
	if p.did(t, out.Edited, err); p.text(t) != "text" || out.Left != 0 {
		t.Fatalf("restored %q, %d left", p.text(t), out.Left)
	}
	out, err = p.RestoreVersion(block.version, p.seen, p.clock)
	if p.did(t, out.Edited, err); p.text(t) != "text" || out.Left != 1 {
		t.Fatalf("restored %q, %d left", p.text(t), out.Left)
	}
}
