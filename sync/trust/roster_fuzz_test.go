package trust

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/sync/identity"
)

// FuzzRoster makes statements of any kind by anyone, six bytes each, which know any
// of those before; some come garbled. However they come, and in whatever parts, two
// peers keep the same and say the same, there is an owner, and nothing panics.
func FuzzRoster(f *testing.F) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 13))
		steps := make([]byte, 6*12)
		for i := range steps {
			steps[i] = byte(rng.Uint32())
		}
		f.Add(seed, steps)
	}
	ids := devices(f, 5)
	f.Fuzz(func(t *testing.T, seed uint64, steps []byte) {
		if len(steps) > 6*40 {
			return
		}
		one := found(t, ids[0])
		all := one.Statements()
		for ; len(steps) >= 6; steps = steps[6:] {
			all = append(all, stated(t, ids, one.ID(), all, [6]byte(steps[:6]))...)
		}
		for _, s := range all {
			_, _ = one.Add(s)
		}
		two, rng := NewRoster(one.ID()), rand.New(rand.NewPCG(seed, 14))
		for part := range slices.Chunk(shuffled(rng, all), 1+rng.IntN(4)) {
			for _, s := range part {
				garbled := bytes.Clone(s.Bytes())
				garbled[rng.IntN(len(garbled))] ^= 1 << rng.IntN(8)
				if again, err := ParseStatement(garbled); err == nil && !s.evidence() {
					t.Fatalf("garbled, it reads as %+v", again)
				}
			}
			if _, err := two.Add(part...); err != nil {
				t.Fatal(err)
			}
		}
		if one.Digest() != two.Digest() {
			t.Fatalf("%d and %d statements are kept", len(one.kept), len(two.kept))
		}
		owners := 0
		for _, id := range ids {
			p, role, ok := one.view().person(id.ID())
			q, also, ok2 := two.view().person(id.ID())
			if p != q || role != also || ok != ok2 {
				t.Fatalf("%v is %v and %v", id.ID(), role, also)
			}
			if ok && role == Owner {
				owners++
			}
		}
		if owners == 0 {
			t.Fatal("there is no owner")
		}
		h := Head{Actor: "a", Seq: 3, Device: ids[int(seed%5)].ID(), Roster: one.Frontier()}
		if a, b := one.Standing(h, [16]byte{1}), two.Standing(h, [16]byte{1}); a != b {
			t.Fatalf("a head is worth %+v and %+v", a, b)
		}
	})
}

// stated is a statement whose author may not say it, perhaps, with its pages.
func stated(t *testing.T, ids []*identity.Identity, space SpaceID, all []*Statement, b [6]byte) []*Statement {
	t.Helper()
	by, subject := ids[int(b[1])%len(ids)], ids[int(b[2])%len(ids)].ID()
	s := Statement{Space: space, Time: noon.Unix(), Known: []StatementHash{all[len(all)-1-int(b[3])%len(all)].hash}}
	if other := all[int(b[4])%len(all)]; other.hash != s.Known[0] {
		s.Known = append(s.Known, other.hash)
		slices.SortFunc(s.Known, compareHashes)
	}
	s.Known = slices.DeleteFunc(s.Known, func(h StatementHash) bool {
		return slices.ContainsFunc(all, func(k *Statement) bool { return k.hash == h && k.evidence() })
	})
	if len(s.Known) == 0 {
		return nil
	}
	var pages []*Statement
	switch s.Kind = []Kind{Admit, Admit, Remove, Remove, Link, Invite, Cancel}[int(b[0])%7]; s.Kind {
	case Admit:
		s.Subject, s.Role = subject, Role(b[5]%4)+1
	case Remove:
		s.Subject, s.Whole = subject, b[5]%4 > 0
		var err error
		if pages, err = makePages(space, []Line{{Doc: [16]byte{1}, Actor: "a", Seq: uint64(b[5]) + 1}}, MaxPages); err != nil {
			t.Fatal(err)
		}
		s.Pages = hashes(pages)
	case Link:
		to := ids[int(b[5])%len(ids)].ID()
		of := ids[int(b[2])%len(ids)]
		s.Subject, s.Person, s.To, s.Consent = subject, to, to, Consent(of, to)
	case Invite:
		s.Key, s.Role = [32]byte{b[5], 1}, Viewer
	case Cancel:
		s.Names = all[int(b[5])%len(all)].hash
	}
	signed, err := sign(by, s)
	if err != nil {
		return nil
	}
	return append(pages, signed)
}
