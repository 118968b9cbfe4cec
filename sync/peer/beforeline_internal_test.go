package peer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// hears has a peer be connected with another one, which has told what it holds if
// told is true.
func (m *team) hears(p, from *Peer, told bool) {
	m.t.Helper()
	held := from.store.Committed(m.doc)
	p.mu.Lock()
	if p.net == nil {
		p.net = &network{p: p, log: p.log, links: make(map[DeviceID]*link), wake: make(chan struct{}, 1), refresh: make(chan struct{}, 1)}
	}
	l := &link{session: protocol.NewSession(p.ID(), deadLine{peer: from.ID()}, host{p.net}, p.log), since: time.Now()}
	l.told = func(_ SpaceID, yield func(crdt.DocID, crdt.Vector)) bool {
		if told {
			yield(m.doc, held)
		}
		return told
	}
	p.net.links[from.ID()] = l
	p.mu.Unlock()
	m.t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.net = nil
	})
}

// deadLine is a connection over which nothing ever comes.
type deadLine struct {
	protocol.Conn
	peer DeviceID
}

func (d deadLine) Peer() DeviceID { return d.peer }

// drawing is a line that is being drawn.
type drawing struct {
	report LineReport
	err    error
	done   bool
}

// draws has a peer demote another one, without waiting for the end.
func (m *team) draws(ctx context.Context, by, who *Peer, o LineOptions) *drawing {
	d := new(drawing)
	go func() {
		d.report, d.err = by.ChangeRole(ctx, m.space, who.ID().String(), "viewer", o)
		d.done = true
	}()
	synctest.Wait()
	return d
}

func (m *team) wantRole(p, who *Peer, want trust.Role) {
	m.t.Helper()
	if role, _ := p.spaces[m.space].roster.Role(who.ID()); role != want {
		m.t.Errorf("they are %v, want %v", role, want)
	}
}

// lacking is a team of an owner who lacks what a writer wrote and a reader has read.
func lacking(t *testing.T) (m *team, owner, writer, reader *Peer) {
	t.Helper()
	m = newTeam(t, 1, trust.Editor, trust.Editor)
	owner, writer, reader = m.peers[0], m.peers[1], m.peers[2]
	m.says(writer, "text ")
	m.give(writer, reader)
	return m, owner, writer, reader
}

// Whoever takes writing away from somebody does so when all has come that those
// have who are connected: nothing that others have read is lost.
func TestALineWaitsForWhatOthersHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, owner, writer, reader := lacking(t)
		m.hears(owner, reader, true)
		d := m.draws(t.Context(), owner, writer, LineOptions{})
		if d.done {
			t.Fatalf("the line is drawn before the text is here: %v", d.err)
		}
		m.wantRole(owner, writer, trust.Editor)
		m.give(reader, owner)
		time.Sleep(time.Second) // of the bubble
		synctest.Wait()
		if !d.done || d.err != nil || d.report.Alone || d.report.Warning() != "" {
			t.Fatalf("the line: %+v", d)
		}
		m.wantRole(owner, writer, trust.Viewer)
		m.tell(owner, reader)
		m.wantText(reader, "text begin\n")
		m.wantText(owner, "text begin\n")
	})
}

// It is not waited for longer than some time, and not at all if the person says so.
func TestALineThatWaitsInVain(t *testing.T) {
	for name, tell := range map[string]bool{"who has more": true, "who says nothing": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, owner, writer, reader := lacking(t)
				m.hears(owner, reader, tell)
				began := time.Now()
				_, err := owner.ChangeRole(t.Context(), m.space, writer.ID().String(), "viewer", LineOptions{})
				took := time.Since(began)
				lacks := (*NotAllHereError)(nil)
				switch {
				case !tell: // one who does not open the space does not know of it
					if err != nil || took < openingTime || took > 2*openingTime {
						t.Fatalf("after %v: %v", took, err)
					}
					return
				case !errors.As(err, &lacks) || !errors.Is(err, ErrNotAllHere) || lacks.Documents != 1:
					t.Fatalf("it ends with %v", err)
				case took < catchUpTime || took > catchUpTime+5*time.Second:
					t.Errorf("it took %v", took)
				}
				m.wantRole(owner, writer, trust.Editor)
				if d := m.draws(t.Context(), owner, writer, LineOptions{Now: true}); !d.done || d.err != nil {
					t.Fatalf("at once: %+v", d)
				}
				m.wantRole(owner, writer, trust.Viewer)
			})
		})
	}
}

// What is of somebody else, or stands beside the document already, is not waited for;
// and whoever gives up waiting draws no line.
func TestWhatALineDoesNotWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, owner, writer, reader := lacking(t)
		m.hears(owner, reader, true)
		ctx, cancel := context.WithCancel(t.Context())
		d := m.draws(ctx, owner, writer, LineOptions{})
		cancel()
		synctest.Wait()
		if !d.done || !errors.Is(d.err, context.Canceled) {
			t.Fatalf("it goes on: %+v", d)
		}
		m.wantRole(owner, writer, trust.Editor)
		m.says(reader, "more ")
		m.give(reader, owner)
		m.says(reader, "still more ")
		m.hears(owner, reader, true)
		if d := m.draws(t.Context(), owner, writer, LineOptions{}); !d.done || d.err != nil {
			t.Fatalf("it waits for another one's text: %+v", d)
		}
	})
}

// One who is connected to nobody can't know what there is, and is told so.
func TestALineThatIsDrawnAlone(t *testing.T) {
	m := newTeam(t, 1, trust.Editor)
	report, err := m.peers[0].Remove(t.Context(), m.space, m.peers[1].ID().String(), LineOptions{})
	if err != nil || !report.Alone || report.Warning() == "" {
		t.Errorf("%+v, %v", report, err)
	}
}
