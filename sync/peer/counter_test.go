package peer_test

import (
	"net"
	"sync"
	"testing"
)

// counter passes UDP on between one client and a server, and counts what is on
// the wire: payloads and the headers of UDP and IPv4.
type counter struct {
	in, out *net.UDPConn // towards the client, towards the server
	mu      sync.Mutex
	client  *net.UDPAddr
	packets int
	bytes   int
}

const ipUDPHeaders = 20 + 8

func newCounter(t *testing.T, server string) *counter {
	t.Helper()
	to, err := net.ResolveUDPAddr("udp4", server)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{}
	if c.in, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	if c.out, err = net.DialUDP("udp4", nil, to); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		c.pass(c.in.ReadFromUDP, func(b []byte, from *net.UDPAddr) {
			c.mu.Lock()
			c.client = from
			c.mu.Unlock()
			_, _ = c.out.Write(b)
		})
	})
	running.Go(func() {
		c.pass(c.out.ReadFromUDP, func(b []byte, _ *net.UDPAddr) {
			c.mu.Lock()
			to := c.client
			c.mu.Unlock()
			_, _ = c.in.WriteToUDP(b, to)
		})
	})
	t.Cleanup(func() {
		_, _ = c.in.Close(), c.out.Close()
		running.Wait()
	})
	return c
}

// pass ends when its socket is closed.
func (c *counter) pass(read func([]byte) (int, *net.UDPAddr, error), write func([]byte, *net.UDPAddr)) {
	b := make([]byte, 64<<10)
	for {
		n, from, err := read(b)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.packets++
		c.bytes += n + ipUDPHeaders
		c.mu.Unlock()
		write(b[:n], from)
	}
}

func (c *counter) count() (packets, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.packets, c.bytes
}
