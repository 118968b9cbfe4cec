package hosts

import (
	"container/heap"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"starling/packaging/lab"
)

// weather is what a relay does to packets.
type weather struct {
	delay time.Duration // of all packets, each way
	// jitter is by how much some are later than others, and so out of order.
	jitter time.Duration
	twice  int // percent that arrive twice
	// rate is in bytes a second each way, 0 for no limit. What would wait for
	// longer than maxQueue is lost.
	rate int
}

const maxQueue = 500 * time.Millisecond

// relay passes UDP packets between one on each of two networks, who can't reach
// each other otherwise.
type relay struct {
	sides [2]*side

	mu  sync.Mutex
	now weather
}

// side is the relay's socket on one network. What comes from there goes out of
// the other side's.
type side struct {
	socket *net.UDPConn

	mu     sync.Mutex
	client netip.AddrPort // who was last heard there
	free   time.Time      // when the line to it is free
	queue  packets
	more   chan struct{}
}

// packet is one that is to arrive at a time.
type packet struct {
	due   time.Time
	bytes []byte
}

// packets is a heap, the next due first.
type packets []packet

func (p packets) Len() int           { return len(p) }
func (p packets) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p packets) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *packets) Push(x any)        { *p = append(*p, x.(packet)) }
func (p *packets) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// newRelay opens the relay on two addresses of a host and passes on to target,
// who is at the second one, until the test ends.
func newRelay(t *testing.T, s *space, addrs [2]string, target netip.AddrPort) *relay {
	t.Helper()
	r := &relay{}
	s.within(func() error {
		var errs []error
		for i, a := range addrs {
			socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(a)})
			errs = append(errs, err)
			r.sides[i] = &side{socket: socket, more: make(chan struct{}, 1)}
		}
		return errors.Join(errs...)
	})
	r.sides[1].client = target
	done := make(chan struct{})
	var work sync.WaitGroup
	for i := range r.sides {
		work.Go(func() { r.read(r.sides[i], r.sides[1-i]) })
		work.Go(func() { r.sides[i].send(done) })
	}
	t.Cleanup(func() {
		close(done)
		for _, s := range r.sides {
			s.socket.Close()
		}
		work.Wait()
	})
	return r
}

// become changes the weather.
func (r *relay) become(w weather) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = w
}

// read takes packets on one side and queues them for the other.
func (r *relay) read(from, to *side) {
	buf := make([]byte, 65536)
	for {
		n, sender, err := from.socket.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // nobody listens there at the moment
		}
		from.mu.Lock()
		from.client = sender
		from.mu.Unlock()
		r.mu.Lock()
		now := r.now
		r.mu.Unlock()
		copies := 1
		if rand.N(100) < now.twice {
			copies = 2
		}
		for range copies {
			to.put(append([]byte(nil), buf[:n]...), now)
		}
	}
}

// put queues a packet, or loses it.
func (s *side) put(p []byte, w weather) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := time.Now()
	if w.rate > 0 {
		if s.free.Sub(due) > maxQueue {
			return
		}
		if s.free.Before(due) {
			s.free = due
		}
		const headers = 28 // bytes, of IP and UDP
		s.free = s.free.Add(time.Duration(len(p)+headers) * time.Second / time.Duration(w.rate))
		due = s.free
	}
	due = due.Add(w.delay)
	if w.jitter > 0 {
		due = due.Add(rand.N(w.jitter))
	}
	heap.Push(&s.queue, packet{due, p})
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// send sends what is due until done.
func (s *side) send(done <-chan struct{}) {
	for {
		s.mu.Lock()
		wait := time.Hour
		for len(s.queue) > 0 {
			if wait = time.Until(s.queue[0].due); wait > 0 {
				break
			}
			next := heap.Pop(&s.queue).(packet)
			wait = time.Hour
			if s.client.IsValid() {
				_, _ = s.socket.WriteToUDPAddrPort(next.bytes, s.client) // it may be down
			}
		}
		s.mu.Unlock()
		select {
		case <-done:
			return
		case <-s.more:
		case <-time.After(wait):
		}
	}
}

// Two people who reach each other only through a slow, crooked line come to one
// text.
func TestThroughARelay(t *testing.T) {
	need(t)
	here, there := newNetwork(t), newSubnet(t, 78)
	a, b := here.newHost("Anna", lab.Program(t), 1), there.newHost("Bo", lab.RaceProgram(t), 2)
	between := newSpace(t)
	here.plug(between, "e0")
	between.address(here, "e0", 254)
	there.plug(between, "e1")
	between.address(there, "e1", 254)
	a.serve()
	b.serve()
	r := newRelay(t, between, [2]string{"10.77.0.254", "10.78.0.254"}, netip.MustParseAddrPort(b.peer.Listen[0]))
	a.Must("connect", r.sides[0].socket.LocalAddr().String())
	g := gather(t, a, b)
	for _, c := range []struct {
		name string
		now  weather
	}{
		{"200 ms each way", weather{delay: 200 * time.Millisecond}},
		{"reordered within 60 ms", weather{jitter: 60 * time.Millisecond}},
		{"every third packet twice", weather{twice: 33}},
		{"1 Mbit/s", weather{rate: 125_000}},
		{"all of it", weather{delay: 200 * time.Millisecond, jitter: 60 * time.Millisecond, twice: 33, rate: 125_000}},
	} {
		r.become(c.now)
		condition{name: c.name}.hold(g)
	}
}
