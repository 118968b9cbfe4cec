package peer

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/store/memory"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// team is some peers in one space with one document, who hear of each other only
// what a test passes on.
type team struct {
	t     *testing.T
	rng   *rand.Rand
	peers []*Peer
	space SpaceID
	doc   crdt.DocID
	open  map[*Peer]*Doc
	words map[*Peer][]string // that each has written
	lossy bool               // some of what is given is lost
	fell  map[*Peer]bool     // from writing, once
}

// newTeam has the first found the space and the document, and admit the others.
func newTeam(t *testing.T, seed uint64, roles ...trust.Role) *team {
	t.Helper()
	m := &team{t: t, rng: rand.New(rand.NewPCG(seed, 5)), open: map[*Peer]*Doc{}, words: map[*Peer][]string{}, fell: map[*Peer]bool{}}
	for i := range len(roles) + 1 {
		log := slog.New(slog.DiscardHandler)
		if os.Getenv("STARLING_LOG") != "" {
			log = slog.New(slog.NewTextHandler(os.Stderr, nil)).With("peer", i)
		}
		c := Config{Home: t.TempDir(), Name: fmt.Sprint("peer ", i), Make: true, Logger: log}
		if seed%8 > 0 { // which is faster
			var err error
			if c.Storage, err = new(memory.Disk).Open(crdt.Expand); err != nil {
				t.Fatal(err)
			}
			if c.Identity, err = identity.New(); err != nil {
				t.Fatal(err)
			}
		}
		p, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if !slices.Contains(m.peers, p) {
				return // it was opened anew
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
		m.peers = append(m.peers, p)
	}
	var err error
	if m.space, err = m.peers[0].NewSpace(t.Context(), "Team"); err != nil {
		t.Fatal(err)
	}
	if m.doc, err = m.peers[0].NewDocument(t.Context(), m.space, "begin\n"); err != nil {
		t.Fatal(err)
	}
	for i, role := range roles {
		who := Person{ID: m.peers[i+1].ID(), Name: m.peers[i+1].Me().Name}
		if err := m.peers[0].admitAs(t.Context(), m.space, who, role, trust.StatementHash{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range m.peers[1:] {
		m.bring(p)
		m.give(m.peers[0], p)
	}
	return m
}

// bring has a peer be in the space, with what the first knows of it.
func (m *team) bring(p *Peer) {
	m.t.Helper()
	statements, err := parseStatements(m.peers[0].statements(m.space))
	if err != nil {
		m.t.Fatal(err)
	}
	roster := trust.NewRoster(m.space)
	if _, err := roster.Add(statements...); err != nil {
		m.t.Fatal(err)
	}
	if err := p.enter(m.t.Context(), &space{id: m.space, roster: roster, joined: noon}); err != nil {
		m.t.Fatal(err)
	}
}

// tell passes the roster on.
func (m *team) tell(from, to *Peer) {
	m.t.Helper()
	if err := to.takeStatements(m.t.Context(), from.ID(), m.space, from.statements(m.space)); err != nil {
		m.t.Fatal(err)
	}
	m.mend(to)
}

// give passes on what the other one lacks of the document, as a session does, in
// messages of a few changes.
func (m *team) give(from, to *Peer) {
	m.t.Helper()
	since := to.store.Committed(m.doc)
	changes := m.lacks(from, since)
	r := protocol.Received{From: from.ID(), Space: m.space, Doc: m.doc, Heads: m.heads(from, since)}
	for part := range slices.Chunk(changes, 1+m.rng.IntN(10)) {
		if m.lossy && m.rng.IntN(4) == 0 {
			continue
		}
		r.Chunks = nil
		for _, c := range part {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
		if _, err := to.receive(m.t.Context(), r); err != nil {
			m.t.Fatal(err)
		}
	}
	m.flush(to)
}

// lacks are the changes that a vector lacks.
func (m *team) lacks(from *Peer, since crdt.Vector) (changes []crdt.Change) {
	m.t.Helper()
	err := from.store.ChangesSince(m.t.Context(), m.doc, since, func(c crdt.Change) error {
		changes = append(changes, c)
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return changes
}

func (m *team) heads(from *Peer, since crdt.Vector) (heads []trust.Head) {
	m.t.Helper()
	held, err := from.store.HeadsSince(m.t.Context(), m.doc, since)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, h := range held {
		heads = append(heads, toTrustHead(h))
	}
	return heads
}

func (m *team) flush(p *Peer) {
	m.t.Helper()
	if err := p.store.Flush(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// mend does at once what is done when it comes round.
func (m *team) mend(p *Peer) {
	m.t.Helper()
	soon(m.t, "it is read anew", func() bool {
		m.flush(p)
		p.docs.tend(m.t.Context())
		return !slices.ContainsFunc(p.docs.all(), (*openDoc).stale)
	})
}

// write has a peer write a word of its own somewhere, if it may.
func (m *team) write(p *Peer) {
	m.t.Helper()
	d := m.open[p]
	if d == nil {
		var err error
		if d, err = p.OpenDocument(m.t.Context(), m.doc); err != nil {
			m.t.Fatal(err)
		}
	}
	text, seen := d.Snapshot()
	word := fmt.Sprintf("[%d-%d]", slices.Index(m.peers, p), len(m.words[p]))
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: place(m.rng, text), Insert: word}); err == nil {
		m.words[p] = append(m.words[p], word)
	}
	if m.open[p] == nil {
		d.Close()
	}
	m.flush(p)
}

// place is one where no word is torn.
func place(rng *rand.Rand, text string) int {
	at := rng.IntN(len(text) + 1)
	for at < len(text) && text[at] != '[' {
		at++
	}
	return at
}

// toggle opens or closes a document.
func (m *team) toggle(p *Peer) {
	m.t.Helper()
	if d := m.open[p]; d != nil {
		d.Close()
		delete(m.open, p)
		p.docs.closeUnused(d.openDoc)
		return
	}
	d, err := p.OpenDocument(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	m.open[p] = d
}

func (m *team) pick() *Peer { return m.peers[m.rng.IntN(len(m.peers))] }

// meet lets all who are left hear everything, until nothing moves any more.
func (m *team) meet(peers ...*Peer) {
	m.t.Helper()
	for range 3 {
		for _, from := range peers {
			for _, to := range peers {
				if from != to {
					m.tell(from, to)
				}
			}
		}
		for _, from := range peers {
			for _, to := range peers {
				if from != to {
					m.give(from, to)
				}
			}
		}
	}
}

func (m *team) text(p *Peer) string {
	m.t.Helper()
	text, err := p.Text(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	return text
}

// Whoever hears of removals and changed roles, whenever and in whatever order, with
// the document open or closed, all come to the same text; and nothing is lost of
// what those who are left wrote, nor of what stood below it.
func TestAllDrawTheSameLine(t *testing.T) {
	retreated, back := 0, 0
	for seed := range uint64(seeds(t, 24)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newTeam(t, seed, trust.Owner, trust.Editor, trust.Editor, trust.Editor)
			m.lossy = true
			for range 80 {
				m.step()
				for _, p := range m.peers {
					retreated += len(m.beside(p))
				}
			}
			m.lossy = false
			m.meet(m.peers...)
			left := m.left()
			for _, p := range left {
				m.wantSame(left[0], p)
				back -= len(m.beside(p))
			}
		})
	}
	if retreated == 0 || retreated+back == 0 {
		t.Errorf("%d retreated, and %d came back: it tests nothing", retreated, retreated+back)
	}
}

// step has something happen to somebody.
func (m *team) step() {
	m.t.Helper()
	switch p := m.pick(); m.rng.IntN(20) {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		m.write(p)
	case 8, 9, 10, 11, 12, 13:
		m.give(p, m.pick())
	case 14, 15:
		if q := m.pick(); q != p {
			m.tell(p, q)
		}
	case 16, 17:
		m.toggle(p)
	default:
		by, who := m.rng.IntN(2), 1+m.rng.IntN(4)
		if by != who && m.rng.IntN(2) == 0 {
			m.change(m.peers[by], m.peers[who])
		}
	}
}

// change has somebody change another one's place in the space, if they may by what
// they know.
func (m *team) change(by, who *Peer) {
	m.t.Helper()
	name, err := who.ID().String(), error(nil)
	switch m.rng.IntN(5) {
	case 0, 1:
		_, err = by.Remove(m.t.Context(), m.space, name, LineOptions{})
	case 2:
		_, err = by.ChangeRole(m.t.Context(), m.space, name, "viewer", LineOptions{})
	case 3:
		_, err = by.ChangeRole(m.t.Context(), m.space, name, "commenter", LineOptions{})
	default:
		_, err = by.ChangeRole(m.t.Context(), m.space, name, "editor", LineOptions{})
	}
	if role, _ := m.role(by, who); !role.Writes() {
		m.fell[who] = true // even if it turns out to be void: others may have drawn the line
	}
	if err != nil && !errors.Is(err, ErrNotOwner) && !errors.Is(err, ErrNoPeer) {
		m.t.Log(err)
	}
	m.mend(by)
}

// role is somebody's by what another one knows, who works on meanwhile.
func (m *team) role(by, who *Peer) (trust.Role, bool) {
	by.mu.Lock()
	defer by.mu.Unlock()
	return by.spaces[m.space].roster.Role(who.ID())
}

func (m *team) beside(p *Peer) []crdt.Change {
	m.t.Helper()
	beside, _, err := p.store.Beside(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	return beside
}

// left are the peers that belong to the space, as the first knows.
func (m *team) left() (left []*Peer) {
	for _, p := range m.peers {
		if _, ok := m.role(m.peers[0], p); ok {
			left = append(left, p)
		}
	}
	return left
}

// wantSame holds a peer's text against another's, and against what they wrote who
// may write.
func (m *team) wantSame(first, p *Peer) {
	m.t.Helper()
	want, n := m.text(first), slices.Index(m.peers, p)
	if got := m.text(p); got != want {
		m.t.Errorf("peer %d has %q, want %q", n, got, want)
	}
	if !p.store.Committed(m.doc).Equal(first.store.Committed(m.doc)) {
		m.t.Errorf("peer %d holds other changes", n)
	}
	role, _ := m.role(p, p)
	for _, word := range m.words[p] {
		if role.Writes() && !m.fell[p] && !strings.Contains(want, word) {
			m.t.Errorf("%q of peer %d is lost", word, n)
		}
	}
	report, err := p.Verify(m.t.Context(), m.doc)
	if err != nil || len(report.Problems) > 0 {
		m.t.Errorf("peer %d: %v, %v", n, report.Problems, err)
	}
}

// says writes a word at the beginning.
func (m *team) says(p *Peer, word string) {
	m.t.Helper()
	d, err := p.OpenDocument(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	defer d.Close()
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: word}); err != nil {
		m.t.Fatal(err)
	}
	m.flush(p)
}

func (m *team) removes(by, who *Peer) {
	m.t.Helper()
	if _, err := by.Remove(m.t.Context(), m.space, who.ID().String(), LineOptions{}); err != nil {
		m.t.Fatal(err)
	}
	m.mend(by)
}

func (m *team) wantText(p *Peer, want string) {
	m.t.Helper()
	if got := m.text(p); got != want {
		m.t.Fatalf("peer %d has %q, want %q", slices.Index(m.peers, p), got, want)
	}
}

// What was taken out stands beside the document, and comes back by itself when it
// turns out that the removal is void. A view that follows sees both.
func TestWhatRetreatedComesBack(t *testing.T) {
	for _, open := range []bool{true, false} {
		m := newTeam(t, 0, trust.Owner, trust.Editor, trust.Editor)
		founder, owner, writer, reader := m.peers[0], m.peers[1], m.peers[2], m.peers[3]
		var shown func() string
		if open {
			m.toggle(reader)
			shown = follow(t, m.open[reader], "begin\n")
		}
		m.says(writer, "one ")
		m.give(writer, owner)
		m.says(writer, "two ")
		m.give(writer, reader)
		m.wantText(reader, "two one begin\n")
		m.removes(owner, writer)
		m.removes(founder, owner) // who has not heard of that
		m.tell(owner, reader)
		m.wantText(reader, "one begin\n")
		if open {
			_, seen := m.open[reader].Snapshot()
			if _, err := m.open[reader].Since(seen - 1); err != nil {
				t.Errorf("the view is not told: %v", err)
			}
			soon(t, "the watcher is told", func() bool { return shown() == "one begin\n" })
		}
		m.tell(founder, reader)
		m.wantText(reader, "two one begin\n")
		if beside := m.beside(reader); len(beside) > 0 {
			t.Errorf("%d are still beside", len(beside))
		}
		if open {
			soon(t, "the watcher is told", func() bool { return shown() == "two one begin\n" })
		}
		m.says(reader, "three ")
		m.give(reader, founder)
		m.tell(reader, founder)
		m.give(writer, founder)
		m.wantText(founder, "three two one begin\n")
	}
}

// What waits when something retreats is not taken for complete: it brings back what
// it builds on when it counts.
func TestWhatWaitsWhileSomethingRetreats(t *testing.T) {
	for _, closed := range []bool{true, false} {
		m := newTeam(t, 0, trust.Editor, trust.Editor, trust.Editor)
		owner, honest, writer, reader := m.peers[0], m.peers[1], m.peers[2], m.peers[3]
		m.says(writer, "theirs ")
		m.give(writer, honest)
		m.give(writer, reader)
		m.says(owner, "mine ")
		m.give(owner, honest)
		m.says(honest, "on both ")
		held := reader.store.Committed(m.doc)
		m.wantText(reader, "theirs begin\n")
		on, heads := m.lacks(honest, held), m.heads(honest, held)
		last := on[len(on)-1]
		if len(last.Deps) != 2 {
			t.Fatalf("it builds on %d changes", len(last.Deps))
		}
		top := protocol.Received{From: honest.ID(), Space: m.space, Doc: m.doc, Chunks: [][]byte{last.Bytes}, Heads: heads}
		if _, err := reader.receive(t.Context(), top); err != nil {
			t.Fatal(err)
		}
		if closed {
			m.shut(reader)
		}
		m.removes(owner, writer)
		m.tell(owner, reader)
		if !closed {
			m.wantText(reader, "begin\n")
		}
		m.give(owner, reader)
		m.wantText(reader, m.text(honest))
		if beside := m.beside(reader); len(beside) > 0 {
			t.Errorf("%d are still beside", len(beside))
		}
	}
}

// shut closes a document at once.
func (m *team) shut(p *Peer) {
	m.t.Helper()
	if d := p.docs.ifOpen(m.doc); d != nil {
		d.index()
		p.docs.release(d)
		p.docs.closeUnused(d)
	}
	if p.docs.isOpen(m.doc) {
		m.t.Fatal("it stays open")
	}
}

// seeds is how many stories are told: fewer in a hurry.
func seeds(t *testing.T, n int) int {
	t.Helper()
	return shorter(n, n/4)
}

// shorter is n, or in a hurry less, as with the race detector: it is for what is done
// at length without it.
func shorter(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}
