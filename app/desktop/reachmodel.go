package desktop

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"starling/sync/peer"
)

// namesShown is how many people a line names; the rest are counted.
const namesShown = 3

// whoHas says in one sentence where the text at the desk is; "" while nothing is
// known of it.
func whoHas(r *peer.Reached, now time.Time) string {
	switch {
	case r == nil:
		return ""
	case r.Err != nil:
		return "Not saved"
	case !r.Saved:
		return "Saving…"
	}
	parts := []string{"Saved here"}
	if n := len(r.Reached); n > 0 {
		var names []string
		for _, p := range r.Reached {
			names = append(names, nameOr(p.String(), "someone"))
		}
		parts = append(parts, "reached "+listed(names, "others"))
	}
	if n := len(r.Missing); n > 0 {
		var names []string
		for _, m := range r.Missing {
			names = append(names, nameOr(m.String(), "someone"))
		}
		line := "not yet " + listed(names, "others")
		if n == 1 {
			line += ", " + lastSeen(r.Missing[0], now)
		}
		parts = append(parts, line)
	}
	return strings.Join(parts, "; ")
}

// reachNow is what a state says of who has a text, which comes at once, told with
// what was last read of those people.
func reachNow(s peer.DocState, last *peer.Reached) *peer.Reached {
	told := func(all []peer.Member) (out []peer.ReachedMember) {
		for _, m := range all {
			one := peer.ReachedMember{Person: m.Person}
			for _, known := range slices.Concat(last.Reached, last.Missing) {
				if known.ID == m.ID {
					one = known
					one.Person = m.Person
				}
			}
			out = append(out, one)
		}
		return out
	}
	now := &peer.Reached{Saved: s.Saved, Err: s.Err, Reached: told(s.Reached), Missing: told(s.Missing)}
	for i := range now.Missing {
		now.Missing[i].By = ""
	}
	return now
}

// catchingUp says whether somebody whom a text has not reached is connected.
func catchingUp(r *peer.Reached) bool {
	return r != nil && slices.ContainsFunc(r.Missing, func(m peer.ReachedMember) bool { return m.Connected })
}

// stateOf is what a text's state is by who has it.
func stateOf(r *peer.Reached) peer.DocState {
	told := func(all []peer.ReachedMember) (out []peer.Member) {
		for _, m := range all {
			out = append(out, peer.Member{Person: m.Person})
		}
		return out
	}
	return peer.DocState{Saved: r.Saved, Err: r.Err, Reached: told(r.Reached), Missing: told(r.Missing)}
}

// whoHasBriefly is the same where there is little room.
func whoHasBriefly(r *peer.Reached) string {
	if r == nil || r.Err != nil || !r.Saved || len(r.Reached)+len(r.Missing) == 0 {
		return ""
	}
	return fmt.Sprintf("Reached %d of %d", len(r.Reached), len(r.Reached)+len(r.Missing))
}

// whoHasLines is the same at length: a line for each person and other device of
// the person here.
func whoHasLines(r *peer.Reached, now time.Time) (reached, missing []string) {
	for _, p := range r.Reached {
		reached = append(reached, ofThem(p))
	}
	for _, m := range r.Missing {
		missing = append(missing, ofThem(m)+", "+lastSeen(m, now))
	}
	return reached, missing
}

// ofThem begins a line about somebody.
func ofThem(m peer.ReachedMember) string {
	words := nameOr(m.String(), "Someone")
	if device, ok := strings.CutPrefix(words, "your "); ok && m.Mine {
		return "Your " + device
	}
	return words
}

// lastSeen says of somebody whom a text has not reached where they are.
func lastSeen(m peer.ReachedMember, now time.Time) string {
	switch line := seenLine(m.LastSeen, now); {
	case m.Connected:
		return "catching up"
	case strings.HasPrefix(line, "seen "):
		return "last " + line
	default:
		return line
	}
}

// listed joins names as one says them; from a number on, the rest are counted.
func listed(names []string, rest string) string {
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0]
	case n <= namesShown:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d %s", strings.Join(names[:namesShown-1], ", "), n-namesShown+1, rest)
	}
}
