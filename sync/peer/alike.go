package peer

import (
	"cmp"
	"slices"
	"strings"

	"starling/sync/names"
)

// maxForms is of how many names the form is kept.
const maxForms = 4096

// formLocked is [names.FormOf], which depends on nothing else, with a memory: a
// list of many strangers is made anew with each piece of news.
func (p *Peer) formLocked(name string) names.Form {
	form, ok := p.forms[name]
	if !ok {
		if p.forms == nil || len(p.forms) >= maxForms {
			p.forms = make(map[string]names.Form)
		}
		form = names.FormOf(name)
		p.forms[name] = form
	}
	return form
}

// look is a name with its form.
type look struct {
	name string
	form names.Form
	// id is whose name it is: our own for our devices, and else a device with which
	// the person here has compared a code. It is zero for one who is known by the
	// word of others alone: anybody may have come to a space under any name.
	id DeviceID
}

// looks are the names with which others are compared, those whose id is known first.
type looks struct {
	all    []look
	proved int
}

// looksLocked are our name, and those of all whom we know.
func (p *Peer) looksLocked() looks {
	var l looks
	if p.me.Name != "" {
		l.all = append(l.all, look{p.me.Name, p.formLocked(p.me.Name), p.me.ID})
	}
	for id, who := range p.people {
		of := id
		switch {
		case who.name == "" || id == p.me.ID:
			continue
		case who.same, who.paired && p.mineLocked(id):
			of = p.me.ID
		case who.paired:
		case p.knownLocked(id):
			of = DeviceID{}
		default:
			continue
		}
		l.all = append(l.all, look{who.name, p.formLocked(who.name), of})
	}
	slices.SortFunc(l.all, func(a, b look) int { // the same one each time
		return cmp.Or(b.id.Compare(DeviceID{})-a.id.Compare(DeviceID{}), strings.Compare(a.name, b.name), a.id.Compare(b.id))
	})
	for l.proved < len(l.all) && !l.all[l.proved].id.IsZero() {
		l.proved++
	}
	return l
}

// alike is for whom somebody could be taken, as in [PeerInfo]; the zero value for
// nobody.
type alike struct {
	name string
	id   DeviceID
}

// likeLocked returns which of some names a person could take the given one for: nobody's
// if one of those is theirs who have these devices.
func (p *Peer) likeLocked(name string, looks []look, devices ...DeviceID) (out alike) {
	if name == "" {
		return out
	}
	form := p.formLocked(name)
	var alikes []look
	for _, l := range looks {
		if !l.form.Alike(form) {
			continue
		}
		if !l.id.IsZero() && slices.ContainsFunc(devices, func(d DeviceID) bool { return p.belongsToLocked(d, l.id) }) {
			return alike{}
		}
		alikes = append(alikes, l)
	}
	for _, l := range alikes {
		switch {
		case out.name == "":
			out = alike{l.name, l.id}
		case !l.id.IsZero() && l.id != out.id && !p.samePersonLocked(l.id, out.id):
			return alike{name: out.name} // two who can't be told apart
		}
	}
	return out
}

// takenForLocked is for whom a device could be taken that is not theirs: a stranger
// for anybody known, and one whom somebody else has let into a space of ours for one
// with whom the person here has compared a code.
func (p *Peer) takenForLocked(id DeviceID, name string, l looks) alike {
	if p.provedLocked(id) || p.mineLocked(id) {
		return alike{}
	}
	if !p.knownLocked(id) {
		return p.likeLocked(name, l.all, id)
	}
	return p.likeLocked(name, l.all[:l.proved], id)
}

// memberLikeLocked is for whom a member could be taken who has these devices.
func (p *Peer) memberLikeLocked(name string, devices []DeviceID, l looks) string {
	if slices.ContainsFunc(devices, p.provedLocked) {
		return ""
	}
	return p.likeLocked(name, l.all[:l.proved], devices...).name
}

// provedLocked reports whether a device is ours, or the person here has compared a
// code with it.
func (p *Peer) provedLocked(id DeviceID) bool {
	who := p.people[id]
	return id == p.me.ID || who != nil && (who.paired || who.same)
}

// samePersonLocked reports whether two devices are one person's in all spaces of
// ours to which either belongs, and there is one. In less than all, an owner of one
// space could have made them so.
func (p *Peer) samePersonLocked(a, b DeviceID) bool {
	one := false
	for _, sp := range p.spaces {
		x, in := sp.roster.Person(a)
		y, too := sp.roster.Person(b)
		if in != too || in && x != y {
			return false
		}
		one = one || in
	}
	return one
}

// belongsToLocked reports whether a device is the person's of one with which the person
// here has compared a code: if every space that tells of both says so, and there is one.
// That stays so if the known one was revoked later, or the person removed, or we were;
// but a device that was itself taken out of a space is nobody's. Where only one of the
// two ever was it is not so, as by samePersonLocked, but for a space to which a person
// comes when their first device is revoked.
func (p *Peer) belongsToLocked(device, known DeviceID) bool {
	one, apart, spent := false, false, false
	for _, sp := range p.spaces {
		if sp.lost(device) {
			return false
		}
		x, y := sp.personOf(device), sp.everOf(known)
		_, here := sp.roster.Person(device)
		_, there := sp.roster.Person(known)
		switch {
		case x == y:
			one = true
			spent = spent || sp.lost(known)
		case there || here && sp.tells(known):
			return false
		case here:
			apart = true
		}
	}
	return one && (spent || !apart)
}

// lost reports whether a device was taken out by itself, be it that its person was
// removed since.
func (sp *space) lost(device DeviceID) bool {
	_, out := sp.roster.RemovedBy(device)
	return out && (sp.revoked(device) || sp.takenOut(device))
}

// tells reports whether a space's roster knows or knew a device as a person's.
func (sp *space) tells(device DeviceID) bool {
	_, in := sp.roster.Person(device)
	_, out := sp.roster.RemovedBy(device)
	return in || out
}

// everOf is personOf, and for a device that was taken out by itself the one person
// whose it was.
func (sp *space) everOf(device DeviceID) DeviceID {
	if !sp.revoked(device) {
		return sp.personOf(device)
	}
	var of []DeviceID
	for _, m := range slices.Concat(sp.roster.Members(), sp.roster.Removed()) {
		if slices.Contains(sp.roster.Ever(m.ID), device) {
			of = append(of, m.ID)
		}
	}
	if len(of) != 1 {
		return device
	}
	return of[0]
}

// namedAuthor is an author with the name of the person whose device it is or was, where the
// device's own was never heard here: one that was revoked before we came to the space.
func (p *Peer) namedAuthor(a Author) Author {
	p.mu.Lock()
	defer p.mu.Unlock()
	if who := p.people[a.ID]; a.Imported || a.ID == p.me.ID || who != nil && who.name != "" {
		return a
	}
	for _, sp := range p.spaces {
		for _, m := range slices.Concat(sp.roster.Members(), sp.roster.Removed()) {
			who := p.people[m.ID]
			named := m.ID == p.me.ID || who != nil && who.name != ""
			if named && slices.Contains(sp.roster.Ever(m.ID), a.ID) {
				of := p.whoLocked(m.ID)
				a.Name, a.Colour = of.Name, of.Colour
				return a
			}
		}
	}
	return a
}
