package trust

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starling/sync/identity"
)

var noon = time.Unix(1_700_000_000, 0)

func device(t testing.TB) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func devices(t testing.TB, n int) []*identity.Identity {
	t.Helper()
	ids := make([]*identity.Identity, n)
	for i := range ids {
		ids[i] = device(t)
	}
	return ids
}

func found(t testing.TB, by *identity.Identity) *Roster {
	t.Helper()
	r, err := FoundSpace(by, "Letters", noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// state signs an admission, whether or not its author may say so.
func state(t testing.TB, by *identity.Identity, space SpaceID, subject identity.DeviceID, role Role, known ...StatementHash) *Statement {
	t.Helper()
	slices.SortFunc(known, compareHashes)
	s, err := sign(by, Statement{
		Kind: Admit, Space: space, Known: slices.Compact(known), Time: noon.Unix(), Name: "A. Member", Subject: subject, Role: role,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t testing.TB, r *Roster, statements ...*Statement) []*Statement {
	t.Helper()
	fresh, err := r.Add(statements...)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func shuffled[T any](rng *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

func hashes(statements []*Statement) []StatementHash {
	var out []StatementHash
	for _, s := range statements {
		out = append(out, s.hash)
	}
	return out
}
