package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"starling/packaging/lab"
)

// A text under test begins with a counter, which one side alone replaces by
// ever greater numbers, and goes on with characters of which each is inserted
// once, by an edit of its own, and never deleted. So every character tells who
// wrote it, and a text that lost or doubled anything tells so.
const (
	counterDigits = 10
	noCounter     = "0000000000"
	firstRune     = 0x10000
	blockSize     = 0x40000 // characters of one side; three fit into Unicode
)

// side is one peer and the people who write on it.
type side struct {
	*lab.Home
	peer   *lab.Peer
	listen string // host:port, the same after each restart
	block  rune

	mu      sync.Mutex
	next    rune
	held    map[rune]bool // what this home must hold from now on
	counter uint64        // the least that the counter here must be
	tried   uint64        // the last number that was asked for
	acked   int           // edits that returned
}

// begin forgets the text before, for a new document.
func (s *side) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held, s.counter, s.tried = map[rune]bool{}, 0, 0
}

// serve starts the peer, always at the same address.
func (s *side) serve() {
	s.T.Helper()
	s.peer = s.Home.Serve("--no-discovery", "--listen", s.listen)
	s.listen = s.peer.Listen[0]
}

// startServe begins to start the peer.
func (s *side) startServe() *lab.Process {
	s.T.Helper()
	return s.Home.StartServe("--no-discovery", "--listen", s.listen)
}

// draw takes a character that nobody has used yet.
func (s *side) draw() rune {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == s.block+blockSize {
		panic("a side has used all its characters")
	}
	s.next++
	return s.next - 1
}

// insert is one edit at a random place after the counter.
func (s *side) insert(doc string, r *rand.Rand) error {
	c := s.draw()
	s.mu.Lock()
	length := len(s.held) // at least so many are here, wherever others insert
	s.mu.Unlock()
	err := s.Edit(doc, counterDigits+r.IntN(length+1), 0, string(c))
	if err == nil {
		s.mu.Lock()
		s.held[c] = true
		s.acked++
		s.mu.Unlock()
	}
	return err
}

// count is one edit of the counter.
func (s *side) count(doc string) error {
	s.mu.Lock()
	s.tried++
	n := s.tried
	s.mu.Unlock()
	err := s.Edit(doc, 0, counterDigits, fmt.Sprintf("%0*d", counterDigits, n))
	if err == nil {
		s.mu.Lock()
		s.counter = n
		s.acked++
		s.mu.Unlock()
	}
	return err
}

// ackedEdits is how many edits have returned here.
func (s *side) ackedEdits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked
}

// rush is how many edits one writer makes as fast as they return; then it writes
// on at about a hundred a second, lest a text grows without bounds while its
// other writers come back to life.
const rush = 400

// keep makes edits until ctx ends. While the peer is down they fail at once;
// then it tries again.
func (s *side) keep(ctx context.Context, edit func() error) {
	for n := 0; ctx.Err() == nil; n++ {
		if n > rush {
			wait(10 * time.Millisecond)
		}
		err := edit()
		switch {
		case errors.Is(err, lab.ErrRefused) && ctx.Err() == nil:
			s.T.Errorf("%s: %v", s.Name, err)
			return
		case err != nil:
			wait(time.Millisecond)
		}
	}
}

// expect adds to what this home must hold.
func (s *side) expect(runes []rune, counter uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range runes {
		s.held[c] = true
	}
	s.counter = max(s.counter, counter)
}

// duties is what this home must hold now.
func (s *side) duties() (map[rune]bool, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make(map[rune]bool, len(s.held))
	for c := range s.held {
		held[c] = true
	}
	return held, s.counter
}
