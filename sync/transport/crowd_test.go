package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/testutils/simnet"

	"starling/sync/identity"
)

// street is a simulated network with one house that knows one friend, and room
// for as many strangers as a test wants.
type street struct {
	*simnet.Simnet
	t             *testing.T
	house, friend *Endpoint
}

func (s *street) socket(addr string) net.PacketConn {
	return s.NewEndpoint(
		net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)),
		simnet.NodeBiDiLinkSettings{Latency: time.Millisecond},
	)
}

// inStreet runs a test in a synctest bubble. setup opens the strangers' sockets,
// for the network takes none once it runs.
func inStreet(t *testing.T, setup, test func(*street)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &street{Simnet: &simnet.Simnet{Router: &simnet.PerfectRouter{}}, t: t}
		friend := newIdentity(t)
		listen := func(id *identity.Identity, addr string, known func(identity.DeviceID) bool) *Endpoint {
			return must[*Endpoint](t)(ListenOn(Config{Identity: id, Links: anywhere{}, Known: known}, s.socket(addr)))
		}
		s.house = listen(newIdentity(t), "10.0.0.1:9000", func(id identity.DeviceID) bool { return id == friend.ID() })
		s.friend = listen(friend, "10.0.0.2:9000", nil)
		setup(s)
		check(t, s.Start())
		defer func() { check(t, errors.Join(s.house.Close(), s.friend.Close(), s.Close())) }()
		test(s)
	})
}

// welcomesFriend looks whether the friend gets in.
func (s *street) welcomesFriend(patience time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	began := time.Now()
	if _, err := s.friend.Dial(ctx, s.house.Addr(), s.house.id); err != nil {
		s.t.Errorf("the friend: %v", err)
		return
	}
	s.t.Logf("the friend comes in after %v", time.Since(began))
	for {
		c, err := s.house.Accept(ctx)
		if err != nil {
			s.t.Errorf("the friend is not met: %v", err)
			return
		}
		if c.Peer() == s.friend.id {
			return
		}
	}
}

// A thousand strangers whose connections are finished: few stay, and the friend
// gets in at once.
func TestThousandStrangersKeepNobodyOut(t *testing.T) {
	var strangers []*Endpoint
	setup := func(s *street) {
		for i := range 250 { // four devices to an address
			for port := range 4 {
				at := netip.AddrPortFrom(host(1000+i), uint16(9000+port)).String()
				strangers = append(strangers, must[*Endpoint](s.t)(ListenOn(
					Config{Identity: newIdentity(s.t), Links: anywhere{}}, s.socket(at))))
			}
		}
	}
	inStreet(t, setup, func(s *street) {
		var dials sync.WaitGroup
		for i, e := range strangers {
			dials.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond) // simulated
				_, _ = e.Dial(s.t.Context(), s.house.Addr(), s.house.id)
			})
		}
		time.Sleep(500 * time.Millisecond) // simulated
		s.welcomesFriend(time.Second)
		dials.Wait()
		time.Sleep(100 * time.Millisecond) // simulated: until those without a place have heard so
		s.house.mu.Lock()
		all, _, _ := s.house.door.strangers(netip.Addr{})
		problem := unsound(s.house.door)
		s.house.mu.Unlock()
		if all != maxStrangers || problem != "" {
			t.Errorf("%d strangers stay; %s", all, problem)
		}
		s.welcomesFriend(time.Second)
		for _, e := range strangers {
			check(t, e.Close())
		}
	})
}

// deaf is a socket that hears nothing but a Retry: its handshakes never end.
type deaf struct{ net.PacketConn }

func (d deaf) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := d.PacketConn.ReadFrom(b)
		// A long header of type Retry, which asks it to show that it hears.
		if err != nil || b[0]&0xf0 == 0xf0 {
			return n, from, err
		}
	}
}

// A thousand handshakes that never end: the friend gets in.
func TestThousandHalfOpenHandshakesKeepNobodyOut(t *testing.T) {
	var attackers []*quic.Transport
	setup := func(s *street) {
		for i := range 250 {
			at := netip.AddrPortFrom(host(1000+i), 9000).String()
			attackers = append(attackers, &quic.Transport{Conn: deaf{s.socket(at)}})
		}
	}
	inStreet(t, setup, func(s *street) {
		id := newIdentity(s.t)
		conf := tlsConfig(must[tls.Certificate](s.t)(id.Certificate()), id.ID(), s.house.id)
		to := net.UDPAddrFromAddrPort(s.house.Addr())
		ctx, cancel := context.WithCancel(s.t.Context())
		var dials sync.WaitGroup
		for i, tr := range attackers {
			for j := range 4 {
				dials.Go(func() {
					time.Sleep(time.Duration(4*i+j) * time.Millisecond) // simulated: all packets in one moment would only fill queues
					for ctx.Err() == nil {                              // again and again
						_, _ = tr.Dial(ctx, to, conf, quicConfig())
						time.Sleep(100 * time.Millisecond) // simulated
					}
				})
			}
		}
		time.Sleep(time.Second) // simulated: until all are there
		for range 2 {
			s.welcomesFriend(3 * time.Second)
			time.Sleep(700 * time.Millisecond) // simulated
			s.house.mu.Lock()
			problem := unsound(s.house.door)
			s.house.mu.Unlock()
			if problem != "" {
				t.Error(problem)
			}
		}
		cancel()
		dials.Wait()
		for _, tr := range attackers {
			check(t, tr.Close())
		}
	})
}
