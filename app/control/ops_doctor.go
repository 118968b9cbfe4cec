package control

import (
	"context"

	"starling/app/doctor"
	"starling/sync/peer"
)

// DoctorArgs names who can't be seen, by name or the start of an ID; "" is
// nobody in particular.
type DoctorArgs struct {
	Who string `json:"who"`
}

// Finding is one thing that the doctor looked at. Level is "ok", "note" or
// "problem"; Do is what to do about it, "" if nothing.
type Finding struct {
	Topic string `json:"topic"`
	Level string `json:"level"`
	What  string `json:"what"`
	Do    string `json:"do"`
}

// Doctor says why somebody can't be seen. It takes a few seconds.
var Doctor = single("doctor", func(ctx context.Context, p *peer.Peer, a DoctorArgs) ([]Finding, error) {
	facts, err := Facts(ctx, p)
	if err != nil {
		return nil, err
	}
	return each(doctor.Examine(ctx, facts, a.Who), func(f doctor.Finding) Finding {
		return Finding{f.Topic, string(f.Level), f.What, f.Do}
	}), nil
})

// Facts are what a peer knows that the doctor needs.
func Facts(ctx context.Context, p *peer.Peer) (doctor.Facts, error) {
	s, err := p.Status(ctx)
	if err != nil {
		return doctor.Facts{}, err
	}
	return doctor.Facts{
		Running: s.Running, Discovery: s.Discovery, Invisible: s.Invisible, Problem: s.Problem, Port: s.Port,
		Interfaces: each(s.Interfaces, interfaceFacts),
		People:     each(p.Peers(), func(i peer.PeerInfo) doctor.Person { return personFacts(i, p.Trouble(i.Tag)) }),
	}, nil
}

func interfaceFacts(i peer.Interface) doctor.Interface {
	out := doctor.Interface{Name: i.Name, Addrs: i.Addrs, Sent: i.Sent, Heard: i.Heard, LastHeard: i.LastHeard}
	if i.Err != nil {
		out.Problem = i.Err.Error()
	}
	return out
}

func personFacts(i peer.PeerInfo, t peer.Trouble) doctor.Person {
	out := doctor.Person{
		Tag: i.Tag, Name: i.Name, Nearby: i.Nearby, Known: i.Known, Connected: i.Connected,
		Mine: i.Mine, LooksLike: i.LooksLike, LastSeen: i.LastSeen,
		Addrs: t.Addrs, Refused: t.Refused, TooOld: t.TooOld, TooNew: t.TooNew,
		Skew: t.Skew, SkewKnown: t.SkewKnown, Was: t.Was,
	}
	if i.ID != (peer.DeviceID{}) {
		out.ID = i.ID.String()
	}
	if t.Err != nil {
		out.DialError = t.Err.Error()
	}
	return out
}
