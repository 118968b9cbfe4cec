package control

import (
	"time"

	"starling/sync/peer"
)

// More of the contract of values.go: people, their devices, invitations and whom
// a text has reached.
type (
	// Device is one installation of a person. LastSeen is nil if it never was.
	Device struct {
		ID        string     `json:"id"`
		Name      string     `json:"name"`
		This      bool       `json:"this"`
		Connected bool       `json:"connected"`
		Revoked   bool       `json:"revoked"`
		LastSeen  *time.Time `json:"last_seen"`
	}
	// Member is a person in a space; ID is that of their first device there.
	// Removed says that they are out of it, and Left that they went by themselves.
	// NotTheOne is the name of somebody known whom this one only looks like.
	Member struct {
		Person
		Role      string   `json:"role"`
		Devices   []Device `json:"devices"`
		Removed   bool     `json:"removed"`
		Left      bool     `json:"left"`
		NotTheOne string   `json:"not_the_one"`
	}
	// Invite is an invitation. Link is "" but where it was just made. Count 0 is
	// any number of people; Expiry is nil if it stays good.
	Invite struct {
		ID        string     `json:"id"`
		Link      string     `json:"link"`
		By        Person     `json:"by"`
		Role      string     `json:"role"`
		Count     int        `json:"count"`
		Expiry    *time.Time `json:"expiry"`
		Came      []Person   `json:"came"`
		Cancelled bool       `json:"cancelled"`
	}
	// NewDevice is a device that By says is a new one of the person Of. Mine are
	// the spaces for which the person here may answer.
	NewDevice struct {
		Device Person   `json:"device"`
		Of     Person   `json:"of"`
		By     Person   `json:"by"`
		Spaces []string `json:"spaces"`
		Mine   []string `json:"mine"`
	}
	// Reach is whom a document's text has reached, by their own word or another's.
	Reach struct {
		Saved   bool          `json:"saved"`
		Error   string        `json:"error"`
		Reached []ReachMember `json:"reached"`
		Missing []ReachMember `json:"missing"`
		// Waiting says what is not shown in it; see [ListWaiting].
		Waiting []string `json:"waiting,omitempty"`
	}
	// ReachMember is a person whom a text has reached, or has not, or if Mine another
	// device of the person here, and in words who that is. By is who says that they
	// have it, "" if they said so themselves. LastSeen is nil if they never were.
	ReachMember struct {
		Person
		Words     string     `json:"words"`
		Mine      bool       `json:"mine"`
		By        string     `json:"by"`
		Connected bool       `json:"connected"`
		LastSeen  *time.Time `json:"last_seen"`
	}
)

func reachOf(r peer.Reached) Reach {
	out := Reach{Saved: r.Saved, Reached: each(r.Reached, reachMemberOf), Missing: each(r.Missing, reachMemberOf)}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return out
}

func reachMemberOf(m peer.ReachedMember) ReachMember {
	return ReachMember{personOf(m.Person), m.String(), m.Mine, m.By, m.Connected, moment(m.LastSeen)}
}

func personOf(p peer.Person) Person { return Person{p.ID.String(), p.Name, p.Colour} }

func deviceOf(d peer.Device) Device {
	return Device{d.ID.String(), d.Name, d.This, d.Connected, d.Revoked, moment(d.LastSeen)}
}

func memberOf(m peer.Member) Member {
	return Member{personOf(m.Person), m.Role, each(m.Devices, deviceOf), m.Removed, m.Left, m.NotTheOne}
}

func inviteOf(i peer.Invite) Invite {
	return Invite{i.Hash, i.Link, personOf(i.By), i.Role, i.Count, moment(i.Expiry), each(i.Came, personOf), i.Cancelled}
}

func newDeviceOf(d peer.NewDevice) NewDevice {
	return NewDevice{
		personOf(d.Device), personOf(d.Of), personOf(d.By),
		each(d.Spaces, peer.SpaceID.String), each(d.Mine, peer.SpaceID.String),
	}
}
