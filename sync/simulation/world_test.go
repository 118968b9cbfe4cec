package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/trust"
)

// world is one seed: its people, their network and what became of them.
type world struct {
	t       *testing.T
	seed    uint64
	plan    plan
	rng     *rand.Rand
	net     *network
	ether   *ether // of real QUIC; nil for streams of our own
	journal *journal
	count   *tally // of this seed
	people  []*person
	tasks   sync.WaitGroup // what people do besides

	space peer.SpaceID
	docs  []crdt.DocID
	links map[identity.DeviceID][]identity.DeviceID // other devices of the same person
	model model
	// stated are all statements of anyone, and belong who is a member by them.
	stated map[[32]byte]*trust.Statement
	belong []*person
}

// newWorld makes the people of a story and their network.
func newWorld(t *testing.T, seed uint64, p plan) *world {
	w := &world{
		t: t, seed: seed, plan: p, rng: rand.New(rand.NewPCG(seed, 0x73746f7279)),
		journal: &journal{start: time.Now()}, count: &tally{},
		links:  map[identity.DeviceID][]identity.DeviceID{},
		stated: map[[32]byte]*trust.Statement{},
	}
	w.model = newModel(w)
	w.net = newNetwork(seed, w.drawWeather())
	if p.real {
		w.ether = &ether{net: w.net, rng: rand.New(rand.NewPCG(seed, 0x6574686572))}
	}
	for range p.people {
		own := w.newPerson()
		if p.real {
			own.home = t.TempDir()
		}
	}
	return w
}

// drawWeather makes half of the seeds fair and the others bad.
func (w *world) drawWeather() weather {
	fair := weather{latency: time.Millisecond, jitter: time.Millisecond, window: 256 << 10}
	if w.rng.IntN(2) == 0 {
		return fair
	}
	return weather{
		latency: time.Duration(w.rng.IntN(100)) * time.Millisecond,
		jitter:  time.Duration(w.rng.IntN(50)) * time.Millisecond,
		loss:    0.3 * w.rng.Float64() * w.rng.Float64(),
		window:  1 << (10 + w.rng.IntN(9)),
	}
}

// log notes what happens.
func (w *world) log(format string, args ...any) { w.journal.add(format, args...) }

// wrong notes what must not be, and goes on.
func (w *world) wrong(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("at %.3f s: %s", time.Since(w.journal.start).Seconds(), fmt.Sprintf(format, args...))
	w.log("WRONG: "+format, args...)
}

var wordList = strings.Fields("a an and  Ü\n 世界 🙂 bird flock dusk # ## - \n\n winter sings, “quoted” é")

// words is what somebody types at once.
func (w *world) words() string {
	var b strings.Builder
	for range 1 + w.rng.IntN(3) {
		b.WriteString(wordList[w.rng.IntN(len(wordList))])
		b.WriteByte(' ')
	}
	if w.rng.IntN(200) == 0 {
		b.WriteString(strings.Repeat("a long pasted page. ", 1+w.rng.IntN(2000)))
	}
	return b.String()
}

// present lists those who are up.
func (w *world) present() []*person {
	var up []*person
	for _, p := range w.people {
		if p.up() {
			up = append(up, p)
		}
	}
	return up
}

// anyone draws one of those who are up, nil if nobody is.
func (w *world) anyone() *person {
	up := w.present()
	if len(up) == 0 {
		return nil
	}
	return up[w.rng.IntN(len(up))]
}

// begin lets the first person found a space and take the others in, in fair
// weather.
func (w *world) begin() {
	w.t.Helper()
	founder := w.people[0]
	for _, p := range w.people {
		p.come()
	}
	synctest.Wait()
	var err error
	if w.space, err = founder.NewSpace(context.Background(), "Notes"); err != nil {
		w.t.Fatal(err)
	}
	w.found(founder)
	inside := w.people[1:]
	if len(inside) > 4 {
		inside = inside[:len(inside)-w.rng.IntN(4)] // the others may come later
	}
	for _, p := range inside {
		err := w.admit(founder, p)
		for tries := 1; err != nil && tries < 3; tries++ { // a connection may have given way to one that crossed it
			err = w.admit(founder, p)
		}
		if err != nil {
			w.t.Fatalf("%s is not admitted: %v", p.name, err)
		}
	}
}

// found begins a document.
func (w *world) found(p *person) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	id, err := p.NewDocument(ctx, w.space, fmt.Sprintf("# Document %d\n\n", len(w.docs)))
	if err != nil {
		w.log("%s can't begin a document: %v", p.name, err)
		return
	}
	w.log("%s begins document D%d", p.name, len(w.docs))
	w.docs = append(w.docs, id)
}

// admit pairs two people and shares the space.
func (w *world) admit(by, who *person) error {
	err := w.compare(by, who, func(ctx context.Context) (peer.PairingInfo, error) {
		return by.StartPairing(ctx, who.id.ID().String(), w.space)
	})
	if err != nil {
		return err
	}
	if !w.waitFor(5*time.Second, func() bool { return w.in(who) }) {
		return errors.New("the space does not come")
	}
	w.log("%s has admitted %s", by.name, who.name)
	return nil
}

// in reports whether a person has come to the space.
func (w *world) in(p *person) bool {
	spaces, err := p.Spaces(context.Background())
	return err == nil && len(spaces) > 0
}

// waitFor waits until something is so, but no longer than limit.
func (w *world) waitFor(limit time.Duration, ok func() bool) bool {
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

// end lets everyone leave.
func (w *world) end() {
	w.tasks.Wait()
	for _, p := range w.present() {
		if err := p.leave(); err != nil {
			w.wrong("%s leaves: %v", p.name, err)
		}
	}
	if len(w.journal.blame) > 0 {
		w.wrong("honest peers blame each other:\n%s", strings.Join(w.journal.blame, "\n"))
	}
}
