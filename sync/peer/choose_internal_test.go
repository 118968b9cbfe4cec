package peer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// again closes a peer and opens it anew, with its home.
func (m *team) again(p *Peer) *Peer {
	m.t.Helper()
	if d := m.open[p]; d != nil {
		d.Close()
		delete(m.open, p)
	}
	m.mend(p)
	if err := p.Close(); err != nil {
		m.t.Fatal(err)
	}
	fresh, err := Open(m.t.Context(), Config{Home: p.config.Home, Logger: p.log})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		if !slices.Contains(m.peers, fresh) {
			return
		}
		if err := fresh.Close(); err != nil {
			m.t.Error(err)
		}
	})
	m.peers[slices.Index(m.peers, p)] = fresh
	m.words[fresh] = m.words[p]
	return fresh
}

// converge passes all on until all hold the same, and nothing is on its way from one
// document to another.
func (m *team) converge() {
	m.t.Helper()
	soon(m.t, "all hold the same", func() bool {
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
}

// wantAll holds that nothing is lost that anybody wrote.
func (m *team) wantAll() {
	m.t.Helper()
	text := m.all(m.peers[0])
	for _, p := range m.peers {
		for _, word := range m.words[p] {
			if !strings.Contains(text, word) {
				m.t.Errorf("%q is lost in %q", word, text)
			}
		}
	}
}

// random has some write, some open and close the document, and some hear of others,
// all but one who is away.
func (m *team) random(n int, away *Peer) {
	m.t.Helper()
	for range n {
		switch p := m.pick(); m.rng.IntN(6) {
		case 0, 1:
			m.write(p)
		case 2:
			m.toggle(p)
		default:
			if q := m.pick(); q.ID() != p.ID() && p != away && q != away {
				m.tell(p, q)
				m.exchange(p, q)
			}
		}
	}
}

// An owner chooses the other text of a fork, and another one later, while others go
// on writing, one is away and one starts anew. All come to it: what was chosen is
// the document, and what counted before is the branch.
func TestAnOwnerChooses(t *testing.T) {
	for seed := range uint64(seeds(t, 6)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newTeam(t, 0, trust.Owner, trust.Editor, trust.Editor)
			m.rng = rand.New(rand.NewPCG(seed, 8))
			writer := m.peers[2]
			m.write(writer)
			for _, p := range m.peers {
				if p != writer {
					m.exchange(writer, p)
				}
			}
			copied := m.copyOf(writer)
			for range 1 + m.rng.IntN(3) {
				m.write(writer)
				m.write(copied)
			}
			m.random(10, nil)
			m.write(writer)
			m.write(copied)
			m.converge()
			for round := range 2 {
				owner, away := m.peers[round], m.peers[m.rng.IntN(4)]
				forks, err := owner.Forks(t.Context())
				if err != nil || len(forks) == 0 || forks[0].Doc != m.doc || forks[0].Device != writer.ID() {
					t.Fatalf("round %d: %+v, %v", round, forks, err)
				}
				if forks[0].Person.Name == "" || !forks[0].Here {
					t.Errorf("%+v", forks[0])
				}
				want, err := owner.Text(t.Context(), forks[0].Branch)
				if err != nil {
					t.Fatal(err)
				}
				was := m.text(owner)
				if err := m.peers[3].ChooseBranch(t.Context(), forks[0].Branch); !errors.Is(err, ErrNotOwner) {
					t.Errorf("an editor chooses: %v", err)
				}
				if err := owner.ChooseBranch(t.Context(), forks[0].Branch); err != nil {
					t.Fatal(err)
				}
				if seed%2 == 0 {
					m.random(10, away)
				}
				m.again(m.peers[3])
				m.converge()
				for i, p := range m.peers {
					after, err := p.Forks(t.Context())
					if err != nil || len(after) == 0 || !after[0].Chosen || after[0].Branch == forks[0].Branch {
						t.Fatalf("peer %d: %+v, %v", i, after, err)
					}
					text := func(doc crdt.DocID) string {
						text, err := p.Text(t.Context(), doc)
						if err != nil {
							t.Error(i, err)
						}
						return text
					}
					if got := text(m.doc); !hasWords(got, want) {
						t.Errorf("round %d, peer %d: the document is %q, not %q", round, i, got, want)
					}
					if got := text(after[0].Branch); !hasWords(got, ofTheFork(was)) || !hasWords(got+text(m.doc), was) {
						t.Errorf("round %d, peer %d: the branch is %q, not %q", round, i, got, was)
					}
				}
				m.wantAll()
			}
		})
	}
}

// hasWords reports whether a text has all words of another one.
func hasWords(text, other string) bool {
	for word := range strings.FieldsFuncSeq(other, func(r rune) bool { return r == ']' || r == '\n' }) {
		if at := strings.Index(word, "["); at >= 0 && !strings.Contains(text, word[at:]+"]") {
			return false
		}
	}
	return true
}

// Whoever is no branch of anything is not chosen.
func TestChoosingNoBranch(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	if err := p.ChooseBranch(t.Context(), d.id); !errors.Is(err, ErrNoFork) {
		t.Error(err)
	}
}

// ofTheFork are the words of a text that the two wrote who have one key: the second
// and the fourth. What others wrote apart from them is in the document whatever counts.
func ofTheFork(text string) (words string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ']' || r == '\n' }) {
		if at := strings.Index(word, "["); at >= 0 && strings.ContainsAny(word[at+1:at+2], "24") {
			words += word[at:] + "]"
		}
	}
	return words
}

// The proof may name a number above the first that differs, where either change may
// have the smaller hash. What is chosen counts from where it begins to differ, and
// what counted can be chosen again.
func TestAChoiceAboveTheFirstThatDiffers(t *testing.T) {
	for round := range 4 {
		p, space := alone(t)
		d := begin(t, p, space, "begin\n")
		a := newAuthor(t, d)
		a.admit(t)
		m := &team{t: t, peers: []*Peer{p}, space: space, doc: d.id}
		counts, other := a.forked(t, 3)
		for _, branch := range [][]crdt.Change{counts, other} {
			if round%2 == 0 {
				d.Close()
				m.mend(p)
				m.shut(p)
			}
			if _, err := p.receive(t.Context(), a.sends(branch...)); err != nil {
				t.Fatal(err)
			}
			m.mend(p)
		}
		is := func(doc crdt.DocID, words []crdt.Change) bool {
			m.mend(p)
			text, _ := p.Text(t.Context(), doc)
			return text == strings.Repeat(wordOf(words), 3)+"begin\n"
		}
		for range 2 {
			var fork ForkInfo
			soon(t, "there is a branch", func() bool {
				forks, err := p.Forks(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range forks {
					fork = f
				}
				return len(forks) == 1 && fork.Here && is(fork.Branch, other)
			})
			if !is(d.id, counts) {
				t.Fatal("the wrong one counts")
			}
			if err := p.ChooseBranch(t.Context(), fork.Branch); err != nil {
				t.Fatal(err)
			}
			soon(t, "the other one counts", func() bool { return is(d.id, other) })
			counts, other = other, counts
		}
	}
}
