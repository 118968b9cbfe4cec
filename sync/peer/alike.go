package peer

import (
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
}

// looksLocked are the names with which others are compared: ours, and those of
// the people of whom trusted says so.
func (p *Peer) looksLocked(trusted func(DeviceID, *person) bool) []look {
	var out []look
	if p.me.Name != "" {
		out = append(out, look{p.me.Name, p.formLocked(p.me.Name)})
	}
	for id, who := range p.people {
		if who.name != "" && trusted(id, who) {
			out = append(out, look{who.name, p.formLocked(who.name)})
		}
	}
	slices.SortFunc(out, func(a, b look) int { return strings.Compare(a.name, b.name) }) // the same one each time
	return out
}

// knownLooksLocked are the names of those for whom a stranger could be taken.
func (p *Peer) knownLooksLocked() []look {
	return p.looksLocked(func(id DeviceID, _ *person) bool { return p.knownLocked(id) })
}

// likeLocked returns which of some names a person could take the given one for, ""
// for none.
func (p *Peer) likeLocked(name string, looks []look) string {
	if name == "" {
		return ""
	}
	form := p.formLocked(name)
	for _, l := range looks {
		if l.form.Alike(form) {
			return l.name
		}
	}
	return ""
}

// strangerLikeLocked is whom a stranger could be taken for.
func (p *Peer) strangerLikeLocked(name string) string {
	return p.likeLocked(name, p.knownLooksLocked())
}

// memberLikeLocked is whom a member, whom somebody else may have admitted, could
// be taken for: one with whom the person here has paired.
func (p *Peer) memberLikeLocked(name string, devices []DeviceID) string {
	for _, d := range devices {
		if who := p.people[d]; d == p.me.ID || who != nil && (who.paired || who.same) {
			return ""
		}
	}
	return p.likeLocked(name, p.looksLocked(func(_ DeviceID, who *person) bool { return who.paired }))
}
