package doctor

import (
	"fmt"
)

// verdict is what a firewall does with a packet.
type verdict int

const (
	unsure  verdict = iota // a rule decides that can't be judged from outside
	passes                 // it comes in
	blocked                // it is dropped or refused
)

// firewall is what could be learned of one.
type firewall struct {
	name string
	// multicast is for packets to the group at port 5353; ours for those to our
	// own port.
	multicast, ours verdict
	// deaf says that it certainly drops answers to our own packets too.
	deaf bool
	// open is how to let Starling in; "%d" is our port.
	open string
	// perhaps says that it is on, and that more could not be learned.
	perhaps bool
}

func (w firewall) findings(port int) []Finding {
	do := w.open
	if do == "" {
		do = fmt.Sprintf("Let in UDP port 5353 and %s.", portName(port))
	}
	switch {
	case w.perhaps:
		return []Finding{{"firewall", Note, fmt.Sprintf("%s is on. Whether it lets Starling in can't be seen from here.", w.name), do}}
	case w.multicast == blocked && w.ours == blocked:
		return []Finding{{"firewall", Problem, fmt.Sprintf("%s keeps out all that Starling needs: neighbours are not heard and can't connect.", w.name), do}}
	case w.multicast == blocked:
		return []Finding{{"firewall", Problem, fmt.Sprintf("%s drops what neighbours announce (UDP port 5353).", w.name), do}}
	case w.deaf:
		return []Finding{{"firewall", Problem, fmt.Sprintf("%s drops all that is sent to Starling (%s), answers too: nobody can connect to you, nor you to anybody.", w.name, portName(port)), do}}
	case w.ours == blocked:
		return []Finding{{"firewall", Note, fmt.Sprintf("%s lets no one connect to Starling (%s). You can connect to others, who must let you in.", w.name, portName(port)), do}}
	case w.multicast == unsure || w.ours == unsure:
		return []Finding{{"firewall", Note, fmt.Sprintf("%s has rules that may keep Starling out.", w.name), do}}
	default:
		return []Finding{{"firewall", OK, fmt.Sprintf("%s lets Starling in.", w.name), ""}}
	}
}

// judgeRules is the firewall of a set of rules, for our port.
func judgeRules(name string, r ruleset, port int, open string) firewall {
	w := firewall{name: name, open: open}
	w.multicast = r.judge(packet{port: mdnsPort, group: true})
	w.ours = r.judge(packet{port: port})
	w.deaf = r.judge(packet{port: port, reply: true}) == blocked
	return w
}
