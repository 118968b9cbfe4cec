package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

var (
	me    = peer.Person{ID: peer.DeviceID{1}, Name: "Ada", Colour: "#3867B7"}
	grace = peer.Person{ID: peer.DeviceID{2}, Name: "Grace", Colour: "#B4436C"}
	alan  = peer.Person{ID: peer.DeviceID{3}, Name: "Alan", Colour: "#2E7D5B"}
	edith = peer.Person{ID: peer.DeviceID{4}, Name: "Edith", Colour: "#5B6B1E"}

	field1, field2 = peer.SpaceID{1}, peer.SpaceID{2}
	doc1, doc2     = crdt.DocID{1}, crdt.DocID{2}
	doc3           = crdt.DocID{3}

	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func member(p peer.Person, role string) peer.Member { return peer.Member{Person: p, Role: role} }

// sample is a space of three with a fourth person nearby.
func sample() (*world, desk) {
	w := &world{
		Me: me, Named: true,
		Status: peer.Status{Running: true, Discovery: true, Networks: []string{"wlan0"}},
		Spaces: []peer.Space{
			{ID: field1, Name: "Field notes", Role: "owner", Members: []peer.Member{
				member(me, "owner"), member(grace, "editor"), member(alan, "editor"),
			}},
			{ID: field2, Name: "Kitchen", Role: "editor", Members: []peer.Member{member(edith, "owner"), member(me, "editor")}},
		},
		Documents: []peer.Document{
			{ID: doc1, Space: field1, Title: "Tide tables", Updated: noon},
			{ID: doc2, Space: field1, Updated: noon.Add(-time.Hour)},
			{ID: doc3, Space: field2, Title: "Bread", Updated: noon.Add(time.Minute)},
		},
		Peers: []peer.PeerInfo{
			{ID: grace.ID, Tag: "02", Name: "Grace", Known: true, Nearby: true, Connected: true, LastSeen: noon},
			{ID: alan.ID, Tag: "03", Name: "Alan", Known: true, LastSeen: noon.Add(-10 * time.Hour)},
			{Tag: "c0ffee", Name: "Marsh laptop", Nearby: true},
		},
		Readers: map[crdt.DocID][]peer.Person{doc1: {grace}},
	}
	d := desk{
		Space: field1, Doc: doc1,
		State:  peer.DocState{Saved: true, Reached: []peer.Member{member(grace, "editor")}, Missing: []peer.Member{member(alan, "editor")}},
		Others: []peer.Cursor{{Person: grace, Typing: true}},
	}
	return w, d
}

func TestChipSaysSavedOnlyWhenSaved(t *testing.T) {
	reached := []peer.Member{member(grace, "editor")}
	missing := []peer.Member{member(alan, "editor")}
	for _, c := range []struct {
		state peer.DocState
		want  chipView
	}{
		{peer.DocState{}, chipView{"Saving…", "Saving…", toneBusy}},
		{peer.DocState{Reached: reached}, chipView{"Saving…", "Saving…", toneBusy}},
		{peer.DocState{Saved: true}, chipView{"Saved", "Saved", toneGood}},
		{peer.DocState{Saved: true, Reached: reached, Missing: missing}, chipView{"Saved, reached 1 of 2", "Saved", toneGood}},
		{peer.DocState{Saved: true, Missing: missing}, chipView{"Saved, reached 0 of 1", "Saved", toneAlone}},
		{peer.DocState{Saved: true, Err: peer.ErrStopped}, chipView{"Not saved", "Not saved", toneBad}},
	} {
		if got := chipOf(c.state, false, false); got != c.want {
			t.Errorf("chip of %+v is %+v, want %+v", c.state, got, c.want)
		}
	}
	// Each key is on its way to those who are there for a moment.
	for near, want := range map[bool]tone{true: toneGood, false: toneAlone} {
		r := &peer.Reached{Saved: true, Missing: []peer.ReachedMember{{Person: alan, Connected: near}, {Person: grace}}}
		if got := chipOf(stateOf(r), catchingUp(r), false); got.Words != "Saved, reached 0 of 2" || got.Tone != want {
			t.Errorf("connected: %v, it is %+v", near, got)
		}
	}
}

func TestPeopleAreWhereTheyAre(t *testing.T) {
	w, d := sample()
	got := peopleOf(w, d, noon)
	say := func(rows []personRow) string {
		var out []string
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%s (%s) %d", r.Name, r.Below, r.Action))
		}
		return strings.Join(out, "; ")
	}
	for _, c := range []struct{ what, got, want string }{
		{"here", say(got.Here), "Grace (typing, up to date) 1"},
		{"members", say(got.Members), "Alan (editor, seen 02:00) 0; You (owner) 0"},
		{"nearby", say(got.Nearby), "Marsh laptop (not in this space) 2"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if r := got.Nearby[0]; r.Start != "c0ffee" || !r.Figure.Device {
		t.Errorf("a stranger is named by the tag and drawn as a device, not %+v", r)
	}
	if !got.Members[0].Figure.Away {
		t.Error("who is away is not drawn so")
	}
}

func TestPeopleElsewhereInTheSpace(t *testing.T) {
	w, d := sample()
	d.Others = nil
	d.State = peer.DocState{Saved: true, Missing: []peer.Member{member(grace, "editor")}}
	got := peopleOf(w, d, noon)
	if len(got.Here) != 0 || len(got.Members) != 3 || got.Members[0].Name != "Alan" || got.Members[1].Below != "editor, nearby, catching up" {
		t.Errorf("got %+v", got)
	}
	// In a space of another's, nobody can be added by us.
	d = desk{Space: field2}
	got = peopleOf(w, d, noon)
	for _, r := range got.Nearby {
		if r.Action != actNone {
			t.Errorf("%s can be added to a space that is not ours", r.Name)
		}
	}
	if len(got.Nearby) != 2 || len(got.Members) != 2 || got.Members[0].Below != "owner, not seen yet" {
		t.Errorf("got %+v", got)
	}
}

func TestNamesakesAreToldApart(t *testing.T) {
	w, d := sample()
	w.Peers = append(w.Peers, peer.PeerInfo{Tag: "beef01", Name: "Marsh laptop", Nearby: true})
	got := peopleOf(w, d, noon).Nearby
	if len(got) != 2 || got[0].Below != "not in this space, beef" || got[1].Below != "not in this space, c0ff" {
		t.Errorf("got %+v", got)
	}
}

func TestWhoAsksIsNotAlsoNearby(t *testing.T) {
	w, d := sample()
	w.Peers = append(w.Peers, peer.PeerInfo{ID: edith.ID, Name: "Edith", Nearby: true})
	w.Pairings = []peer.PairingInfo{{Key: 7, ID: edith.ID, Name: "Edith", Code: "123456", Incoming: true}}
	got := peopleOf(w, d, noon)
	if len(got.Nearby) != 1 || len(got.Requests) != 1 || got.Requests[0].Below != "would like to write with you" {
		t.Errorf("got %+v", got)
	}
	w.Pairings[0].Confirmed = true
	if got := peopleOf(w, d, noon).Requests[0].Below; got != "waiting for their answer" {
		t.Errorf("after our answer: %s", got)
	}
}

func TestDocumentRows(t *testing.T) {
	w, d := sample()
	rows, ids := documentRows(w, d, w.inSpace(d.Space))
	if len(rows) != 2 || ids[0] != doc1 || ids[1] != doc2 {
		t.Fatalf("got %v %v", rows, ids)
	}
	if r := rows[0]; !r.Selected || r.Quiet || r.People != 1 || r.Figures[0].Initial != "G" {
		t.Errorf("the open document: %+v", r)
	}
	if r := rows[1]; r.Title != "Untitled" || !r.Quiet || r.Selected {
		t.Errorf("a document without a title: %+v", r)
	}
}

func TestFoundRowsAreTitlesThenTexts(t *testing.T) {
	w, d := sample()
	hits := []peer.Hit{
		{ID: doc3, Space: field2, Title: "Bread", Snippet: "# Bread \x02tide\x03 of dough"},
		{ID: doc1, Space: field1, Title: "Tide tables", Snippet: "# Tide tables high \x02tide\x03"},
	}
	rows, ids := foundRows(w, d, "tide", hits)
	want := []struct {
		id    crdt.DocID
		below string
	}{{doc1, "high tide"}, {doc3, "Kitchen: tide of dough"}}
	if len(rows) != len(want) {
		t.Fatalf("got %+v", rows)
	}
	for i, c := range want {
		if ids[i] != c.id || rows[i].Below != c.below {
			t.Errorf("row %d is %v %q, want %v %q", i, ids[i], rows[i].Below, c.id, c.below)
		}
	}
	if rows, _ := foundRows(w, d, "nowhere", nil); len(rows) != 0 {
		t.Errorf("found %v", rows)
	}
}

func TestLatestDocument(t *testing.T) {
	w, _ := sample()
	for _, c := range []struct {
		space peer.SpaceID
		want  crdt.DocID
		ok    bool
	}{{peer.SpaceID{}, doc3, true}, {field1, doc1, true}, {peer.SpaceID{9}, crdt.DocID{}, false}} {
		if d, ok := w.latest(c.space); d.ID != c.want || ok != c.ok {
			t.Errorf("latest in %v is %v %v", c.space, d.ID, ok)
		}
	}
}

func TestNetworkLines(t *testing.T) {
	on := peer.Status{Running: true, Discovery: true, Networks: []string{"wlan0"}}
	off := peer.Status{Running: true, Discovery: true}
	blind := peer.Status{Running: true}
	far, wide := on, blind
	far.Far, wide.Far = []string{"203.0.113.9"}, []string{"203.0.113.9", "203.0.113.10"}
	near := []peer.PeerInfo{{Nearby: true}, {Connected: true}, {Known: true}}
	for _, c := range []struct {
		status         peer.Status
		peers          []peer.PeerInfo
		network, under string
		first          string
		icon           assets.Icon
	}{
		{on, near, "On this network only", "2 nearby, this network only", "2 people nearby. You can join them in a moment.", assets.IconWifi},
		{on, near[:1], "On this network only", "1 nearby, this network only", "1 person nearby. You can join them in a moment.", assets.IconWifi},
		{on, nil, "On this network only", "Nobody nearby yet", "Nobody nearby yet. You can write all the same.", assets.IconWifi},
		{off, nil, "No network", "No network, all is kept here", "No network now. You can write all the same.", assets.IconWifiOff},
		{off, near, "No network", "No network, all is kept here", "2 people nearby. You can join them in a moment.", assets.IconWifiOff},
		{far, near, "This network and 1 address", "2 nearby, 1 address beyond", "2 people nearby. You can join them in a moment.", assets.IconLink},
		{wide, near, "This network and 2 addresses", "2 nearby, 2 addresses beyond", "2 people nearby. You can join them in a moment.", assets.IconLink},
		{blind, near, "By address only", "2 connected, by address only", "2 people nearby. You can join them in a moment.", assets.IconLink},
		{blind, nil, "By address only", "Nobody nearby yet", "Nobody nearby yet. You can write all the same.", assets.IconLink},
	} {
		w := &world{Status: c.status, Peers: c.peers}
		network, icon := networkLine(w)
		if network != c.network || icon != c.icon || presenceLine(w) != c.under || firstLine(w) != c.first {
			t.Errorf("%+v: %q %v, %q, %q", c, network, icon, presenceLine(w), firstLine(w))
		}
	}
}

func TestSeenLine(t *testing.T) {
	for _, c := range []struct {
		last time.Time
		want string
	}{
		{time.Time{}, "not seen yet"},
		{time.Unix(0, 0), "not seen yet"},
		{noon.Add(-time.Minute), "seen 11:59"},
		{noon.AddDate(0, 0, -1), "seen yesterday"},
		{noon.AddDate(0, -1, 0), "seen 22 October"},
		{noon.AddDate(-1, 0, 0), "seen 22 November 2025"},
	} {
		if got := seenLine(c.last, noon); got != c.want {
			t.Errorf("seen at %v: %q, want %q", c.last, got, c.want)
		}
	}
}

func TestNamesFromElsewhereAreMadeFit(t *testing.T) {
	for in, want := range map[string]string{
		"  Ada \n Lovelace ": "Ada   Lovelace", "a\x00\x1b[31mb": "a [31mb", "\n\t": "",
		strings.Repeat("é", 100): strings.Repeat("é", nameLimit-1) + "…",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := nameOr(" \n", "Someone"); got != "Someone" {
		t.Errorf("no name becomes %q", got)
	}
}

func TestFigures(t *testing.T) {
	for name, want := range map[string]string{"ada": "A", "élan": "É", "42": "4", "…": "?", "": "?", "  b": "B"} {
		if got := initial(name); got != want {
			t.Errorf("initial of %q is %q, want %q", name, got, want)
		}
	}
	for i := range 8 {
		if got := colourNumber(colourText(i)); got != i {
			t.Errorf("colour %d, as %s, is read as %d", i, colourText(i), got)
		}
	}
	for text, want := range map[string]int{"": 0, "#12345": 0, "#gggggg": 0, "1F6F78": 0, "#3868b8": 1, "#FF0000": 4} {
		if got := colourNumber(text); got != want {
			t.Errorf("%q is colour %d, want %d", text, got, want)
		}
	}
}

func TestFirstTexts(t *testing.T) {
	for name, want := range map[string]string{"": "My notes", "Ada": "Ada’s notes", "Douglas": "Douglas’ notes"} {
		if got := firstSpace(name); got != want {
			t.Errorf("the first space of %q is %q, want %q", name, got, want)
		}
	}
	lines := strings.FieldsFunc(welcome("Ada"), func(r rune) bool { return r == '\n' })
	if len(lines) != 4 || lines[0] != "# Welcome, Ada" {
		t.Errorf("the first document is not a heading and three lines: %q", lines)
	}
}

// Whatever goes wrong is said in a sentence, and known things without Go's own
// words.
func TestSentences(t *testing.T) {
	for _, err := range []error{
		peer.ErrRejected, peer.ErrPairingTimeout, peer.ErrPairingEnded, peer.ErrNoPeer, peer.ErrUnreachable,
		peer.ErrNotOwner, peer.ErrOffline, peer.ErrStopped, peer.ErrBadName, peer.ErrAmbiguous, crdt.ErrNoContent,
	} {
		for _, name := range []string{"", "Grace"} {
			got := sentence(fmt.Errorf("edit 3: %w", err), name)
			if strings.Contains(got, "edit 3") || !strings.HasSuffix(got, ".") && !strings.HasSuffix(got, "?") {
				t.Errorf("%v is said as %q", err, got)
			}
		}
	}
	if got := sentence(errors.New("odd"), ""); !strings.Contains(got, "odd") {
		t.Errorf("the unknown is hidden: %q", got)
	}
	if got := sentence(&fs.PathError{Op: "mkdir", Path: "/x", Err: syscall.ENOTDIR}, ""); !strings.HasPrefix(got, "“/x” can't be used") {
		t.Errorf("a fault of the disk is said as %q", got)
	}
	if got := sentence(peer.ErrRejected, "Grace"); !strings.HasPrefix(got, "Grace ") {
		t.Errorf("a reject does not say by whom: %q", got)
	}
}

func TestSpacedCode(t *testing.T) {
	if got := spaced("417293"); got != "417 293" {
		t.Errorf("got %q", got)
	}
	if got := spaced(""); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestTypingIsTextThatGrows(t *testing.T) {
	var all typists
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	patches := []crdt.Patch{{Num: 1}, {Num: 2, At: 3, Inserted: 1}, {Num: 3}, {Num: 4}}
	since := func(seen uint64) ([]crdt.Patch, error) {
		if seen > uint64(len(patches)) {
			return nil, crdt.ErrStale
		}
		return patches[seen:], nil
	}
	for i, c := range []struct {
		now    time.Time
		caret  int
		seen   uint64
		typing bool
	}{
		{at(0), 5, 1, false},  // has come
		{at(1), 9, 1, false},  // moves the caret
		{at(2), 10, 2, false}, // somebody else writes before it
		{at(3), 11, 3, true},  // types
		{at(5), 11, 3, true},  // has just typed
		{at(6), 11, 3, false}, // no longer
		{at(7), 12, 4, true},
	} {
		others := []peer.Cursor{{Person: grace, Caret: c.caret, Seen: c.seen, Typing: true}}
		next := all.mark(doc1, others, c.now, since)
		if others[0].Typing != c.typing || next.IsZero() == c.typing {
			t.Errorf("step %d: typing %v until %v", i, others[0].Typing, next)
		}
	}
	others := []peer.Cursor{{Person: grace, Caret: 12, Seen: 9, Typing: true}}
	if all.mark(doc2, others, at(8), since); others[0].Typing {
		t.Error("typing in one document counts in another")
	}
}

func TestElsewhere(t *testing.T) {
	for want, p := range map[string]peer.PeerInfo{
		"not in this space":        {Nearby: true},
		"known, not in this space": {Nearby: true, Known: true},
		"in other spaces":          {Nearby: true, Known: true, Spaces: []peer.SpaceID{field2}},
	} {
		if row := nearbyRow(p, true); row.Below != want || row.Action != actAdd {
			t.Errorf("%+v shows %+v, want %q", p, row, want)
		}
	}
}
