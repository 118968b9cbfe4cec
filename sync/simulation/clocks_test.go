package simulation

import (
	"time"

	"starling/sync/trust"
)

// clockDeeds have clocks be wrong and jump, while peers run and between.
var clockDeeds = []deed{
	{"set a clock", 6, (*world).settingClock, true},
}

// spans are by how much a clock may be wrong, ahead or behind.
var spans = []time.Duration{
	time.Minute, 10 * time.Minute, 2 * time.Hour, 48 * time.Hour, 400 * 24 * time.Hour, 45 * 365 * 24 * time.Hour,
}

func (w *world) settingClock() {
	p := w.anybody()
	span := spans[w.rng.IntN(len(spans))]
	ahead := time.Duration(w.rng.Int64N(int64(2*span))) - span
	if w.rng.IntN(4) == 0 {
		ahead = 0
	}
	p.ahead.Store(int64(ahead))
	w.log("%s's clock is wrong by %v: %s", p.name, ahead, p.now().Format(time.DateTime))
	w.count.add("clocks that jump")
}

// lookAtInvitations holds that nobody was let in by an invitation that was over by
// the clock of who let them in.
func (w *world) lookAtInvitations() {
	w.t.Helper()
	for _, s := range w.stated {
		if s.Kind != trust.Admit {
			continue
		}
		invite := w.stated[s.Names]
		if invite != nil && invite.Expiry != 0 && s.Time >= invite.Expiry {
			w.wrong("%v was let in at %d by an invitation that was over at %d", s.Subject, s.Time, invite.Expiry)
		}
	}
}
