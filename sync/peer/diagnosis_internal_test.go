package peer

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"starling/crdt/store"
)

// An attempt that was cut short is told as what it is.
func TestAnAttemptThatTookTooLong(t *testing.T) {
	var at target
	at.failed(fmt.Errorf("dial: %w", context.DeadlineExceeded))
	if !errors.Is(at.trouble, ErrUnreachable) || strings.Contains(at.trouble.Error(), "deadline") {
		t.Errorf("the trouble is: %v", at.trouble)
	}
}

func TestTheStatusTellsThatTheDiskTakesNothing(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "")
	problem := func() string {
		st, err := p.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return st.Problem
	}
	if got := problem(); got != "" {
		t.Errorf("all is well, and the problem is %q", got)
	}
	d.mu.Lock()
	d.err = store.ErrNoSpace
	d.mu.Unlock()
	if got := problem(); !strings.Contains(got, "the disk is full") {
		t.Errorf("with a full disk the problem is %q", got)
	}
}

// The loopback interface is no network, and what is wrong with it tells nothing.
func TestLoopbackIsNoNetwork(t *testing.T) {
	failed := errors.New("our own announcement was not heard")
	lo := Interface{Name: "lo", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Err: failed}
	eth := Interface{Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
	broken := Interface{Name: "wlan0", Err: failed}
	for _, c := range []struct {
		all     []Interface
		names   []string
		problem string
	}{
		{nil, nil, ""},
		{[]Interface{lo}, nil, ""},
		{[]Interface{lo, eth}, []string{"eth0"}, ""},
		{[]Interface{eth, broken}, []string{"eth0", "wlan0"}, failed.Error()},
	} {
		names, problem := networksOf(c.all)
		if !slices.Equal(names, c.names) || problem != c.problem {
			t.Errorf("%v: %q, %q", c.all, names, problem)
		}
	}
}
