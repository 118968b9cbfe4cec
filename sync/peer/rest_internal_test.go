package peer

import (
	"errors"
	"slices"
	"testing"

	"starling/crdt"
)

// brittle is a document that refuses some changes, and breaks of others.
type brittle struct {
	refuses, breaks map[crdt.Hash]bool
	took            []crdt.Change
	broken          bool
}

var errNo = errors.New("no")

func (b *brittle) Apply(changes []crdt.Change) (out crdt.Applied, err error) {
	for _, c := range changes {
		switch b.broken = b.broken || b.breaks[c.Hash]; {
		case b.broken:
			return out, crdt.ErrBroken
		case b.refuses[c.Hash]:
			return out, errNo
		}
		out.Changes, b.took = append(out.Changes, c), append(b.took, c)
	}
	return out, nil
}

// What the guard refuses, what breaks the document, and what builds on either is
// left out, and all else taken.
func TestOpenRest(t *testing.T) {
	changes := slices.Concat(chain("a", 3000), chain("b", 10))
	for i := range changes[3000:] { // on the first of a, of which the rest fails
		c := &changes[3000+i]
		c.Hash[8] = 1
		if i > 0 {
			c.Deps = []crdt.Hash{changes[2999+i].Hash}
		}
	}
	breaks := map[crdt.Hash]bool{changes[3005].Hash: true, changes[1500].Hash: true}
	refuses := map[crdt.Hash]bool{changes[2000].Hash: true, changes[3008].Hash: true, changes[1400].Hash: true}
	opened := 0
	open := func() (*brittle, error) {
		opened++
		return &brittle{refuses: refuses, breaks: breaks}, nil
	}
	doc, failed, err := openRest(open, changes, maxBreaks)
	if err != nil || len(failed) != 2 || opened != 2 {
		t.Fatalf("%d failed, opened %d times, %v", len(failed), opened, err)
	}
	if failed[0].change.Hash != changes[3005].Hash || failed[1].change.Hash != changes[1400].Hash {
		t.Errorf("failed: %v", failed)
	}
	if want := slices.Concat(changes[:1400], changes[3000:3005]); len(doc.took) != len(want) || doc.took[1404].Hash != want[1404].Hash {
		t.Errorf("%d taken, want %d", len(doc.took), len(want))
	}
	if _, _, err := openRest(open, changes, 0); !errors.Is(err, crdt.ErrBroken) {
		t.Errorf("without a second attempt: %v", err)
	}
}
