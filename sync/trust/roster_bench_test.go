package trust

import (
	"math/rand/v2"
	"testing"
)

// chain is what owners state one after another: n statements, each by one who
// has heard all before it, with removals and, if crossing, two owners who have
// removed each other at the beginning.
func chain(t testing.TB, n int, crossing bool) (SpaceID, []*Statement) {
	ids := devices(t, 3)
	r := found(t, ids[0])
	for _, id := range ids[1:] {
		if _, err := r.Admit(ids[0], Admission{Subject: id.ID(), Role: Owner}, noon); err != nil {
			t.Fatal(err)
		}
	}
	if crossing {
		tips := r.Frontier()
		for i := range 2 {
			s, err := sign(ids[1+i], Statement{Kind: Remove, Space: r.id, Known: tips, Subject: ids[2-i].ID(), Whole: true})
			if err != nil {
				t.Fatal(err)
			}
			add(t, r, s)
		}
	}
	var last *Statement
	for i := len(r.kept); i < n; i++ {
		said, err := r.Admit(ids[0], Admission{Subject: unsigned(ids[0].ID(), r.id, i, StatementHash{}).Subject, Role: Editor}, noon)
		if last != nil && i%5 == 0 {
			said, err = r.Remove(ids[0], Removal{Subject: last.Subject, Whole: true}, noon)
		}
		if err != nil {
			t.Fatal(err)
		}
		last = said[0]
	}
	return r.id, r.Statements()
}

func BenchmarkRoster500(b *testing.B) {
	for name, crossing := range map[string]bool{"plain": false, "crossing": true} {
		space, all := chain(b, 500, crossing)
		b.Run(name+"/at_once", func(b *testing.B) {
			for b.Loop() {
				r := NewRoster(space)
				add(b, r, all...)
				r.Members()
			}
		})
		b.Run(name+"/one_at_a_time", func(b *testing.B) {
			for b.Loop() {
				r := NewRoster(space)
				for _, s := range all {
					add(b, r, s)
					r.MayWrite(s.Author)
				}
			}
		})
		b.Run(name+"/shuffled", func(b *testing.B) {
			mixed := shuffled(rand.New(rand.NewPCG(1, 1)), all)
			for b.Loop() {
				r := NewRoster(space)
				for _, s := range mixed {
					add(b, r, s)
				}
				r.Members()
			}
		})
	}
}

func BenchmarkStanding(b *testing.B) {
	space, all := chain(b, 500, false)
	r := NewRoster(space)
	add(b, r, all...)
	id := device(b)
	h := SignHead(id, space, testDoc, testNonce, 1, [32]byte{}, r.Frontier())
	for b.Loop() {
		r.Standing(h, testDoc)
	}
}
