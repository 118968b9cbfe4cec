package peer

import (
	"strings"
	"testing"

	"starling/sync/trust"
)

// wantWaiting holds what a peer tells of what waits beside the document.
func (m *team) wantWaiting(p *Peer, want ...string) []Waiting {
	m.t.Helper()
	list, err := p.Waiting(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	var said []string
	for _, w := range list {
		said = append(said, w.String())
	}
	if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
		m.t.Errorf("it tells\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	return list
}

// Who was removed or demoted, and who is left, are told what of them is not shown, and
// what the text is with it.
func TestWhatWaitsIsTold(t *testing.T) {
	m := newTeam(t, 0, trust.Editor, trust.Editor, trust.Editor)
	owner, removed, demoted, reader := m.peers[0], m.peers[1], m.peers[2], m.peers[3]
	m.says(removed, "one ")
	m.says(removed, "two ")
	m.give(removed, reader)
	m.says(demoted, "three ")
	m.give(demoted, reader)
	m.wantWaiting(reader)
	m.removes(owner, removed)
	if _, err := owner.ChangeRole(t.Context(), m.space, demoted.ID().String(), "viewer", LineOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Peer{removed, demoted, reader} {
		m.tell(owner, p)
		m.wantText(p, "begin\n")
	}
	list := m.wantWaiting(reader,
		"2 changes by "+reader.who(removed.ID()).Name+" came after their removal and are not shown; an owner or editor can take them in",
		"1 change by "+reader.who(demoted.ID()).Name+" came after a change of their role and is not shown; an owner or editor can take it in")
	if len(list) == 2 && (list[0].Mine || list[0].First.After(list[0].Last) || list[0].Last.IsZero()) {
		t.Errorf("it tells %+v", list[0])
	}
	m.wantWaiting(owner)
	if list := m.wantWaiting(removed, "2 changes of yours came after your removal and are not shown to others; they are kept here, and an owner or editor who has them can take them in"); !list[0].Mine {
		t.Error("they are not told that it is theirs")
	}
	m.wantWaiting(demoted, "1 change of yours came after a change of your role and is not shown to others; it is kept here, and an owner or editor who has it can take it in")
	report, err := reader.Verify(t.Context(), m.doc)
	if err != nil || len(report.Problems) > 0 || !strings.HasPrefix(strings.Join(report.Notes, "; "), "2 changes by ") {
		t.Errorf("it is found: %+v, %v", report, err)
	}
	docs, err := reader.WaitingDocuments(t.Context())
	if err != nil || len(docs) != 1 || docs[0] != m.doc {
		t.Errorf("something waits beside %v: %v", docs, err)
	}
	with, err := reader.TextWith(t.Context(), m.doc)
	if err != nil || !strings.Contains(with, "two ") || !strings.Contains(with, "one ") || !strings.Contains(with, "three ") {
		t.Errorf("the text with it is %q: %v", with, err)
	}
	m.takesIn(reader, 3)
	m.wantText(reader, with)
	m.wantWaiting(reader)
}
