package trust

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/sync/identity"
)

func TestInvitations(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "e": Editor})
	c.link("founder", "phone")
	c.meet()
	r := c.own["founder"]
	seed, err := NewTicketSeed()
	if err != nil {
		t.Fatal(err)
	}
	key := Ticket{Seed: seed}.Key()
	invite := func(count int, expiry int64) StatementHash {
		said := c.must(r.Invite(c.ids["founder"], Invitation{Key: key, Role: Commenter, Count: count, Expiry: expiry}, noon))
		return said[0].hash
	}
	one, many, short, taken := invite(1, 0), invite(0, 0), invite(2, noon.Unix()+60), invite(2, 0)
	c.must(r.Cancel(c.ids["founder"], taken, noon))
	c.meet()
	late := noon.Add(time.Minute)
	tests := []struct {
		name   string
		by     string
		invite StatementHash
		now    time.Time
		want   error
	}{
		{"for one, by the inviter", "founder", one, noon, nil},
		{"for one, by another device of the inviter", "phone", one, noon, nil},
		{"for one, by another owner", "a", one, noon, ErrNotRedeemer},
		{"for many, by another owner", "a", many, noon, nil},
		{"by an editor", "e", many, noon, ErrNotOwner},
		{"in time", "a", short, noon, nil},
		{"too late", "a", short, late, ErrExpired},
		{"without an end", "a", many, late.AddDate(100, 0, 0), nil},
		{"taken back", "a", taken, noon, ErrCancelled},
		{"of nobody", "a", StatementHash{1}, noon, ErrNoInvite},
	}
	for _, tt := range tests {
		if err := c.own["a"].MayRedeem(c.id(tt.by), tt.invite, tt.now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	x := device(t)
	c.must(r.Admit(c.ids["founder"], Admission{Subject: x.ID(), Name: "X", Role: Commenter, Invite: one}, noon))
	if err := r.MayRedeem(c.id("founder"), one, noon); !errors.Is(err, ErrUsed) {
		t.Errorf("a second time: %v", err)
	}
	all := r.Invitations()
	n := slices.IndexFunc(all, func(i Invitation) bool { return i.Hash == one })
	want := Invitation{one, c.id("founder"), key, Commenter, 1, 0, []identity.DeviceID{x.ID()}, false}
	if len(all) != 4 || !reflect.DeepEqual(all[n], want) {
		t.Errorf("%+v, want %+v", all, want)
	}
	if _, err := r.Cancel(c.ids["founder"], x0(r), noon); !errors.Is(err, ErrNoInvite) {
		t.Errorf("cancels a founding: %v", err)
	}
}

func x0(r *Roster) StatementHash { return r.kept[0].hash }

// An invitation by one who was removed meanwhile is void, and so is who came by
// it only if the one who let them in had no right.
func TestAnInvitationGoesWithItsAuthor(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "b": Owner})
	said := c.must(c.own["a"].Invite(c.ids["a"], Invitation{Key: [32]byte{1}, Role: Editor}, noon))
	c.meet("a", "b")
	c.ids["x"], c.own["x"] = device(t), NewRoster(c.space)
	c.must(c.own["b"].Admit(c.ids["b"], Admission{Subject: c.id("x"), Role: Editor, Invite: said[0].hash}, noon))
	c.remove("founder", "a")
	c.want(map[string]Role{"founder": Owner, "b": Owner, "x": Editor})
	if n := len(c.own["b"].Invitations()); n != 0 {
		t.Errorf("%d invitations", n)
	}
}

func TestTickets(t *testing.T) {
	full := Ticket{
		[32]byte{1, 31: 2},
		SpaceID{3, 31: 4},
		identity.DeviceID{5, 31: 6},
		[]string{"192.168.1.20:41234", "[fe80::1]:1", "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[fd00::2]:9"},
	}
	none := full
	none.Addrs = nil
	for _, want := range []Ticket{full, none} {
		text := want.String()
		if len(text) >= 300 || !strings.HasPrefix(text, "starling:") {
			t.Errorf("%d bytes: %s", len(text), text)
		}
		got, err := ParseTicket(" " + text + "\n")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		for n := range text {
			if _, err := ParseTicket(text[:n]); !errors.Is(err, ErrBadTicket) {
				t.Fatalf("cut to %d: %v", n, err)
			}
		}
		if _, err := ParseTicket(text + "AAAA"); !errors.Is(err, ErrBadTicket) {
			t.Errorf("longer: %v", err)
		}
	}
	odd := none
	odd.Addrs = []string{"nowhere", "[fe80::1%eth0]:7", "[::ffff:10.0.0.1]:8", "1.2.3.4"}
	if got, err := ParseTicket(odd.String()); err != nil || !slices.Equal(got.Addrs, []string{"[fe80::1]:7", "10.0.0.1:8"}) {
		t.Errorf("%v, %v", got.Addrs, err)
	}
	odd.Addrs = slices.Repeat([]string{"[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535"}, 20)
	if got, err := ParseTicket(odd.String()); err != nil || len(got.Addrs) != MaxTicketAddrs {
		t.Errorf("%v, %v", got.Addrs, err)
	}
}

func TestRedeeming(t *testing.T) {
	ticket, other := Ticket{Seed: [32]byte{1}}, Ticket{Seed: [32]byte{2}}
	me, exporter := device(t).ID(), [32]byte{3}
	sig := ticket.Redeem(me, exporter)
	tests := map[string]struct {
		err  error
		want error
	}{
		"good":               {CheckRedeem(ticket.Key(), me, exporter, sig), nil},
		"another invitation": {CheckRedeem(other.Key(), me, exporter, sig), ErrBadSignature},
		"another device":     {CheckRedeem(ticket.Key(), device(t).ID(), exporter, sig), ErrBadSignature},
		"another connection": {CheckRedeem(ticket.Key(), me, [32]byte{4}, sig), ErrBadSignature},
		"nothing":            {CheckRedeem(ticket.Key(), me, exporter, nil), ErrBadSignature},
	}
	for name, tt := range tests {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
}

// FuzzParseTicket holds that whatever is read is written the same.
func FuzzParseTicket(f *testing.F) {
	t := Ticket{[32]byte{1}, SpaceID{2}, identity.DeviceID{3}, []string{"10.0.0.1:4", "[fe80::5]:6"}}
	f.Add(t.String())
	f.Add("starling:")
	f.Add("starling:AQ")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTicket(text)
		if err != nil {
			if !errors.Is(err, ErrBadTicket) || !reflect.DeepEqual(got, Ticket{}) {
				t.Fatalf("%+v, %v", got, err)
			}
			return
		}
		if got.String() != strings.TrimSpace(text) {
			t.Fatalf("%q is written %q", text, got)
		}
	})
}
