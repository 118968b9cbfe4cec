package control

import (
	"bufio"
	"net"
	"path/filepath"
	"testing"

	"starling/sync/peer"
)

// endOnce serves one client as a peer does that is about to end, and then lets
// go of the home.
func endOnce(l *net.UnixListener, p *peer.Peer, takesRequest bool) error {
	conn, err := l.AcceptUnix()
	if err != nil {
		return err
	}
	if err := writeLine(conn, hello{wireName, wireVersion}); err != nil {
		return err
	}
	if takesRequest {
		if _, err := readRequest(bufio.NewReader(conn)); err != nil {
			return err
		}
	}
	if err := writeLine(conn, response{Error: errEnding.Error(), Kind: Kind(errEnding)}); err != nil {
		return err
	}
	_ = conn.Close()
	_ = l.Close()
	return p.Close()
}

// A command that meets a peer just as it ends is done without it.
func TestCommandsOutliveAnEndingPeer(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	for _, takesRequest := range []bool{false, true} {
		home := filepath.Join(t.TempDir(), "home")
		p, err := peer.Open(t.Context(), peer.Config{Home: home, Name: "Anna", Make: true})
		if err != nil {
			t.Fatal(err)
		}
		l, err := listen(home)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = removeSocket(l.Addr().String()) })
		ended := make(chan error, 1)
		go func() { ended <- endOnce(l, p, takesRequest) }()
		me, err := Call(t.Context(), Target{Home: home}, ID, None{})
		if err != nil || me.Name != "Anna" {
			t.Errorf("the command gave %+v, %v", me, err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
