package discovery

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// A step of a tracker is written in words: "aa 1 2" sees tag aa over IPv4 at
// hosts 1 and 2, "aa/6 1" over IPv6, "aa:9 1" at port 9, "aa=Ben 1" with
// another name; "end" ends a browse, "short" one too short to count. An event
// reads alike, with a minus sign if it is Gone.
func TestTracker(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps string // separated by commas
		want  string // events, separated by commas
	}{
		{"found once", "aa 1, aa 1, end, aa 1", "aa 1"},
		{"ourselves", "me 1, end, end, end", ""},
		{"gone after three", "aa 1, end, end, end, end", "aa 1, -aa 1"},
		{"not gone after two", "aa 1, end, end, end, aa 1, end, end, end", "aa 1"},
		{"back after it was gone", "aa 1, end, end, end, end, aa 1", "aa 1, -aa 1, aa 1"},
		{"short browses prove nothing", "aa 1, end, short, short, short, short", "aa 1"},
		{"heard in a short browse", "aa 1, end, end, end, aa 1, short, end, end", "aa 1"},
		{"another address", "aa 1, aa 2, aa 2", "aa 1, aa 2"},
		{"another port", "aa 1, aa:9 1", "aa 1, aa:9 1"},
		{"another name", "aa 1, aa=Ben 1", "aa 1, aa=Ben 1"},
		{"both families, no flapping", "aa 1, aa/6 2, end, aa/6 2, aa 1, end, aa 1, aa/6 2", "aa 1, aa 1 2"},
		{"one family goes", "aa 1, aa/6 2, end, aa 1, end, aa 1, end, aa 1, end", "aa 1, aa 1 2, aa 1"},
		{"the same address over both", "aa 1, aa/6 1", "aa 1"},
		{"another port voids the other family", "aa 1, aa/6 2, aa/6:9 2", "aa 1, aa 1 2, aa:9 2"},
		{"at most eight", "aa 1 2 3 4 5, aa/6 6 7 8 9", "aa 1 2 3 4 5, aa 1 2 3 4 5 6 7 8"},
		{"in the order of tags", "cc 1, aa 1, bb 1, end, end, end, end", "cc 1, aa 1, bb 1, -aa 1, -bb 1, -cc 1"},
	} {
		tr := newTracker("me")
		var got []string
		for step := range strings.SplitSeq(c.steps, ", ") {
			for _, e := range take(tr, step) {
				got = append(got, spell(e))
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}

func take(tr *tracker, step string) []Event {
	if step == "end" || step == "short" {
		return tr.endBrowse(step == "end")
	}
	words := strings.Fields(step)
	who, name, _ := strings.Cut(words[0], "=")
	port := uint16(1)
	if w, p, ok := strings.Cut(who, ":"); ok {
		who = w
		fmt.Sscan(p, &port)
	}
	f := overIPv4
	if w, ok := strings.CutSuffix(who, "/6"); ok {
		who, f = w, overIPv6
	}
	s := sighting{tag: who, name: name, version: 1}
	for _, host := range words[1:] {
		s.addrs = append(s.addrs, netip.AddrPortFrom(netip.MustParseAddr("10.0.0."+host), port))
	}
	if e, news := tr.saw(time.Unix(0, 0), f, s); news {
		return []Event{e}
	}
	return nil
}

func spell(e Event) string {
	var b strings.Builder
	if e.Gone {
		b.WriteByte('-')
	}
	b.WriteString(e.Hint.Tag)
	if p := e.Hint.Addrs[0].Port(); p != 1 {
		fmt.Fprintf(&b, ":%d", p)
	}
	if e.Hint.Name != "" {
		b.WriteString("=" + e.Hint.Name)
	}
	for _, ap := range e.Hint.Addrs {
		b.WriteString(" " + strings.TrimPrefix(ap.Addr().String(), "10.0.0."))
	}
	return b.String()
}

func TestTrackerIsBounded(t *testing.T) {
	tr := newTracker("me")
	found := 0
	for i := range 1000 {
		found += len(take(tr, fmt.Sprintf("%016x 1", i)))
	}
	if found != maxPeers || len(tr.peers) != maxPeers || tr.refused != 1000-maxPeers {
		t.Errorf("%d found, %d kept, %d refused", found, len(tr.peers), tr.refused)
	}
	if got := take(tr, fmt.Sprintf("%016x 2", 0)); len(got) != 1 {
		t.Error("a known one is no longer followed")
	}
}

func TestTrackerSaysWhoIsMissing(t *testing.T) {
	tr := newTracker("me")
	take(tr, "aa 1")
	for i, c := range []struct {
		step string
		want bool
	}{{"end", false}, {"end", true}, {"aa 1", false}, {"end", false}, {"end", true}, {"end", true}, {"end", false}} {
		take(tr, c.step)
		if tr.missing() != c.want {
			t.Errorf("after step %d, %q: missing is %v", i, c.step, !c.want)
		}
	}
}
