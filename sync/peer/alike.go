package peer

import (
	"slices"

	"starling/sync/names"
)

// maxAlike is how many comparisons of names are kept.
const maxAlike = 4096

// alikeLocked is [names.Alike], which depends on nothing else, with a memory: a
// list of many strangers is made anew with each piece of news.
func (p *Peer) alikeLocked(a, b string) bool {
	key := [2]string{a, b}
	if alike, ok := p.alike[key]; ok {
		return alike
	}
	if p.alike == nil || len(p.alike) >= maxAlike {
		p.alike = make(map[[2]string]bool)
	}
	p.alike[key] = names.Alike(a, b)
	return p.alike[key]
}

// looksLikeLocked returns the name of somebody known that a person could take
// the given one for, "" for none. trusted says of a known device whether it is
// to be compared with.
func (p *Peer) looksLikeLocked(name string, trusted func(DeviceID, *person) bool) string {
	if name == "" {
		return ""
	}
	var found []string
	if p.me.Name != "" && p.alikeLocked(p.me.Name, name) {
		found = append(found, p.me.Name)
	}
	for id, who := range p.people {
		if who.name != "" && trusted(id, who) && p.alikeLocked(who.name, name) {
			found = append(found, who.name)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.Min(found) // the same one each time
}

// strangerLikeLocked is whom a stranger could be taken for.
func (p *Peer) strangerLikeLocked(name string) string {
	return p.looksLikeLocked(name, func(id DeviceID, _ *person) bool { return p.knownLocked(id) })
}

// memberLikeLocked is whom a member, whom somebody else may have admitted, could
// be taken for: one with whom the person here has paired.
func (p *Peer) memberLikeLocked(name string, devices []DeviceID) string {
	for _, d := range devices {
		if who := p.people[d]; d == p.me.ID || who != nil && (who.paired || who.same) {
			return ""
		}
	}
	return p.looksLikeLocked(name, func(_ DeviceID, who *person) bool { return who.paired })
}
