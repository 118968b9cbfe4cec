package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// model is the same list without any runs or tree.
type model struct {
	t    *Text
	list []id
	dead map[id]bool
}

// alive is how many elements left of index i are alive.
func (m *model) alive(i int) int {
	n := 0
	for _, e := range m.list[:i] {
		if !m.dead[e] {
			n++
		}
	}
	return n
}

func (m *model) insert(after, own id) (at int) {
	i := slices.Index(m.list, after) + 1 // the head is not found
	for i < len(m.list) && m.t.greater(m.list[i], own) {
		i++
	}
	m.list = slices.Insert(m.list, i, own)
	return m.alive(i)
}

func (m *model) remove(e id) (at int, was bool) {
	at, was = m.alive(slices.Index(m.list, e)), !m.dead[e]
	m.dead[e] = true
	return at, was
}

// elements lists those of the tree, and checks its shape.
func elements(t *testing.T, x *Text) (all []id, dead map[id]bool) {
	t.Helper()
	dead = map[id]bool{}
	var last *run
	for r := x.next(nil); r != nil; r = x.next(r) {
		if r.live != r.left.alive()+r.own()+r.right.alive() {
			t.Fatalf("run %v counts %d alive", r.first, r.live)
		}
		if r.up != nil && (r.up.prio < r.prio || r.up.left != r && r.up.right != r) {
			t.Fatalf("run %v is not in its place of the tree", r.first)
		}
		if x.prev(r) != last {
			t.Fatalf("run %v has another one before it on the way back", r.first)
		}
		last = r
		for i := range r.n {
			e := id{r.first.actor, r.first.ctr + i}
			if x.find(e) != r {
				t.Fatalf("element %v is not found in its run", e)
			}
			all = append(all, e)
			dead[e] = r.dead
		}
	}
	return all, dead
}

func TestTextAgainstAList(t *testing.T) {
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 1))
		x := New("content")
		for _, name := range []string{"b", "c", "a"} {
			x.actor([]byte(name))
		}
		m := model{t: x, dead: map[id]bool{}}
		last := make([]uint32, 3) // counter of each actor
		for range 200 {
			var e id
			if n := len(m.list); n > 0 && rng.IntN(10) > 0 {
				e = m.list[max(0, n-1-rng.IntN(1+rng.IntN(n)))]
			}
			if e != (id{}) && rng.IntN(3) == 0 {
				wantAt, want := m.remove(e)
				if at, was, ok := x.remove(e); !ok || was != want || was && at != wantAt {
					t.Fatalf("seed %d: removed %v at %d, %v, %v; want %d, %v", seed, e, at, was, ok, wantAt, want)
				}
				continue
			}
			own := id{actor: uint32(rng.IntN(3))}
			for range 1 + rng.IntN(4) { // typed one after the other
				own.ctr = max(e.ctr, last[own.actor]) + 1 + uint32(rng.IntN(2)*rng.IntN(5))
				last[own.actor] = own.ctr
				want := m.insert(e, own)
				if at, ok := x.insert(e, own); !ok || at != want {
					t.Fatalf("seed %d: %v after %v at %d, %v; want %d", seed, own, e, at, ok, want)
				}
				e = own
			}
		}
		all, dead := elements(t, x)
		if !slices.Equal(all, m.list) || x.Len() != m.alive(len(m.list)) {
			t.Fatalf("seed %d: the lists differ", seed)
		}
		for _, e := range all {
			if dead[e] != m.dead[e] {
				t.Fatalf("seed %d: element %v is dead: %v", seed, e, dead[e])
			}
		}
	}
}

// Typing and deleting in one go take one run each, wherever it goes on.
func TestRunsAreJoined(t *testing.T) {
	for _, backwards := range []bool{false, true} {
		x := New("content")
		x.actor([]byte("a"))
		const n = 1000
		for i := range uint32(n) {
			after := id{}
			if i > 0 {
				after.ctr = i + 1
			}
			x.insert(after, id{ctr: i + 2})
		}
		if got := len(x.runs[0]); got != 1 {
			t.Errorf("%d runs after typing", got)
		}
		for i := range uint32(n / 2) {
			e := id{ctr: n/4 + i + 2}
			if backwards {
				e.ctr = 3*n/4 - i + 1
			}
			x.remove(e)
		}
		if got := len(x.runs[0]); got != 3 || x.Len() != n/2 {
			t.Errorf("%d runs, %d alive after deleting", got, x.Len())
		}
		elements(t, x)
	}
}

func TestSplicesGiveTheSameText(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		text := []rune("the text that there is")
		got := slices.Clone(text)
		var all Splices
		at := 0
		for range 3 {
			var did Splices
			for range rng.IntN(20) {
				if rng.IntN(4) == 0 {
					at = rng.IntN(len(text) + 1)
				}
				if at = min(at, len(text)); rng.IntN(2) == 0 && len(text) > 0 {
					at = max(0, min(at-rng.IntN(2), len(text)-1))
					did.remove(at)
					text = slices.Delete(text, at, at+1)
					continue
				}
				r := 'A' + rune(rng.IntN(26))
				did.insert(at, r)
				text = slices.Insert(text, at, r)
				at++
			}
			all.Add(&did)
		}
		list, ok := all.All()
		if !ok {
			t.Fatal("too many")
		}
		for _, s := range list {
			got = slices.Replace(got, s.At, s.At+s.Delete, s.Insert...)
		}
		if string(got) != string(text) {
			t.Fatalf("seed %d: %q and not %q", seed, string(got), string(text))
		}
	}
}

func TestSplicesJoinWhatGoesOn(t *testing.T) {
	var s Splices
	for i, r := range "word" {
		s.insert(10+i, r)
	}
	s.remove(13) // a mistake
	s.insert(13, 'k')
	s.remove(14) // the code point behind
	if list, ok := s.All(); !ok || len(list) != 1 || list[0].At != 10 || list[0].Delete != 1 || string(list[0].Insert) != "work" {
		t.Errorf("%+v, %v", list, ok)
	}
	for i := range MaxSplices {
		s.insert(1000-10*i, 'x')
	}
	if list, ok := s.All(); ok || len(list) > MaxSplices {
		t.Errorf("%d splices, %v", len(list), ok)
	}
}

// A change that is made to be slow is left to others.
func TestInsertionsThatPassTooMuch(t *testing.T) {
	x := New("content")
	x.actor([]byte("greater"))
	x.actor([]byte("a"))
	const n = 3000
	for i := range uint32(n) {
		if _, ok := x.insert(id{}, id{0, i + 2}); !ok {
			t.Fatal("typing backwards is too slow for it")
		}
	}
	for i := range uint32(n) {
		if _, ok := x.insert(id{}, id{1, i + 2}); !ok {
			return
		}
	}
	t.Errorf("all were taken, past %d runs", x.passed)
}
