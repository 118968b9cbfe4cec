package hostile

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"starling/packaging/lab"
)

// How large a crowd is, and how long it stays at least.
const (
	crowd     = 1000
	halfOpen  = 300
	crowdTime = 6 * time.Second
)

// A thousand strangers, each from an address of its own, and half-open handshakes
// stand at the door of one of two who know each other: what these write goes on
// reaching both, a status is quick, and neither takes much memory.
func TestACrowdAtTheDoor(t *testing.T) {
	program := lab.Program(t)
	v := attacked(t, "Ada")
	bob := lab.NewHome(t, "Bob", program)
	bob.Serve("--listen", "127.0.0.1:0", "--no-discovery")
	bob.Must("connect", v.Addr)
	lab.Eventually(t, "they are connected", func() bool { return v.ConnectedTo(bob) })
	lab.Pair(v.Home, bob, v.space)
	doc := v.Line("doc", "new", v.space, "--title", "Safe")
	lab.Eventually(t, "Bob has it", func() bool { text, ok := bob.Cat(doc); return ok && text == "# Safe\n" })
	v.settle(t)

	ctx, cancel := context.WithTimeout(t.Context(), lab.Soon)
	defer cancel()
	var attackers sync.WaitGroup
	var in, out counter
	attackers.Go(func() { strangers(ctx, t, v.Addr, &in, &out) })
	attackers.Go(func() { halfHandshakes(ctx, t, v.Addr) })
	slowest, syncs := time.Duration(0), 0
	enough := time.Now().Add(crowdTime)
	for ctx.Err() == nil && (time.Now().Before(enough) || in.count()+out.count() < crowd/2 || syncs < 3) {
		want := "x" + time.Now().String() + "\n"
		slowest = max(slowest, v.inTime(t, "an edit's way to the other", maxAnswer, func() {
			if err := v.Edit(doc, 0, 0, want); err != nil {
				t.Fatal(err)
			}
			lab.Eventually(t, "the other has it", func() bool {
				text, err := bob.Text(doc)
				return err == nil && strings.HasPrefix(text, want)
			})
		}))
		syncs++
		v.answers(t, "status")
	}
	if ctx.Err() != nil {
		t.Errorf("%d strangers tried, %d edits: it tests nothing", in.count()+out.count(), syncs)
	}
	cancel()
	attackers.Wait()
	t.Logf("%d strangers came in and %d did not; %d edits reached the other, the slowest in %v", in.count(), out.count(), syncs, slowest)
	if !v.ConnectedTo(bob) {
		t.Error("the two are not connected any more")
	}
	v.check(t)
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// strangers connect, each from a loopback address of its own, say half a hello and
// stay as long as they may.
func strangers(ctx context.Context, t *testing.T, addr string, in, out *counter) {
	config := newDevice(t, "Eve").config(t)
	to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr))
	slots := make(chan struct{}, 16)
	var all sync.WaitGroup
	for i := range crowd {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			release := sync.OnceFunc(func() { <-slots })
			defer release()
			from := &net.UDPAddr{IP: net.IPv4(127, 1, byte(i>>8), byte(i)|1)}
			sock, err := net.ListenUDP("udp4", from)
			if err != nil {
				t.Errorf("a stranger's socket: %v", err)
				return
			}
			defer sock.Close()
			tr := &quic.Transport{Conn: sock}
			defer tr.Close()
			patience, cancel := context.WithTimeout(ctx, 2*time.Second)
			conn, err := tr.Dial(patience, to, config, nil)
			cancel()
			release()
			if err != nil {
				out.add()
				return
			}
			in.add()
			if s, err := conn.OpenStreamSync(ctx); err == nil {
				_, _ = s.Write([]byte{0, 0, 1, 0, kindHello, 0xa4})
			}
			<-conn.Context().Done()
		})
	}
	<-ctx.Done()
	all.Wait()
}

// halfHandshakes send first packets whose senders never answer.
func halfHandshakes(ctx context.Context, t *testing.T, addr string) {
	to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr))
	sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Error(err)
		return
	}
	defer sink.Close()
	config := newDevice(t, "Eve").config(t)
	packet := make([]byte, 2048)
	for i := range halfOpen {
		if ctx.Err() != nil {
			return
		}
		patience, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		var dialling sync.WaitGroup
		dialling.Go(func() {
			if conn, err := quic.DialAddr(patience, sink.LocalAddr().String(), config, nil); err == nil {
				_ = conn.CloseWithError(0, "")
			}
		})
		_ = sink.SetReadDeadline(time.Now().Add(15 * time.Millisecond))
		n, _, err := sink.ReadFromUDP(packet)
		if err == nil && n >= 1200 {
			if sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 2, byte(i>>8), byte(i)|1)}); err == nil {
				_, _ = sock.WriteToUDP(packet[:n], to)
				_ = sock.Close()
			}
		}
		cancel()
		dialling.Wait()
	}
}
