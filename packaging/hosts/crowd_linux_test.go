package hosts

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"starling/packaging/lab"
)

const (
	// crowdAddresses is how many addresses the strangers have, and crowdOf how
	// many strangers there are; each second one never ends its handshake.
	crowdAddresses = 200
	crowdOf        = 1000
)

// crowd is strangers who come again as soon as they are shown out.
type crowd struct {
	came, shook atomic.Int64 // attempts, and those who thought that they were in
}

// A thousand strangers knock at Anna's, half of them without ever ending a
// handshake. Anna and Bo go on writing with each other, and Cy gets in.
func TestCrowd(t *testing.T) {
	need(t)
	n := newNetwork(t)
	g := newGroup(t, n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.Program(t), 2),
		n.newHost("Cy", lab.Program(t), 3))
	anna, cy := g.hosts[0], g.hosts[2]
	doc := g.document("Plan")
	lines := []string{"# Plan"}
	cy.peer.Stop()

	c := n.gatherCrowd(t, anna.peer.Listen[0])
	g.await("the crowd is there", func() bool { return c.came.Load() >= crowdOf && c.shook.Load() > 10 })
	friends := &group{t: t, hosts: g.hosts[:2], space: g.space}
	lines = append(lines, friends.write(doc, "amid the crowd", nil)...)
	took := friends.agree(doc, lines)
	cy.serve()
	met := g.connected()
	lines = append(lines, g.write(doc, "with Cy", nil)...)
	t.Logf("amid %d knocks, %d of them with a whole handshake: Anna and Bo agree after %v; Cy is in after %v, and all agree after %v",
		c.came.Load(), c.shook.Load(), took, met, g.agree(doc, lines))
	if near := anna.Peers(); len(near) > 210 {
		t.Errorf("Anna lists %d people", len(near))
	}
}

// gatherCrowd lets strangers knock at an address until the test ends.
func (n *network) gatherCrowd(t *testing.T, at string) *crowd {
	t.Helper()
	s := newSpace(t)
	n.plug(s, "e0")
	var batch strings.Builder
	for i := range crowdAddresses {
		fmt.Fprintf(&batch, "addr add %s.%d/24 dev e0\n", n.prefix, 50+i)
	}
	batch.WriteString("link set e0 up\n")
	s.feed(batch.String(), "ip", "-batch", "-")
	target, err := net.ResolveUDPAddr("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	sockets := make([]net.PacketConn, 2*crowdAddresses)
	s.within(func() error {
		var errs []error
		for i := range sockets {
			socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(fmt.Sprintf("%s.%d", n.prefix, 50+i/2))})
			errs = append(errs, err)
			if sockets[i] = socket; i%2 == 1 {
				sockets[i] = deafSocket{socket}
			}
		}
		return errors.Join(errs...)
	})
	ctx, cancel := context.WithCancel(context.Background())
	c := &crowd{}
	var work sync.WaitGroup
	for _, socket := range sockets {
		transport := &quic.Transport{Conn: socket}
		for range crowdOf / len(sockets) {
			work.Go(func() { c.knock(ctx, transport, target) })
		}
		work.Go(func() {
			<-ctx.Done()
			_ = transport.Close()
			_ = socket.Close()
		})
	}
	t.Cleanup(func() {
		cancel()
		work.Wait()
	})
	return c
}

// deafSocket hears nothing, so that no handshake ends.
type deafSocket struct{ *net.UDPConn }

func (s deafSocket) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		if _, _, err := s.UDPConn.ReadFrom(p); err != nil {
			return 0, nil, err
		}
	}
}

// knock is one stranger, who comes again and again.
func (c *crowd) knock(ctx context.Context, from *quic.Transport, at net.Addr) {
	config, err := strangerTLS()
	if err != nil {
		return
	}
	for ctx.Err() == nil {
		c.came.Add(1)
		conn, err := from.Dial(ctx, at, config, &quic.Config{HandshakeIdleTimeout: time.Second})
		if err == nil {
			c.shook.Add(1)
			select {
			case <-ctx.Done():
			case <-conn.Context().Done():
			}
			_ = conn.CloseWithError(0, "")
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second): // a thousand a second are enough
		}
	}
}

// strangerTLS is what a device of nobody's shows.
func strangerTLS() (*tls.Config, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates:       []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		NextProtos:         []string{"starling/1"},
		InsecureSkipVerify: true,
	}, nil
}
