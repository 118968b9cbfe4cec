package desktop

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"starling/crdt"
	"starling/sync/peer"
)

// board says what arrives, and what has forked, beside what a peer says.
type board struct {
	*peer.Peer
	mu    sync.Mutex
	docs  map[crdt.DocID]peer.Arriving
	forks []peer.ForkInfo
}

func (a *board) Forks(context.Context) ([]peer.ForkInfo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.forks, nil
}

func (a *board) Arriving(doc crdt.DocID) (peer.Arriving, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one, ok := a.docs[doc]; ok {
		return one, true
	}
	return a.Peer.Arriving(doc)
}

func (a *board) AllArriving(space peer.SpaceID) []peer.Arriving {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.Collect(maps.Values(a.docs))
	all = slices.DeleteFunc(all, func(one peer.Arriving) bool { return one.Space != space })
	return append(all, a.Peer.AllArriving(space)...)
}

// arrives says that something arrives, or has arrived if it has no size.
func (s *stage) arrives(a peer.Arriving) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if a.Size == 0 {
		delete(s.board.docs, a.Doc)
	} else {
		s.board.docs[a.Doc] = a
	}
	s.bridge.wake()
}

// readable is an arrival that is being checked.
func readable(doc crdt.DocID, space peer.SpaceID, text string) peer.Arriving {
	title, _, _ := strings.Cut(strings.TrimLeft(text, "# "), "\n")
	return peer.Arriving{Doc: doc, Space: space, Readable: true, Title: title, Text: text, Held: 9, Size: 9}
}

// A text that is being checked can be read and not written in. When that is done,
// the same view goes on as the document's, wherever one has scrolled to and
// whatever was written before it meanwhile.
func TestArrivingTextBecomesTheDocument(t *testing.T) {
	long := "# Long\n" + strings.Repeat("A line of many.\n", 400)
	for name, since := range map[string]string{"the same text": "", "a newer text": "Newer. "} {
		t.Run(name, func(t *testing.T) {
			s := raise(t, "Ada")
			s.opened("Welcome, Ada")
			id, err := s.peer.NewDocument(t.Context(), s.desk.Space, since+long)
			if err != nil {
				t.Fatal(err)
			}
			s.arrives(readable(id, s.desk.Space, long))
			s.openWanted(id)
			s.until("the text is shown", func() bool { return s.coming.Doc == id && s.editor != nil })
			s.until("the list says so", func() bool {
				return slices.ContainsFunc(s.places.list.rows, func(r listRow) bool {
					return r.Title == "Long" && r.Note == "being checked" && r.Selected
				})
			})
			if s.header.pill.view != arrivingChip || s.Title() != "Long - Starling" {
				t.Errorf("chip %+v, title %q", s.header.pill.view, s.Title())
			}
			s.write("no")
			if s.editor.Text() != long || s.page.notice == nil || s.page.notice.words.words != arrivingLine {
				t.Error("one can write in it, or is not told why not")
			}
			s.editor.GoTo(3000)
			s.editor.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -60)})
			was, shown := s.editor, slice(long, firstRow(t, s), len(long))

			s.arrives(peer.Arriving{Doc: id})
			s.until("it has arrived", func() bool { return !s.window.arrives() && s.openDoc() != nil })
			if s.editor != was {
				t.Error("another view came in its place")
			}
			if now := slice(s.editor.Text(), firstRow(t, s), len(since+long)); now != shown {
				t.Errorf("the first row has moved from %d to %d characters before the end", len(shown), len(now))
			}
			if at, _ := s.editor.Caret(); at != 3000+len(since) {
				t.Errorf("the caret is at %d", at)
			}
			if s.page.notice != nil {
				t.Errorf("still says %q", s.page.notice.words.words)
			}
			s.write("yes")
			s.until("it is written", func() bool {
				text, err := s.peer.Text(t.Context(), id)
				return err == nil && len(text) == len(since+long)+3 && strings.Contains(text, "yes")
			})
			s.until("the row is one of many", func() bool {
				return !slices.ContainsFunc(s.places.list.rows, func(r listRow) bool { return r.Note != "" })
			})
		})
	}
}

func firstRow(t *testing.T, s *stage) int {
	t.Helper()
	top, ok := s.editor.FirstRow()
	if !ok {
		t.Fatal("there is no view")
	}
	return top
}

// What is on its way to an empty space is shown as far as it has come.
func TestArrivingInABareSpace(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	space, err := s.peer.NewSpace(t.Context(), "Bare")
	if err != nil {
		t.Fatal(err)
	}
	s.until("there are two spaces", func() bool { return len(s.world.Spaces) == 2 })
	s.openSpace(space)
	id := crdt.DocID{7}
	s.arrives(peer.Arriving{Doc: id, Space: space, Held: 40, Size: 100})
	s.until("it is said to come", func() bool { return s.coming.Held == 40 && s.page.body != s.page.empty })
	if row := s.places.list.rows[0]; row.Title != "Arriving…" || row.Note != "40 %" {
		t.Errorf("the list says %+v", row)
	}
	s.arrives(peer.Arriving{Doc: id, Space: space, Held: 80, Size: 100})
	s.until("more has come", func() bool { return s.coming.Held == 80 })
	s.arrives(readable(id, space, "# Tides\nHigh at noon."))
	s.until("it can be read", func() bool { return s.editor != nil && s.editor.Text() == "# Tides\nHigh at noon." })
	s.showReach()
	if s.dialog == nil || !s.shows(arrivingLine) || s.shows("It is being looked up.") {
		t.Error("does not say why it can only be read")
	}
	s.closeDialog()
	s.openPast()
	if s.versions.empty.words != "This document is still being checked." {
		t.Errorf("its past says %q", s.versions.empty.words)
	}
	s.closePast()

	s.arrives(peer.Arriving{Doc: id}) // it was refused
	s.until("it is gone", func() bool { return s.editor == nil && s.page.body == s.page.empty })
	if s.page.notice == nil || !strings.Contains(s.page.notice.words.words, "“Tides” did not pass the check") {
		t.Error("does not say why")
	}
}

func TestArrivingRows(t *testing.T) {
	here := peer.Document{ID: crdt.DocID{1}, Title: "b"}
	documents := []peer.Document{here, {ID: crdt.DocID{2}, Title: "half of it"}}
	arriving := map[crdt.DocID]peer.Arriving{
		{2}: {Doc: crdt.DocID{2}, Readable: true, Title: "a"},
		{3}: {Doc: crdt.DocID{3}, Held: 1, Size: 3},
	}
	var got []string
	for _, d := range withArriving(documents, arriving, nil) {
		got = append(got, d.Title+" "+arrivingNote(arriving[d.ID]))
	}
	if want := []string{"a being checked", "Arriving… 33 %", "b 0 %"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := withArriving(documents, nil, nil); !slices.Equal(all, documents) {
		t.Errorf("nothing arrives, and yet %v", all)
	}
	twins := []peer.Document{{ID: crdt.DocID{5}, Title: "b"}, {ID: crdt.DocID{4}, Title: "b"}}
	all := withArriving(twins, arriving, []peer.ForkInfo{{Doc: crdt.DocID{5}, Branch: crdt.DocID{4}}})
	if last := all[len(all)-2:]; !slices.Equal(last, twins) {
		t.Errorf("the branch is before its document: %v", last)
	}
}

// postman says what comes, and no more.
type postman struct {
	source
	comes []peer.Arriving
}

func (p *postman) AllArriving(peer.SpaceID) []peer.Arriving { return p.comes }

// What comes is looked at again soon while more of it does, and seldom if it has
// stopped; only what has changed is told.
func TestLookingAtWhatArrives(t *testing.T) {
	post := &postman{}
	g := &gatherer{bridge: &bridge{source: post}}
	g.world.Spaces = []peer.Space{{}}
	part := func(held int) []peer.Arriving { return []peer.Arriving{{Doc: crdt.DocID{1}, Held: held, Size: 9}} }
	for i, step := range []struct {
		comes   []peer.Arriving
		changed bool
		pause   time.Duration // at most; zero for no more looks
	}{
		{nil, false, 0},
		{part(3), true, progressPause},
		{part(4), true, progressPause},
		{part(4), false, restPause},
		{part(5), true, progressPause},
		{[]peer.Arriving{readable(crdt.DocID{1}, peer.SpaceID{}, "Tides")}, true, 0},
		{nil, true, 0},
	} {
		post.comes = step.comes
		if step.pause == restPause {
			g.arrivingAt = time.Now() // the look is due
		}
		before := time.Now()
		if changed := g.readArriving(); changed != step.changed {
			t.Errorf("step %d: changed %v", i, changed)
		}
		switch {
		case step.pause == 0 != g.arrivingAt.IsZero():
			t.Errorf("step %d: looks again at %v", i, g.arrivingAt)
		case step.pause == restPause && g.arrivingAt.Before(before.Add(restPause)),
			step.pause == progressPause && g.arrivingAt.After(time.Now().Add(progressPause)):
			t.Errorf("step %d: looks again in %v", i, g.arrivingAt.Sub(before))
		}
	}
}
