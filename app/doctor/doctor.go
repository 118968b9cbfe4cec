package doctor

import (
	"context"
	"net/netip"
	"time"
)

// ProbeTime is how long [Examine] may look at the machine.
const ProbeTime = 3 * time.Second

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // perhaps the reason, or worth knowing
	Problem Level = "problem" // most likely the reason
)

// Finding is one thing that was looked at.
type Finding struct {
	// Topic is a word that stays the same: "peer", "invisible", "interfaces",
	// "multicast", "port", "firewall", "isolation", "vpn", "clock", "version",
	// "person" or "address".
	Topic string
	Level Level
	// What is the matter, a sentence. Do is what to do about it, "" if nothing.
	What, Do string
}

// Facts are what the peer knows.
type Facts struct {
	Running   bool   // a peer runs with this home
	Discovery bool   // it looks for neighbours
	Invisible bool   // it announces nothing
	Problem   string // what else keeps it from working well, or ""
	// Port is the UDP port that it listens on, 0 if unknown.
	Port       int
	Interfaces []Interface
	People     []Person
}

// Interface is one that the peer announces itself on.
type Interface struct {
	Name  string
	Addrs []netip.Addr
	// Sent counts packets to all, and Heard those of other machines.
	Sent, Heard uint64
	LastHeard   time.Time // zero: never
	Problem     string    // why it can't be used, or ""
}

// Person is a device of someone, as the peer knows it.
type Person struct {
	Tag, Name string
	ID        string // of which the tag is the start; "" if it isn't known
	Nearby    bool   // announces itself here
	Known     bool   // paired with us, or in a space of ours
	// Was is the name of a space of ours to which its person belonged once, "" if
	// there is none, or it is known in another way.
	Was       string
	Connected bool
	Mine      bool   // a device of our own
	LooksLike string // the name of someone known whom this one isn't, or ""
	// Addrs are where it says that it is, or where it last was.
	Addrs    []netip.AddrPort
	LastSeen time.Time // zero: never
	// Refused are the addresses among them that are not on this network and were
	// not allowed.
	Refused []netip.AddrPort
	// DialError is how the last attempt to reach it ended, "" if well or not
	// tried.
	DialError      string
	TooOld, TooNew bool // it speaks an older or newer protocol than we
	// Skew is how far its clock is ahead of ours, and SkewKnown whether it said.
	Skew      time.Duration
	SkewKnown bool
}

// Examine looks why who, a name or the start of a tag, can't be seen; without
// who it looks at this machine alone. It returns within [ProbeTime], or sooner
// when ctx ends, and always at least one finding.
func Examine(ctx context.Context, f Facts, who string) []Finding {
	ctx, cancel := context.WithTimeout(ctx, ProbeTime)
	defer cancel()
	return judge(f, look(ctx, f, choose(f.People, who)), who, time.Now())
}
