package simulation

import (
	"net/netip"
	"slices"
	"testing/synctest"
	"time"

	"starling/sync/identity"
)

// deed is something that happens now and then: at the given rate, if may.
type deed struct {
	name string
	rate int
	do   func(*world)
	real bool // also with real QUIC and SQLite
}

// deeds are all that may happen.
var deeds = []deed{
	{"write", 60, (*world).writing, true},
	{"begin a document", 3, func(w *world) {
		if p := w.anyone(); p != nil && len(w.docs) < 6 {
			w.found(p)
		}
	}, true},
	{"meet", 8, (*world).meeting, true},
	{"cut", 5, (*world).cutting, false},
	{"partition", 4, (*world).parting, true},
	{"heal", 4, (*world).healing, true},
	{"leave", 3, (*world).leaving, true},
	{"crash", 3, (*world).crashing, true},
	{"come back", 10, (*world).returning, true},
	{"ask who has what", 5, (*world).asking, true},
	{"full disk", 2, (*world).filling, false},
	{"slow disk", 2, (*world).slowing, false},
	{"room on the disk", 4, (*world).emptying, false},
}

// live lets things happen for a while.
func (w *world) live(steps int) {
	all, deeds := 0, slices.Clone(deeds)
	if w.ether != nil {
		deeds = slices.DeleteFunc(deeds, func(d deed) bool { return !d.real })
	}
	if w.plan.rosters {
		deeds = append(deeds, rosterDeeds...)
	}
	if w.plan.clocks {
		deeds = append(deeds, clockDeeds...)
	}
	if w.plan.copies {
		deeds = append(deeds, copyDeeds...)
	}
	for _, d := range deeds {
		all += d.rate
	}
	for range steps {
		n := w.rng.IntN(all)
		for _, d := range deeds {
			if n -= d.rate; n < 0 {
				d.do(w)
				break
			}
		}
		w.pause()
	}
}

// pause is mostly short, and now and then long enough for anything to time out.
func (w *world) pause() {
	switch w.rng.IntN(20) {
	case 0:
		time.Sleep(time.Duration(w.rng.IntN(20000)) * time.Millisecond)
	case 1, 2, 3:
		time.Sleep(time.Duration(w.rng.IntN(2000)) * time.Millisecond)
	default:
		time.Sleep(time.Duration(w.rng.IntN(100)) * time.Millisecond)
	}
}

func (w *world) writing() {
	p := w.anyone()
	if p == nil || len(w.docs) == 0 {
		return
	}
	doc := w.docs[w.rng.IntN(len(w.docs))]
	n := 1 + w.rng.IntN(6)
	for i := range n {
		if err := p.write(doc); err != nil {
			w.count.add("edits refused")
			w.log("%s can't write in %v after %d edits: %v", p.name, doc, i, err)
			return
		}
		w.count.add("edits")
	}
	w.log("%s makes %d edits in %v", p.name, n, doc)
}

func (w *world) meeting() {
	a, b := w.anyone(), w.people[w.rng.IntN(len(w.people))]
	if a == nil || a == b {
		return
	}
	a.meet(b)
	if b.up() && w.rng.IntN(2) == 0 {
		w.count.add("crossing dials")
		b.meet(a)
	}
}

func (w *world) cutting() {
	p := w.anyone()
	if p == nil {
		return
	}
	if n := w.net.cut(p.addr); n > 0 {
		w.log("%s loses %d connections", p.name, n)
		w.count.add("cuts")
	}
}

func (w *world) parting() {
	groups := map[netip.AddrPort]int{}
	n := 2 + w.rng.IntN(2)
	for _, p := range w.people {
		groups[p.addr] = w.rng.IntN(n)
	}
	w.log("partition: %v", groups)
	w.count.add("partitions")
	w.net.partition(groups)
}

func (w *world) healing() {
	w.log("the network is whole")
	w.net.partition(nil)
}

func (w *world) leaving() {
	if p := w.anyone(); p != nil {
		w.log("%s leaves", p.name)
		if err := p.leave(); err != nil {
			w.log("%s: %v", p.name, err)
		}
		w.count.add("clean stops")
		if w.ether == nil {
			w.model.gather(p) // what is lost from here on was saved
		}
	}
}

func (w *world) crashing() {
	p := w.anyone()
	if p == nil {
		return
	}
	power := w.ether == nil && w.rng.IntN(2) == 0
	switch {
	case power:
		w.log("%s's power is cut", p.name)
		w.model.rewind(p, p.disk.Committed(), p.disk.Flushed(), "power cuts")
		w.count.add("power cuts")
	case w.ether != nil:
		w.log("%s crashes", p.name)
		w.count.add("crashes with SQLite")
	default:
		w.log("%s crashes", p.name)
		w.count.add("crashes")
	}
	p.crash(power)
	if w.ether == nil {
		w.model.gather(p)
	}
}

func (w *world) returning() {
	for _, p := range w.people {
		if !p.up() && w.rng.IntN(2) == 0 {
			w.log("%s comes back", p.name)
			p.come()
			return
		}
	}
}

func (w *world) filling() {
	p := w.people[w.rng.IntN(len(w.people))]
	w.log("%s's disk is full", p.name)
	w.count.add("full disks")
	p.disk.SetFull(true)
}

func (w *world) slowing() {
	p := w.people[w.rng.IntN(len(w.people))]
	slow := time.Duration(w.rng.IntN(1500)) * time.Millisecond
	w.log("%s's disk takes %v for a commit", p.name, slow)
	w.count.add("slow disks")
	p.disk.SetSlow(slow)
}

func (w *world) emptying() {
	for _, p := range w.people {
		p.disk.SetFull(false)
		p.disk.SetSlow(0)
	}
}

// heal ends all faults, and has everyone know an address of somebody.
func (w *world) heal() {
	w.log("all faults end")
	w.net.partition(nil)
	w.net.setWeather(weather{latency: time.Millisecond, jitter: time.Millisecond, window: 256 << 10})
	w.emptying()
	for _, p := range w.people {
		if !p.up() {
			p.come()
		}
	}
	// Who is not on the network yet can't dial: nobody here has discovery, so two
	// halves that lack each other's addresses would stay apart for ever.
	synctest.Wait()
	members := w.members()
	met := map[identity.DeviceID]*person{}
	for i, p := range members {
		others := w.partners(p, members[:i])
		if len(others) > 1 { // a copy of the same home may be in their place there
			others = slices.DeleteFunc(others, func(o *person) bool { return o == met[p.id.ID()] })
		}
		if len(others) > 0 {
			met[p.id.ID()] = others[w.rng.IntN(len(others))]
			p.meet(met[p.id.ID()])
		}
	}
	for _, p := range w.people {
		if !slices.Contains(members, p) {
			p.meet(members[w.rng.IntN(len(members))])
		}
	}
	w.tasks.Wait()
	w.repair()
}

// partners are those of some people whom a person can meet for good: rather nobody who
// uses a copied home, as another one with the same key may be in their place, and not
// who uses a copy of the person's own.
func (w *world) partners(p *person, of []*person) []*person {
	copied := func(o *person) bool {
		return slices.ContainsFunc(w.people, func(other *person) bool { return other != o && other.id == o.id })
	}
	if plain := slices.DeleteFunc(slices.Clone(of), copied); len(plain) > 0 {
		return plain
	}
	return slices.DeleteFunc(slices.Clone(of), func(o *person) bool { return o.id == p.id })
}

// repair has those pair again of whom one thinks that they did: a crash took the
// other's memory of it.
func (w *world) repair() {
	for _, p := range w.members() {
		if p.space() != nil {
			continue
		}
		if w.waitFor(30*time.Second, func() bool { return p.space() != nil }) {
			continue
		}
		w.log("%s does not know that it is a member", p.name)
		w.count.add("pairings repeated")
		if by := w.owner(); by == nil {
			w.wrong("nobody owns the space")
		} else if err := w.admit(by, p); err != nil {
			w.wrong("%s can't admit %s again: %v", by.name, p.name, err)
		}
	}
}
