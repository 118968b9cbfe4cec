package peer

import (
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/sync/identity"
)

// A program that was started anew comes in at once, whoever was there; one that
// another has put out comes in when that has had its turn.
func TestTwinsTakeTurns(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	them := id.ID()
	p := &Peer{people: map[DeviceID]*person{them: {paired: true}}}
	n := &network{p: p, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	now := time.Now()
	var at *link
	comes := func(run byte, after time.Duration, want bool) {
		t.Helper()
		in := true
		if at != nil {
			at.since = now.Add(-after)
			in = !n.twinLocked(them, at, [16]byte{run})
		}
		if in != want {
			t.Errorf("program %d comes in: %v", run, in)
		}
		if in {
			at = &link{run: [16]byte{run}, since: now}
			n.ranLocked(them, at.run)
		}
	}
	comes(1, 0, true)
	comes(1, 0, true) // again, from another address
	comes(2, 0, true) // started anew, as it seems
	comes(1, time.Second, false)
	comes(2, time.Second, true)
	comes(1, 2*twinTurn, true)
	comes(2, twinTurn/2, false)
	comes(2, twinTurn+time.Second, true)
	comes(3, 0, true)
	for run := range byte(10) {
		comes(10+run, 0, true)
	}
	comes(1, 0, true) // long forgotten
	if got := len(n.runs[them].seen); got != maxRuns {
		t.Errorf("%d programs are kept", got)
	}
}

// That another program runs with our key is told as long as it is met.
func TestATwinIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{p: &Peer{}, group: new(errgroup.Group), ctx: t.Context()}
		meet := func() (news bool) {
			n.p.mu.Lock()
			defer n.p.mu.Unlock()
			return n.noteTwinLocked(time.Now())
		}
		told := func() bool {
			n.p.mu.Lock()
			defer n.p.mu.Unlock()
			return !n.twin.IsZero()
		}
		if !meet() {
			t.Error("the first time is no news")
		}
		<-time.After(twinLasts - time.Second)
		if meet() {
			t.Error("it is news again")
		}
		<-time.After(twinLasts - time.Second)
		synctest.Wait()
		if !told() {
			t.Error("it is forgotten while it is met")
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		if told() {
			t.Error("it is told for ever")
		}
		if !meet() {
			t.Error("a later one is no news")
		}
		<-time.After(2 * twinLasts)
		if err := n.group.Wait(); err != nil {
			t.Error(err)
		}
	})
}
