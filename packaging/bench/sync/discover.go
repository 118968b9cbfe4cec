//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

const (
	discoverHosts   = 32
	discoverFor     = 10 * time.Second // packets are counted as long
	discoverPercent = 30               // of the packets are lost, in the second case
)

// discover measures how long a neighbour takes to be known after the later of
// the two has started: the slowest of all pairs of 32 hosts on one bridge,
// which start at once, without and with loss at each host's entrance; and how
// many packets of multicast DNS they send together in the first 10 s. The
// times are in seconds. It needs root, ip, nft and nsenter.
func discover(out, talk io.Writer) error {
	if os.Geteuid() != 0 {
		fmt.Fprintln(talk, "discover: not measured: needs root, to make network namespaces")
		return nil
	}
	clean, err := discoverOnce(talk, 0)
	if err != nil {
		return err
	}
	lossy, err := discoverOnce(talk, discoverPercent)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "sync.discover32 %.3f\n", clean.slowest.Seconds())
	fmt.Fprintf(out, "sync.discover32_loss30 %.3f\n", lossy.slowest.Seconds())
	fmt.Fprintf(out, "sync.discover32_packets %d\n", clean.packets)
	return nil
}

// discovered is what one run showed.
type discovered struct {
	slowest time.Duration
	packets int
}

func discoverOnce(talk io.Writer, loss int) (discovered, error) {
	net, err := newBridge(discoverHosts, loss)
	if err != nil {
		return discovered{}, err
	}
	defer net.close()
	times, missing := net.start(discoverFor)
	if missing > 0 {
		return discovered{}, fmt.Errorf("%d of %d pairs did not meet within %v at a loss of %d %%",
			missing, discoverHosts*(discoverHosts-1), discoverFor, loss)
	}
	packets, err := net.packets()
	if err != nil {
		return discovered{}, err
	}
	slices.Sort(times)
	slowest := times[len(times)-1]
	fmt.Fprintf(talk, "discover: loss %d %%: median %v, 99 of 100 %v, slowest %v; %d packets of multicast DNS\n", loss,
		times[len(times)/2].Round(time.Millisecond), times[len(times)*99/100].Round(time.Millisecond),
		slowest.Round(time.Millisecond), packets)
	return discovered{slowest, packets}, nil
}
