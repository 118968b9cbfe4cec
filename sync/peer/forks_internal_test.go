package peer

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/store/memory"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// forked is two branches of an author's changes with the same numbers, the one that
// counts first.
func (a *author) forked(t *testing.T, n int) (counts, other []crdt.Change) {
	t.Helper()
	branch := func(word string) (changes []crdt.Change) {
		a.restart(t)
		for range n {
			changes = append(changes, a.write(t, 0, word)...)
		}
		return changes
	}
	counts, other = branch("one "), branch("two ")
	if bytes.Compare(counts[0].Hash[:], other[0].Hash[:]) > 0 {
		counts, other = other, counts
	}
	return counts, other
}

// Of two changes with one number the one with the smaller hash counts, whichever
// comes first, whether the document is open or not; the roster proves it.
func TestTheSmallerHashCounts(t *testing.T) {
	for _, smallerFirst := range []bool{true, false} {
		for _, closed := range []bool{true, false} {
			p, space := alone(t)
			d := begin(t, p, space, "begin\n")
			a := newAuthor(t, d)
			a.admit(t)
			m := &team{t: t, peers: []*Peer{p}, space: space, doc: d.id}
			events := p.Subscribe(1000)
			counts, other := a.forked(t, 3)
			first, second := counts, other
			if !smallerFirst {
				first, second = other, counts
			}
			for _, branch := range [][]crdt.Change{first, second} {
				if closed {
					d.Close()
					m.mend(p)
					m.shut(p)
				}
				if _, err := p.receive(t.Context(), a.sends(branch...)); err != nil {
					t.Fatal(err)
				}
				m.mend(p)
			}
			soon(t, fmt.Sprintf("the smaller one counts, first %v, closed %v", smallerFirst, closed), func() bool {
				m.flush(p)
				return p.store.Committed(d.id)[a.doc.Actor()].Hash == counts[2].Hash
			})
			soon(t, "it is proved", func() bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				forks := p.spaces[space].roster.Forks()
				return len(forks) == 1 && forks[0].Doc == d.id
			})
			branches := branchesOf(p.forks(space)[0])
			branch := branches[0]
			if p.forks(space)[0].Counts == other[2].Hash { // by the last change alone
				branch = branches[1]
			}
			text := func(doc crdt.DocID) string { text, _ := p.Text(t.Context(), doc); return text }
			soon(t, "the other one is a document of its own", func() bool {
				return text(branch) == strings.Repeat(wordOf(other), 3)+"begin\n"
			})
			if got := text(d.id); got != strings.Repeat(wordOf(counts), 3)+"begin\n" {
				t.Errorf("the first text is %q", got)
			}
			var told []ForkFound
			soon(t, "it is told which that is", func() bool {
				told = append(told, toldOf(events)...)
				return len(told) > 0 && told[len(told)-1].Branch == branch
			})
			if len(told) != 1 || told[0].Doc != d.id {
				t.Errorf("told of %+v", told)
			}
			events.Close()
			for _, doc := range []crdt.DocID{d.id, branch} {
				report, err := p.Verify(t.Context(), doc)
				if err != nil || len(report.Problems) > 0 {
					t.Errorf("%v, %v", report.Problems, err)
				}
			}
		}
	}
}

// Two branches that come at once to a closed document are told apart like those that
// come one after the other.
func TestBothBranchesAtOnce(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	m := &team{t: t, peers: []*Peer{p}, space: space, doc: d.id}
	counts, other := a.forked(t, 2)
	d.Close()
	m.shut(p)
	both := a.sends(other...)
	more := a.sends(counts...)
	both.Chunks, both.Heads = append(both.Chunks, more.Chunks...), append(both.Heads, more.Heads...)
	if _, err := p.receive(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	m.mend(p)
	soon(t, "the one with the smaller hash counts", func() bool {
		return p.store.Committed(d.id)[a.doc.Actor()].Hash == counts[1].Hash
	})
	soon(t, "the other one is a document of its own", func() bool {
		forks := p.forks(space)
		if len(forks) == 0 {
			return false
		}
		text, _ := p.Text(t.Context(), branchesOf(forks[0])[0])
		return text == strings.Repeat(wordOf(other), 2)+"begin\n"
	})
	if asides, err := p.store.Asides(t.Context()); err != nil || len(asides) > 0 {
		t.Errorf("set aside: %+v, %v", asides, err)
	}
}

func wordOf(branch []crdt.Change) string {
	if bytes.Contains(branch[0].Bytes, []byte("one ")) {
		return "one "
	}
	return "two "
}

// exchange passes on all documents, with what is asked for again, until nothing more
// is asked for.
func (m *team) exchange(from, to *Peer) {
	m.t.Helper()
	all, err := from.store.Documents(m.t.Context(), m.space)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, info := range all {
		since := to.store.Committed(info.ID).Apart(from.store.Committed(info.ID), from.docs.forkedIn(info.ID))
		for range 3 {
			r := protocol.Received{From: from.ID(), Space: m.space, Doc: info.ID}
			err := from.store.ChangesSince(m.t.Context(), info.ID, since, func(c crdt.Change) error {
				r.Chunks = append(r.Chunks, c.Bytes)
				return nil
			})
			if err != nil {
				m.t.Fatal(err)
			}
			heads, err := from.store.HeadsSince(m.t.Context(), info.ID, since)
			if err != nil {
				m.t.Fatal(err)
			}
			for _, h := range heads {
				r.Heads = append(r.Heads, toTrustHead(h))
			}
			want, err := to.receive(m.t.Context(), r)
			if errors.Is(err, protocol.ErrMalformed) {
				m.t.Fatal(err)
			}
			if err != nil || want == nil { // it is asked for again
				break
			}
			since = want
		}
	}
	m.flush(to)
	m.mend(to)
}

// copyOf is a peer with the key, the document and the actor of another one, as a copy
// of its home is.
func (m *team) copyOf(of *Peer) *Peer {
	m.t.Helper()
	disk, err := new(memory.Disk).Open(crdt.Expand)
	if err != nil {
		m.t.Fatal(err)
	}
	p, err := Open(m.t.Context(), Config{
		Home: m.t.TempDir(), Name: of.Me().Name, Make: true, Storage: disk, Identity: of.id, Logger: of.log,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		if err := p.Close(); err != nil {
			m.t.Error(err)
		}
	})
	m.peers = append(m.peers, p)
	m.bring(p)
	m.exchange(of, p)
	nonce, err := of.docs.actor(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	p.docs.setActor(m.doc, nonce)
	return p
}

// lost is a word that a peer has in none of its documents, "" if it has all.
func (m *team) lost(p *Peer) string {
	text := m.all(p)
	for _, by := range m.peers {
		for _, word := range m.words[by] {
			if !strings.Contains(text, word) {
				return word
			}
		}
	}
	return ""
}

// A home that was copied writes on in both places, and others build on both. All come
// to the same documents, no text is lost, both are told and write on apart.
func TestACopiedHome(t *testing.T) {
	for seed := range uint64(seeds(t, 8)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newTeam(t, 1+seed%7, trust.Editor, trust.Editor)
			m.rng = rand.New(rand.NewPCG(seed, 6))
			writer := m.peers[1]
			m.write(writer)
			m.exchange(writer, m.peers[0])
			m.exchange(writer, m.peers[2])
			copied := m.copyOf(writer)
			events := copied.Subscribe(1000)
			defer events.Close()
			for range 30 {
				switch p := m.pick(); m.rng.IntN(6) {
				case 0, 1, 2, 3:
					m.write(p)
				case 4:
					m.toggle(p)
				default:
					if q := m.pick(); q != p && q.ID() != p.ID() {
						m.tell(p, q)
						m.exchange(p, q)
					}
				}
			}
			m.write(writer)
			m.write(copied)
			// Alike they may be for a moment while what has retreated is on its way
			// to its branch.
			soon(t, "all hold the same, and no word is lost", func() bool {
				for _, from := range m.peers {
					for _, to := range m.peers {
						if from != to {
							m.tell(from, to)
							m.exchange(from, to)
						}
					}
				}
				return m.alike() && m.lost(m.peers[0]) == ""
			})
			if len(m.peers[0].forks(m.space)) == 0 {
				t.Error("nothing is proved")
			}
			one, _ := writer.docs.actor(t.Context(), m.doc)
			other, _ := copied.docs.actor(t.Context(), m.doc)
			if one == other {
				t.Error("they go on with one actor")
			}
			told := toldOf(events)
			forks, err := copied.Forks(t.Context())
			if err != nil || len(forks) == 0 {
				t.Fatalf("forks: %+v, %v", forks, err)
			}
			for _, f := range forks {
				if !f.Here || !slices.Contains(told, ForkFound{f.Doc, f.Branch, f.Device}) || f.Device != writer.ID() {
					t.Errorf("of %+v is told: %+v", f, told)
				}
			}
		})
	}
}

// toldOf are the forks of which a subscriber was told.
func toldOf(events *Subscription) (told []ForkFound) {
	for len(events.C()) > 0 {
		if f, ok := (<-events.C()).(ForkFound); ok {
			told = append(told, f)
		}
	}
	return told
}

// alike reports whether all peers hold the same of the same documents.
func (m *team) alike() bool {
	m.t.Helper()
	first, err := m.peers[0].store.Vectors(m.t.Context(), m.space)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, p := range m.peers[1:] {
		others, err := p.store.Vectors(m.t.Context(), m.space)
		if err != nil {
			m.t.Fatal(err)
		}
		if !maps.EqualFunc(first, others, crdt.Vector.Equal) {
			return false
		}
		if len(first) < 2 {
			return false
		}
	}
	return true
}

// all is the text of all documents.
func (m *team) all(p *Peer) (all string) {
	m.t.Helper()
	docs, err := p.store.Documents(m.t.Context(), m.space)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, d := range docs {
		text, err := p.Text(m.t.Context(), d.ID)
		if err != nil {
			m.t.Fatal(err)
		}
		all += text + "\n"
	}
	return all
}
