package protocol

import (
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// onChanges hands changes to the host, and sees to it that what they lack is
// asked for.
func (s *Session) onChanges(ctx context.Context, m *changes) error {
	if !s.Shares(m.Space) {
		return nil
	}
	r := Received{From: s.peer, Space: m.Space, Doc: m.Doc, Chunks: m.Changes}
	for _, h := range m.Heads {
		r.Heads = append(r.Heads, h.trust())
	}
	if err := s.noteNamed(m); err != nil {
		return err
	}
	want, err := s.host.Receive(ctx, r)
	if err == nil || errors.Is(err, ErrLetGo) {
		return s.noteWant(m.Space, m.Doc, want, err != nil)
	}
	if breaks(err) || ctx.Err() != nil {
		return err
	}
	s.log.Warn("changes could not be taken; they are asked for again", "doc", m.Doc, "err", err)
	return s.noteWant(m.Space, m.Doc, s.host.Committed(m.Space, m.Doc), true)
}

// noteNamed takes what a peer sends as said that it has it: it may have come to us by
// another way before, or be about to.
func (s *Session) noteNamed(m *changes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[m.Space]
	if sp == nil {
		return nil // it was closed meanwhile
	}
	if sp.docs[m.Doc] == nil && (!sp.synced || len(m.Heads) == 0) {
		return nil // the comparison to come tells
	}
	d, err := sp.named(m.Doc)
	if err != nil {
		return fmt.Errorf("document %v: %w", m.Doc, err)
	}
	d.showed = true
	s.owe(d)
	if !s.ackTimed {
		s.nudge()
	}
	for _, h := range m.Heads {
		if err := d.learnTip(crdt.ActorID(h.Actor), crdt.Tip{Seq: h.Seq, Hash: h.Hash}); err != nil {
			return err
		}
	}
	return nil
}

// noteWant keeps what we hold of a document of which something is missing, nil
// if nothing is. What was lost is asked for even if no later change builds on it.
func (s *Session) noteWant(space trust.SpaceID, doc crdt.DocID, want crdt.Vector, lost bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	if sp == nil {
		return nil // it was closed meanwhile
	}
	d := sp.docs[doc]
	if want == nil {
		if d != nil && !d.lost {
			d.want, d.asked, d.wantWait = nil, nil, 0
			delete(s.wants, d)
		}
		return nil
	}
	d, err := sp.named(doc)
	if err != nil {
		return fmt.Errorf("document %v: %w", doc, err)
	}
	s.wantLocked(d, want, lost)
	return nil
}

// wantLocked is noteWant of a document that the session knows; under mu.
func (s *Session) wantLocked(d *docState, want crdt.Vector, lost bool) {
	if d.asked != nil && !want.Equal(d.asked) {
		d.wantWait = wantInterval // it brought something
	}
	if d.want == nil {
		d.wantAt = time.Now().Add(wantDelay)
		if next := d.wantedAt.Add(d.wantWait); next.After(d.wantAt) {
			d.wantAt = next
		}
		s.wants[d] = struct{}{}
		s.nudge() // so that the writer looks then
	}
	d.want, d.lost = want, d.lost || lost
}

// dropSupplied forgets wants that are due and have been supplied meanwhile, by
// another peer as a rule: nothing is held of which the peer has more, as far as it
// has said. What comes after the look at what is held is in theirs.
func (s *Session) dropSupplied(now time.Time) {
	var due []*docState
	s.mu.Lock()
	for d := range s.wants {
		if !d.wantAt.After(now) {
			due = append(due, d)
		}
	}
	s.mu.Unlock()
	for _, d := range due {
		held := s.host.Committed(d.space.id, d.id)
		s.mu.Lock()
		switch _, waits := s.wants[d]; {
		case !waits:
		case !d.lost && held.Covers(d.theirs):
			d.want, d.asked, d.wantWait = nil, nil, 0
			delete(s.wants, d)
		default:
			d.freshen(held)
		}
		s.mu.Unlock()
	}
}

// freshen raises what we say that we hold to what we hold by now: what has come since
// it was noted need not be sent. The host may have named the first change of an actor
// on purpose, as it wants all others; that stays. Under mu.
func (d *docState) freshen(held crdt.Vector) {
	want := d.want.Clone()
	for a, tip := range held {
		if want[a].Seq != 1 {
			want.Advance(a, tip)
		}
	}
	d.want = want
}

// dueWants asks for what is missing; under mu. A vector that is too long is cut:
// the peer adds what we have acknowledged.
func (s *Session) dueWants(now time.Time) ([]message, time.Duration) {
	next := never
	var out []message
	for d := range s.wants {
		if wait := d.wantAt.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		entries := toEntries(d.want)
		out = append(out, &have{
			Space: d.space.id, Doc: d.id, Vector: entries[:min(len(entries), MaxActors)], Want: true,
		})
		d.wantWait = min(max(2*d.wantWait, wantInterval), maxWantInterval)
		d.asked, d.want, d.lost, d.wantedAt = d.want, nil, false, now
		delete(s.wants, d)
	}
	return out, next
}
