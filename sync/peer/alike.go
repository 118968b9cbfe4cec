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

// likeLocked returns which of some names a person could take the given one for.
func (p *Peer) likeLocked(name string, looks []look) (out alike) {
	if name == "" {
		return out
	}
	form := p.formLocked(name)
	for _, l := range looks {
		switch {
		case !l.form.Alike(form):
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
		return p.likeLocked(name, l.all)
	}
	out := p.likeLocked(name, l.all[:l.proved])
	if !out.id.IsZero() && p.samePersonLocked(id, out.id) {
		return alike{} // another device of the one for whom it could be taken
	}
	return out
}

// memberLikeLocked is for whom a member could be taken who has these devices.
func (p *Peer) memberLikeLocked(name string, devices []DeviceID, l looks) string {
	if slices.ContainsFunc(devices, p.provedLocked) {
		return ""
	}
	return p.likeLocked(name, l.all[:l.proved]).name
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
