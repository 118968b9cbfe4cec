package onlink

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		links := []Link{on(2, "eth0", lan, "192.168.7.20/24")}
		var fail error
		set := func(l []Link, err error) {
			mu.Lock()
			defer mu.Unlock()
			links, fail = l, err
		}
		w := newWatch(nil, func() (*Table, error) {
			mu.Lock()
			defer mu.Unlock()
			return NewTable(slices.Clone(links)), fail
		})
		here, there := netip.MustParseAddr("192.168.7.1"), netip.MustParseAddr("10.0.0.1")
		if !w.Local(here) || w.Local(there) {
			t.Error("not read at once")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var changes atomic.Int32
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx, func() { changes.Add(1) }) }()
		expect := func(what string, want int32) {
			t.Helper()
			time.Sleep(pollEvery + time.Millisecond) // simulated
			synctest.Wait()
			if got := changes.Load(); got != want {
				t.Errorf("%s: %d changes, want %d", what, got, want)
			}
		}
		expect("nothing", 0)
		set([]Link{on(2, "eth0", lan, "10.0.0.9/8")}, nil)
		expect("another address", 1)
		if w.Local(here) || !w.Local(there) {
			t.Error("the old table is used")
		}
		set(nil, errors.New("no answer"))
		expect("a failed look", 1)
		if !w.Local(there) {
			t.Error("a failed look has changed the table")
		}
		set(nil, nil)
		expect("all gone", 2)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestSlept(t *testing.T) {
	last := time.Now()
	wall := func(d time.Duration) time.Time { return last.Round(0).Add(d) } // no monotonic part: both clocks agree
	for _, c := range []struct {
		name string
		now  time.Time
		want bool
	}{
		{"a tick", last.Add(pollEvery), false},
		{"a tick that came late", last.Add(pollEvery + 2*time.Second), false},
		{"the monotonic clock ran on", last.Add(time.Minute), true},
		{"no monotonic clock", wall(time.Minute), true},
		{"the wall clock was set back", wall(-time.Hour), false},
	} {
		if got := slept(last, c.now); got != c.want {
			t.Errorf("%s: slept is %t", c.name, got)
		}
	}
}

// seen is what we and the standard library see of this machine, while nothing changes:
// other programs may make interfaces meanwhile.
func seen(t *testing.T) (table *Table, interfaces []net.Interface, addrs map[string][]net.Addr) {
	t.Helper()
	read := func() *Table {
		table, err := Read()
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		table, addrs = read(), make(map[string][]net.Addr)
		all, err := net.Interfaces()
		for _, i := range all {
			if err == nil {
				addrs[i.Name], err = i.Addrs()
			}
		}
		if interfaces = all; !reflect.DeepEqual(read().Links(), table.Links()) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return table, interfaces, addrs
	}
	t.Fatal("the interfaces change all the time")
	return nil, nil, nil
}

// What we read ourselves is what the standard library reads.
func TestReadSeesWhatTheLibrarySees(t *testing.T) {
	table, interfaces, addrs := seen(t)
	if len(table.Links()) != len(interfaces) {
		t.Fatalf("%d links, the library sees %d", len(table.Links()), len(interfaces))
	}
	byIndex := make(map[int]Link)
	for _, l := range table.Links() {
		byIndex[l.Index] = l
	}
	for _, i := range interfaces {
		l := byIndex[i.Index]
		if l.Name != i.Name || l.Flags != i.Flags {
			t.Errorf("%+v, the library sees %+v", l, i)
		}
		if len(addrs[i.Name]) != len(l.Prefixes) {
			t.Errorf("%s: addresses %v, the library sees %v", i.Name, l.Prefixes, addrs[i.Name])
		}
		if i.Flags&net.FlagLoopback != 0 && l.Tunnel {
			t.Errorf("%s is a tunnel", i.Name)
		}
	}
	if !table.Local(netip.MustParseAddr("127.0.0.1")) {
		t.Error("loopback is not local")
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := Read(); err != nil {
			b.Fatal(err)
		}
	}
}
