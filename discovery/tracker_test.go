package discovery

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var zero = time.Unix(1_000_000, 0)

// A step of a tracker is written in words: "aa 1 2" sees tag aa over IPv4 at
// hosts 1 and 2, "aa/6 1" over IPv6, "aa:9 1" at port 9, "aa=Ben 1" with
// another name, "aa" alone a goodbye; "+60" lets seconds pass, "ask" asks over
// IPv4 and lists those known, "anew" asks and lists no one, "doubt" doubts all. An event reads
// alike, with a minus sign if it is Gone.
func TestTracker(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps string // separated by commas
		want  string // events, separated by commas
	}{
		{"found once", "aa 1, aa 1, +60, aa 1", "aa 1"},
		{"ourselves", "me 1, +200", ""},
		{"gone when it runs out", "aa 1, +119, +1", "aa 1, -aa 1"},
		{"kept up", "aa 1, +60, aa 1, +119", "aa 1"},
		{"back after it was gone", "aa 1, +120, aa 1", "aa 1, -aa 1, aa 1"},
		{"a goodbye waits a second", "aa 1, aa, +1", "aa 1, -aa 1"},
		{"a goodbye contradicted", "aa 1, aa, aa 1, +1", "aa 1"},
		{"a goodbye of someone unknown", "aa, +1", ""},
		{"doubted and silent", "aa 1, +1, doubt, anew, anew, anew, anew, +1", "aa 1, -aa 1"},
		{"doubted and given time", "aa 1, +1, doubt, anew, anew, anew, anew, +0.9", "aa 1"},
		{"silent but not doubted", "aa 1, +1, anew, anew, anew, anew, +9", "aa 1"},
		{"not asked often enough", "aa 1, +1, doubt, anew, anew, anew, +9", "aa 1"},
		{"answered between", "aa 1, +1, doubt, anew, anew, anew, aa 1, anew, anew, anew, +2", "aa 1"},
		{"not asked as it is listed", "aa 1, ask, +3, ask, +9, ask, +20", "aa 1"},
		{"another address", "aa 1, aa 2, aa 2", "aa 1, aa 2"},
		{"another port", "aa 1, aa:9 2, +30", "aa 1, aa:9 2 1, aa:9 2"},
		{"two say different things", "aa 1, aa:9 2, aa 1, aa:9 2", "aa 1, aa:9 2 1, aa 1 2, aa:9 2 1"},
		{"asked as two say different things", "aa 1, aa:9 2, +1, doubt, ask, ask, ask, ask, +1", "aa 1, aa:9 2 1, -aa:9 2 1"},
		{"of many things the last", "aa 1 2 3 4 5, aa:8 6 7 8 9, aa 1 2 3", "aa 1 2 3 4 5, aa:8 6 7 8 9 5 4 3 2, aa 1 2 3 9 8 7 6 5"},
		{"another name", "aa 1, aa=Ben 1", "aa 1, aa=Ben 1"},
		{"both families, no flapping", "aa 1, aa/6 2, +9, aa/6 2, aa 1, +9, aa 1, aa/6 2", "aa 1, aa 1 2"},
		{"one family goes", "aa 1, aa/6 2, +60, aa 1, +60", "aa 1, aa 1 2, aa 1"},
		{"the same address over both", "aa 1, aa/6 1", "aa 1"},
		{"another port doubts the other family", "aa 1, aa/6 2, aa/6:9 3, +30", "aa 1, aa 1 2, aa:9 3 2 1, aa:9 3"},
		{"at most eight", "aa 1 2 3 4 5, aa/6 6 7 8 9", "aa 1 2 3 4 5, aa 1 2 3 4 5 6 7 8"},
		{"in the order of tags", "cc 1, aa 1, bb 1, +120", "cc 1, aa 1, bb 1, -aa 1, -bb 1, -cc 1"},
		{"an interface goes", "aa 1, aa/6 2, close, +0", "aa 1, aa 1 2, aa 2"},
	} {
		tr, now, shut, doubt := newTracker("me", nil), zero, false, zero
		var got []string
		for step := range strings.SplitSeq(c.steps, ", ") {
			var events []Event
			switch {
			case step == "close":
				shut = true
			case step[0] == '+':
				d, err := time.ParseDuration(step[1:] + "s")
				if err != nil {
					t.Fatal(err)
				}
				now = now.Add(d)
				events = tr.sweep(now, func(p portID) (time.Time, bool) { return doubt, !shut || p.family != overIPv4 })
			case step == "doubt":
				doubt = now
			case step == "ask":
				tr.asked(now, portID{}, tr.known(now, portID{}, zero))
			case step == "anew":
				tr.asked(now, portID{}, nil)
			default:
				events = saw(tr, now, step)
			}
			for _, e := range events {
				got = append(got, spell(e))
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}

func saw(tr *tracker, now time.Time, step string) []Event {
	words := strings.Fields(step)
	who, name, _ := strings.Cut(words[0], "=")
	port := uint16(1)
	if w, p, ok := strings.Cut(who, ":"); ok {
		who = w
		fmt.Sscan(p, &port)
	}
	var at portID
	if w, ok := strings.CutSuffix(who, "/6"); ok {
		who, at.family = w, overIPv6
	}
	s := sighting{tag: who, name: name, version: 1, ttl: recordTTL}
	for _, w := range words[1:] {
		var host byte
		fmt.Sscan(w, &host)
		s.addrs = append(s.addrs, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, host}), port))
	}
	return tr.saw(now, at, s)
}

func spell(e Event) string {
	var b strings.Builder
	if e.Gone {
		b.WriteByte('-')
	}
	b.WriteString(e.Hint.Tag)
	if p := e.Hint.Addrs[0].Port(); p != 1 {
		fmt.Fprint(&b, ":", p)
	}
	if e.Hint.Name != "" {
		fmt.Fprint(&b, "=", e.Hint.Name)
	}
	for _, a := range e.Hint.Addrs {
		fmt.Fprint(&b, " ", a.Addr().As4()[3])
	}
	return b.String()
}

func TestThereIsRoomForSomeAndForThoseWhoAreTrusted(t *testing.T) {
	tr := newTracker("me", func(tag string) bool { return strings.HasPrefix(tag, "friend") })
	step := func(i int, tag string) []Event { return saw(tr, zero.Add(time.Duration(i)*time.Millisecond), tag+" 1") }
	for i := range 2 * maxPeers {
		if events := step(i, fmt.Sprint("stranger", i)); (len(events) == 1) != (i < maxPeers) {
			t.Fatalf("stranger %d: %v", i, events)
		}
	}
	if len(tr.peers) != maxPeers || tr.refused != maxPeers {
		t.Errorf("%d peers, %d refused", len(tr.peers), tr.refused)
	}
	for i := range maxPeers {
		events := step(1000+i, fmt.Sprint("friend", i))
		if len(events) != 2 || !events[0].Gone || events[0].Hint.Tag != fmt.Sprint("stranger", i) || events[1].Gone {
			t.Fatalf("friend %d: %v", i, events)
		}
	}
	if events := step(2000, "friend too many"); len(events) != 0 || len(tr.peers) != maxPeers {
		t.Errorf("%v, %d peers", events, len(tr.peers))
	}
}

func TestKnownAnswersAndFading(t *testing.T) {
	tr := newTracker("me", nil)
	saw(tr, zero, "aa 1")
	saw(tr, zero.Add(30*time.Second), "bb 2")
	saw(tr, zero.Add(30*time.Second), "cc/6 3")
	listed := func(at, since time.Duration) string {
		var tags []string
		for _, k := range tr.known(zero.Add(at), portID{}, zero.Add(since)) {
			tags = append(tags, fmt.Sprint(k.tag, k.left))
		}
		return strings.Join(tags, " ")
	}
	for _, c := range []struct {
		at, since time.Duration
		want      string
	}{
		{40 * time.Second, 0, "aa1m20s bb1m50s"},
		{60 * time.Second, 0, "bb1m30s"}, // half of aa's life is over
		{40 * time.Second, 30 * time.Second, "bb1m50s"},
		{90 * time.Second, 0, ""},
	} {
		if got := listed(c.at, c.since); got != c.want {
			t.Errorf("at %v since %v: %q, want %q", c.at, c.since, got, c.want)
		}
	}
	var fading []time.Duration
	for range 5 {
		fading = append(fading, tr.fading(portID{}).Sub(zero))
		tr.asked(zero.Add(80*time.Second), portID{}, []known{{tag: "bb"}})
	}
	want := []time.Duration{96 * time.Second, 108 * time.Second, 114 * time.Second, 117*time.Second + 600*time.Millisecond}
	if !slices.Equal(fading[:4], want) {
		t.Errorf("fading at %v, want %v", fading, want)
	}
	if !tr.fading(portID{index: 9}).IsZero() {
		t.Error("something fades where nothing is")
	}
}
