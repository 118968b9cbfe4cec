package peer

import (
	"fmt"
	"slices"
	"time"

	"starling/sync/protocol"
	"starling/sync/transport"
)

// A home that was copied may run in two places at once: two programs with one
// device's key, which no certificate tells apart. A program that was started anew
// takes the place of the one before, so two that live would put each other out again
// and again. One that comes back after another has taken its place lives, though:
// then the two are heard in turns, and both get all that is written.

// twinTurn is how long one of two programs of one device is heard before the other
// one may take its place.
const twinTurn = 5 * time.Second

// maxRuns is how many programs of one device are told apart.
const maxRuns = 4

// errTwin tells a program that it is not its turn. It comes again as anyone does who
// was not reached.
var errTwin = fmt.Errorf("%w: another program with this device's key runs, from a copy of its home", protocol.ErrDuplicate)

// runs are the programs of a device that were here, the last one at the end; under
// Peer.mu.
type runs struct {
	seen [][16]byte
	told bool
}

// ranLocked notes that a program of a known device is connected.
func (n *network) ranLocked(id DeviceID, run [16]byte) {
	if !n.p.knownLocked(id) {
		return
	}
	r := n.runs[id]
	if r == nil {
		if n.runs == nil {
			n.runs = make(map[DeviceID]*runs)
		}
		r = new(runs)
		n.runs[id] = r
	}
	r.seen = append(slices.DeleteFunc(r.seen, func(other [16]byte) bool { return other == run }), run)
	if len(r.seen) > maxRuns {
		r.seen = slices.Delete(r.seen, 0, len(r.seen)-maxRuns)
	}
}

// twinLocked reports whether a program is one of two that run with one key, and not
// its turn.
func (n *network) twinLocked(id DeviceID, old *link, run [16]byte) bool {
	r := n.runs[id]
	if r == nil || old.run == run || !slices.Contains(r.seen, run) {
		return false
	}
	if !r.told {
		r.told = true
		n.log.Warn("two programs run with one device's key, as a copied home does; they are heard in turns", "peer", id.Tag())
	}
	return time.Since(old.since) < twinTurn
}

// twinProblem is what a program says that knows of another one with its key.
const twinProblem = "Starling runs twice with the same identity: a copy of the folder with your documents is in use, " +
	"perhaps on another computer; close one of the two; what was written in both is kept"

// twinLasts is how long that is told after the other program was last met: who is
// refused comes again after [lastRetry] at the latest.
const twinLasts = lastRetry + 30*time.Second

// hearOfTwinLocked notes that one whom we know has refused us since another program
// with our key is connected.
func (n *network) hearOfTwinLocked(from DeviceID, err error) {
	code, remote, ok := transport.CodeOf(err)
	if !ok || !remote || code != transport.Twin || !n.p.knownLocked(from) {
		return
	}
	if n.noteTwinLocked(time.Now()) {
		n.log.Warn(twinProblem, "says", from.Tag())
	}
}

// noteTwinLocked notes that there is another program with our key, and reports whether
// that is news.
func (n *network) noteTwinLocked(now time.Time) bool {
	news := n.twin.IsZero()
	n.twin = now
	return news && n.start(n.forgetTwin)
}

// forgetTwin waits until the other program has not been met for [twinLasts], and
// tells it no more.
func (n *network) forgetTwin() {
	for {
		n.p.mu.Lock()
		left := twinLasts - time.Since(n.twin)
		if left <= 0 {
			n.twin = time.Time{}
		}
		n.p.mu.Unlock()
		if left <= 0 {
			n.p.hub.emit(PeersChanged{})
			return
		}
		select {
		case <-n.ctx.Done():
			return
		case <-time.After(left):
		}
	}
}
