package peer_test

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/peer"
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

// A key costs at most 300 bytes, both directions and all headers counted, at ten
// keys a second and with one reader.
func TestBytesAKey(t *testing.T) {
	if testing.Short() {
		t.Skip("it types for some seconds")
	}
	a, b := start(t, "Ada"), start(t, "Bob")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "")
	c := newCounter(t, status(t, b).Listen[0])
	if _, err := a.Connect(t.Context(), c.in.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	pair(t, a, b, space)
	eventually(t, "it arrives", func() bool { return text(t, b, doc) == "" && len(peer.Held(b, doc)) > 0 })
	writer, reader := openDoc(t, a, doc), openDoc(t, b, doc)
	keys := typeKeys(t, writer, 20) // which begins the line
	eventually(t, "it is typed", func() bool { s, _ := reader.Snapshot(); return s == keys })
	var seconds []float64 // a machine with too much to do sends some packets twice
	for range 5 {
		packets, bytes := c.count()
		keys += typeKeys(t, writer, 10)
		p, d := c.count()
		seconds = append(seconds, float64(d-bytes)/10)
		t.Logf("%.0f bytes and %.1f packets a key", seconds[len(seconds)-1], float64(p-packets)/10)
	}
	eventually(t, "it is typed", func() bool { s, _ := reader.Snapshot(); return s == keys })
	slices.Sort(seconds)
	if each := seconds[len(seconds)/2]; each > 300 {
		t.Errorf("%.0f bytes a key, at most 300", each)
	}
}

// typeKeys types ten keys a second at the end of a text.
func typeKeys(t *testing.T, d *peer.Doc, n int) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var typed strings.Builder
	for i := range n {
		<-tick.C
		text, seen := d.Snapshot()
		if _, _, err := d.Edit(crdt.Edit{At: len(text), Seen: seen, Insert: string(rune('a' + i%26))}); err != nil {
			t.Fatal(err)
		}
		typed.WriteByte(byte('a' + i%26))
	}
	return typed.String()
}
