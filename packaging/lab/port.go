package lab

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Loopback is an address, host:port, that is free and stays so while nobody listens
// there, between two runs of a peer: systems give out ports above these to whoever
// asks for any.
func Loopback(t *testing.T) string {
	t.Helper()
	var err error
	for range 100 {
		at := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(20_000))
		var c net.PacketConn
		if c, err = net.ListenPacket("udp4", at); err == nil {
			c.Close()
			return at
		}
	}
	t.Fatalf("no port is free: %v", err)
	return ""
}
