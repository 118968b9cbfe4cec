package peer

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// One who is asked to redeem a link brings us into its space, and into no other;
// and into that one only if its roster has us.
func TestWhoIsAskedBringsUsIntoThatSpaceAlone(t *testing.T) {
	mallory, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ asked, ours, admitted, want bool }{
		"asked for it":          {true, true, true, true},
		"for another space":     {true, false, true, false},
		"of a space of it":      {true, true, false, false},
		"one who was not asked": {false, true, true, false},
	} {
		p, _ := alone(t)
		roster, err := trust.FoundSpace(mallory, "Trap", noon)
		if err != nil {
			t.Fatal(err)
		}
		if tt.admitted {
			if _, err := roster.Admit(mallory, trust.Admission{Subject: p.ID(), Name: "Ada", Role: trust.Viewer}, noon); err != nil {
				t.Fatal(err)
			}
		}
		j := &joining{devices: map[DeviceID]bool{mallory.ID(): tt.asked}}
		if tt.ours {
			j.ticket.Space = roster.ID()
		}
		p.joins = map[*joining]struct{}{j: {}}
		var raw [][]byte
		for _, s := range roster.Statements() {
			raw = append(raw, s.Bytes())
		}
		in, err := p.takeGrant(t.Context(), mallory.ID(), roster.ID(), []trust.Secret{{1}}, raw)
		if in != tt.want || err != nil || (p.spaces[roster.ID()] != nil) != tt.want {
			t.Errorf("%s: in %v, %v", name, in, err)
		}
	}
}

// Of many who show a link for one at the same moment one comes in; and nobody who
// only knows the roster, or shows what another one signed.
func TestManyShowALinkForOne(t *testing.T) {
	p, space := alone(t)
	i, err := p.Invite(t.Context(), space, InviteOptions{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := trust.ParseTicket(i.Link)
	if err != nil {
		t.Fatal(err)
	}
	shows := func(id DeviceID) protocol.Redemption {
		exporter := [32]byte{id[0]}
		return protocol.Redemption{From: id, Exporter: exporter, Invitation: ticket.Key(), Sig: ticket.Redeem(id, exporter)}
	}
	stolen := shows(DeviceID{1})
	stolen.From = DeviceID{2}
	replayed := shows(DeviceID{1})
	replayed.Exporter[5]++
	for _, r := range []protocol.Redemption{stolen, replayed, {From: DeviceID{1}, Invitation: ticket.Key(), Sig: make([]byte, 64)}} {
		if err := p.redeem(t.Context(), r); !errors.Is(err, protocol.ErrInviteUnknown) {
			t.Errorf("redeemed with another's signature: %v", err)
		}
	}
	var in, used atomic.Int32
	var all sync.WaitGroup
	for n := range byte(16) {
		all.Go(func() {
			switch err := p.redeem(t.Context(), shows(DeviceID{n + 1})); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, protocol.ErrInviteUsed):
				used.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 || used.Load() != 15 {
		t.Errorf("%d came in, %d were too late", in.Load(), used.Load())
	}
}
