package peer

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"

	"starling/sync/transport"
)

// fenced is an endpoint that notes what it may speak with.
type fenced struct {
	Endpoint
	far    []netip.Addr
	dialed []netip.AddrPort
}

func (f *fenced) Allow(far []netip.Addr) error { f.far = far; return nil }
func (f *fenced) HopLimit() int                { return 1 }

func (f *fenced) Passes(a netip.Addr) bool {
	return a.IsLoopback() || slices.Contains(f.far, a)
}

func (f *fenced) DialFirst(_ context.Context, addrs []netip.AddrPort, _ DeviceID) (Connection, error) {
	f.dialed = append(f.dialed, addrs...)
	return nil, transport.ErrNoAddress
}

func TestFarAddressesAreAllowedOnceAndKept(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	p := homeAt(t, home)
	f := new(fenced)
	n := &network{p: p, log: p.log, endpoint: f, wake: make(chan struct{}, 1), targets: make(map[string]*target)}
	p.mu.Lock()
	p.net = n
	p.mu.Unlock()
	const far = "203.0.113.7:4711"
	if _, err := p.Connect(t.Context(), far); !errors.Is(err, ErrNotLocal) || len(f.dialed) != 0 {
		t.Errorf("connected with a far address: %v, dialled %v", err, f.dialed)
	}
	for _, addr := range []string{far, "2001:db8::7", "[2001:db8::7]:1", "127.0.0.1:9"} {
		if err := p.Allow(t.Context(), addr); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"203.0.113.7", "2001:db8::7"} // and none on this network
	if got := p.Allowed(); !slices.Equal(got, want) || len(f.far) != 2 {
		t.Errorf("allowed are %v, the endpoint has %v", got, f.far)
	}
	if _, err := p.Connect(t.Context(), far); errors.Is(err, ErrNotLocal) || len(f.dialed) != 1 {
		t.Errorf("an allowed address is not dialled: %v", err)
	}
	if err := p.Disallow(t.Context(), "198.51.100.1"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("disallowed what was not allowed: %v", err)
	}
	if err := p.Disallow(t.Context(), "2001:db8::7"); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.net = nil
	p.mu.Unlock()
	if err := p.SetInvisible(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	p = homeAt(t, home)
	if got := p.Allowed(); !slices.Equal(got, want[:1]) || !p.Invisible() {
		t.Errorf("after a restart allowed are %v, invisible is %t", got, p.Invisible())
	}
	for i := range maxAllowed - 1 {
		if err := p.Allow(t.Context(), netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Allow(t.Context(), "203.0.113.200"); !errors.Is(err, ErrTooManyAllowed) {
		t.Errorf("one too many: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is no address is asked of nobody.
func TestWhatIsNoAddressIsNotLookedUp(t *testing.T) {
	for _, word := range []string{
		"foo", "foo:4000", "10.99.0.0/24", "10.99.0.0-9", "10.99.0", "10.99.0.256", "10.0.0.1,10.0.0.2", "10.0.0.1 10.0.0.2", "", ".", ".foo", "a..b", "*.example.org",
	} {
		if _, err := hosts(t.Context(), word); !errors.Is(err, errNoHost) {
			t.Errorf("%q: %v", word, err)
		}
	}
	for _, name := range []string{"anna.local", "anna.local.", "a-1.Example.org", "x_y.lan", "7.example.a1"} {
		if !fullName(name) {
			t.Errorf("%q passes for no name", name)
		}
	}
	for _, addr := range []string{"10.8.0.7", "10.8.0.7:4000", "::1", "[::1]:4000"} {
		if ips, err := hosts(t.Context(), addr); err != nil || len(ips) != 1 {
			t.Errorf("%q: %v, %v", addr, ips, err)
		}
	}
}

func homeAt(t *testing.T, home string) *Peer {
	t.Helper()
	p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Make: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
