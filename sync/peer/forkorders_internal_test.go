package peer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// slowStore takes entries of a document and does not commit them until it is told to,
// as a disk that is busy. It is slow only while the document is open: else whoever
// gives it something waits for that.
type slowStore struct {
	Storage
	doc  crdt.DocID
	mu   sync.Mutex
	slow bool
	kept []store.Entry
}

func (s *slowStore) Submit(e store.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow && e.Doc == s.doc {
		s.kept = append(s.kept, e)
		return
	}
	s.Storage.Submit(e)
}

func (s *slowStore) set(slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = slow
	for _, e := range s.kept {
		if !slow {
			s.Storage.Submit(e)
		}
	}
	if !slow {
		s.kept = nil
	}
}

// forkers are a team and somebody whose device goes on from older states of itself.
type forkers struct {
	*team
	a        *author
	states   [][]byte        // snapshots of it
	below    [][]crdt.Change // that it had written by then
	branches [][]crdt.Change
	slow     map[*Peer]*slowStore
	mail     map[*Peer][]protocol.Received // that has not come
}

func newForkers(t *testing.T, seed uint64, branches int) *forkers {
	rng := rand.New(rand.NewPCG(seed, 77))
	roles := make([]trust.Role, 1+rng.IntN(3))
	for i := range roles {
		roles[i] = trust.Editor
	}
	f := &forkers{team: newTeam(t, seed, roles...), slow: make(map[*Peer]*slowStore), mail: make(map[*Peer][]protocol.Received)}
	f.rng = rng
	first := f.peers[0]
	f.toggle(first)
	f.a = newAuthor(t, f.open[first])
	f.a.admit(t)
	for _, p := range f.peers[1:] {
		f.tell(first, p)
		f.slow[p] = &slowStore{Storage: p.store, doc: f.doc}
		p.store = f.slow[p]
	}
	f.keep(nil)
	for b := range branches {
		f.branch(b)
	}
	return f
}

func (f *forkers) keep(below []crdt.Change) {
	f.t.Helper()
	chunk, _, err := f.a.doc.Snapshot()
	if err != nil {
		f.t.Fatal(err)
	}
	f.states, f.below = append(f.states, chunk), append(f.below, slices.Clone(below))
}

// branch goes on from an older state: the first, or any other one.
func (f *forkers) branch(b int) {
	f.t.Helper()
	from := 0
	if b > 1 {
		from = f.rng.IntN(len(f.states) - 1)
	}
	actor := trust.ActorID(f.a.id.ID(), f.doc, f.a.nonce)
	doc, err := crdt.Open(crdt.Config{ID: f.doc, Actor: crdt.ActorID(actor[:]), Snapshot: f.states[from]})
	if err != nil {
		f.t.Fatal(err)
	}
	f.a.doc = doc
	changes := slices.Clone(f.below[from])
	for i := range 1 + f.rng.IntN(6) {
		word := fmt.Sprintf("[%c%d]", 'a'+b, i)
		text, _ := doc.Text()
		changes = append(changes, f.a.write(f.t, place(f.rng, text), word)...)
		f.words[f.peers[0]] = append(f.words[f.peers[0]], word)
		f.keep(changes)
	}
	f.branches = append(f.branches, changes)
	for _, p := range f.peers {
		f.mail[p] = append(f.mail[p], f.letters(changes)...)
	}
}

// letters are changes in messages of some, with heads at random places.
func (f *forkers) letters(changes []crdt.Change) (all []protocol.Received) {
	for len(changes) > 0 {
		n := 1 + f.rng.IntN(len(changes))
		r := protocol.Received{From: f.a.id.ID(), Space: f.space, Doc: f.doc}
		for i, c := range changes[:n] {
			r.Chunks = append(r.Chunks, c.Bytes)
			if i+1 == len(changes) || f.rng.IntN(3) == 0 {
				r.Heads = append(r.Heads, trust.SignHead(f.a.id, f.space, f.doc, f.a.nonce, c.Seq, c.Hash, nil))
			}
		}
		all, changes = append(all, r), changes[n:]
	}
	return all
}

func (f *forkers) deliver(p *Peer, r protocol.Received) {
	f.t.Helper()
	if _, err := p.receive(f.t.Context(), r); errors.Is(err, protocol.ErrMalformed) {
		f.t.Fatal(err)
	}
}

// anyMail delivers a message that has not come to a peer, in any order, some twice.
func (f *forkers) anyMail(p *Peer) {
	f.t.Helper()
	if mail := f.mail[p]; len(mail) > 0 {
		i := f.rng.IntN(len(mail))
		f.deliver(p, mail[i])
		if f.rng.IntN(4) > 0 {
			f.mail[p] = slices.Delete(mail, i, i+1)
		}
	}
}

// types has a peer write without waiting for the disk.
func (f *forkers) types(p *Peer) {
	f.t.Helper()
	if f.open[p] == nil {
		f.toggle(p)
	}
	text, seen := f.open[p].Snapshot()
	word := fmt.Sprintf("[%d-%d]", slices.Index(f.peers, p), len(f.words[p]))
	if _, _, err := f.open[p].Edit(crdt.Edit{Seen: seen, At: place(f.rng, text), Insert: word}); err == nil {
		f.words[p] = append(f.words[p], word)
	}
}

func (f *forkers) settle(p *Peer) {
	if s := f.slow[p]; s != nil {
		s.set(false)
	}
}

func (f *forkers) step(restarts bool) {
	f.t.Helper()
	p := f.pick()
	switch f.rng.IntN(12) {
	case 0, 1, 2:
		f.types(p)
	case 3, 4, 5, 6:
		f.anyMail(p)
	case 7:
		f.settle(p)
		f.flush(p)
		f.toggle(p)
	case 8:
		if s := f.slow[p]; s != nil && f.open[p] != nil {
			s.set(f.rng.IntN(2) == 0)
		}
	case 9:
		if restarts && p != f.peers[0] {
			f.restart(p)
		}
	default:
		if q := f.pick(); q != p {
			f.settle(p)
			f.settle(q)
			f.tell(p, q)
			f.exchange(p, q)
		}
	}
}

// restart has a peer end and begin anew, with what the disk had.
func (f *forkers) restart(p *Peer) {
	f.t.Helper()
	f.settle(p)
	f.flush(p)
	mail := f.mail[p]
	fresh := f.again(p)
	f.slow[fresh], f.mail[fresh] = &slowStore{Storage: fresh.store, doc: f.doc}, mail
}

// finish has all come to all, and holds that it is the same, once each, and whole.
func (f *forkers) finish() {
	f.t.Helper()
	docs := f.ends()
	for _, p := range f.peers {
		f.settle(p)
		for len(f.mail[p]) > 0 {
			f.anyMail(p)
		}
		for _, changes := range f.branches {
			for _, r := range f.letters(changes) {
				f.deliver(p, r)
			}
		}
		f.mend(p)
	}
	what := ""
	defer func() {
		if f.t.Failed() {
			f.t.Log(what)
		}
	}()
	soon(f.t, "all hold the same, and no word is lost", func() bool {
		for _, from := range f.peers {
			for _, to := range f.peers {
				if from != to {
					f.tell(from, to)
					f.exchange(from, to)
				}
			}
		}
		what = f.missing()
		return what == "" && f.alike()
	})
	for i, p := range f.peers {
		all, err := p.Documents(f.t.Context(), f.space)
		if err != nil || len(all) != docs {
			f.t.Errorf("peer %d has %d documents, want %d, %v: %q", i, len(all), docs, err, f.all(p))
		}
		for _, d := range all {
			report, err := p.Verify(f.t.Context(), d.ID)
			if err != nil || len(report.Problems) > 0 {
				f.t.Errorf("peer %d: %q, %v", i, report.Problems, err)
			}
			if i := slices.IndexFunc(report.Notes, func(n string) bool { return strings.Contains(n, "in no other document") }); i >= 0 {
				f.t.Error(report.Notes[i])
			}
		}
	}
}

// ends counts the branches that no other one goes on from.
func (f *forkers) ends() (n int) {
	for i, branch := range f.branches {
		last := branch[len(branch)-1].Hash
		if !slices.ContainsFunc(f.branches[i+1:], func(other []crdt.Change) bool {
			return slices.ContainsFunc(other, func(c crdt.Change) bool { return c.Hash == last })
		}) {
			n++
		}
	}
	return n
}

// missing says which word a peer has in no document, "" if all have all.
func (f *forkers) missing() string {
	f.t.Helper()
	for i, p := range f.peers {
		if word := f.lost(p); word != "" {
			return fmt.Sprintf("peer %d lacks %s: %q", i, word, strings.ReplaceAll(f.all(p), "begin\n", ""))
		}
	}
	return ""
}

// Two branches or three, of any length, with heads anywhere, come in any order to peers
// who write on top of them, type while they come, start anew and pass on what they
// hold. All end with the same documents, one for each branch, and all that anybody
// wrote stands in one of them.
func TestBranchesInAllOrders(t *testing.T) {
	for seed := range uint64(seeds(t, 48)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			branches := 2 + int(seed%3)/2
			f := newForkers(t, seed, branches)
			for range 10 + f.rng.IntN(40) {
				f.step(seed%8 == 0)
			}
			f.finish()
		})
	}
}
