package trust

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/identity"
)

var (
	// ErrLastOwner says that the space would have no owner.
	ErrLastOwner = errors.New("the space must keep an owner")
	// ErrLastDevice says that a person would have no device: it is to be
	// removed whole.
	ErrLastDevice = errors.New("it is the person's only device")
	// ErrNotMember says that someone does not belong to the space.
	ErrNotMember = errors.New("not a member of the space")
)

// Admission gives a person a role: a new one, one who has another role, or one
// who returns. A device that belongs to a person stands for that person.
type Admission struct {
	Subject identity.DeviceID
	Name    string // at most [MaxName] code points
	Role    Role
	// Invite is the invitation that it redeems, or zero.
	Invite StatementHash
	// Lines are what counts of the person's changes if it may write no more.
	// They are left out otherwise, and those of the least numbers where there is
	// no room for all.
	Lines []Line
}

// Removal takes a person or a device out.
type Removal struct {
	Subject identity.DeviceID
	// Whole removes the person whose device the subject is; otherwise that
	// device goes alone.
	Whole bool
	// Lines are what counts of the changes of the devices removed; where there is
	// no room for all, those of the least numbers are left out.
	Lines []Line
	// Secret is the space's renewed secret; zero if it is not renewed, as when
	// one leaves.
	Secret Secret
}

// Admit states an admission and returns what is to be stored and told, its
// pages first. It fails with [ErrNotOwner], and with [ErrLastOwner] if it takes
// ownership from the only owner.
func (r *Roster) Admit(by *identity.Identity, a Admission, now time.Time) ([]*Statement, error) {
	fail := func(err error) ([]*Statement, error) {
		return nil, fmt.Errorf("admit %v to space %v: %w", a.Subject, r.id, err)
	}
	l := r.view()
	if _, role, _ := l.person(by.ID()); role != Owner {
		return fail(ErrNotOwner)
	}
	at, had, in := l.person(a.Subject)
	if !in {
		at, had = a.Subject, l.own(a.Subject)
	}
	if a.Role != Owner && r.lastOwner(at) {
		return fail(ErrLastOwner)
	}
	var lines []Line
	if had.Writes() && !a.Role.Writes() {
		lines = a.Lines
	}
	out, err := r.state(by, Statement{
		Kind: Admit, Name: a.Name, Subject: at, Role: a.Role, Names: a.Invite,
	}, lines, now, at, a.Subject)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// Remove states a removal and returns what is to be stored and told, its pages
// first. An owner may remove anyone, and each person itself and its devices. It
// fails with [ErrNotOwner], [ErrNotMember], [ErrLastOwner] and [ErrLastDevice].
func (r *Roster) Remove(by *identity.Identity, m Removal, now time.Time) ([]*Statement, error) {
	fail := func(err error) ([]*Statement, error) {
		return nil, fmt.Errorf("remove %v from space %v: %w", m.Subject, r.id, err)
	}
	l := r.view()
	me, role, _ := l.person(by.ID())
	at, _, in := l.person(m.Subject)
	switch {
	case !in && l.own(m.Subject) != 0 && m.Whole:
		at, in = m.Subject, true // named by a first device that is gone
	case !in:
		return fail(ErrNotMember)
	}
	switch {
	case role != Owner && (role == 0 || me != at):
		return fail(ErrNotOwner)
	case m.Whole && r.lastOwner(at):
		return fail(ErrLastOwner)
	case !m.Whole && len(l.devices(at)) < 2:
		return fail(ErrLastDevice)
	}
	s := Statement{Kind: Remove, Subject: m.Subject, Whole: m.Whole, SecretHash: m.Secret.Hash()}
	if m.Whole {
		s.Subject = at
	}
	out, err := r.state(by, s, m.Lines, now, at, m.Subject)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// lastOwner reports whether a person is the only owner.
func (r *Roster) lastOwner(p identity.DeviceID) bool {
	l := r.view()
	return l.own(p) == Owner && !slices.ContainsFunc(r.owners, func(q identity.DeviceID) bool {
		if l.own(q) != Owner {
			return false
		}
		// Several persons may have become one by links.
		for _, d := range append(l.devices(q), q) {
			if at, role, ok := l.person(d); ok && role == Owner && at != p {
				return true
			}
		}
		return false
	})
}

// Link states that subject is one more device of a person, of the author's own
// if person is zero. consent is subject's to be one with any device of that
// person. A device of the person states it, or an owner. Nothing is stated if
// it is so already, or if it would bring subject into a lesser role. It fails
// with [ErrNotOwner], [ErrNotMember] and [ErrBadSignature].
func (r *Roster) Link(by *identity.Identity, subject, person identity.DeviceID, consent []byte, now time.Time) ([]*Statement, error) {
	fail := func(err error) ([]*Statement, error) {
		return nil, fmt.Errorf("link %v in space %v: %w", subject, r.id, err)
	}
	l := r.view()
	me, role, ok := l.person(by.ID())
	if !ok {
		return fail(ErrNotOwner)
	}
	if person.IsZero() {
		person = me
	}
	var theirs Role
	if at, is, in := l.person(person); in {
		person, theirs = at, is
	} else if theirs = l.own(person); theirs == 0 {
		return fail(ErrNotMember)
	}
	if me != person && role != Owner {
		return fail(ErrNotOwner)
	}
	if at, has, in := l.person(subject); in && (at == person || has < theirs) {
		return nil, nil
	}
	devices := l.devices(person)
	i := slices.IndexFunc(devices, func(to identity.DeviceID) bool { return CheckConsent(subject, to, consent) == nil })
	if i < 0 {
		return fail(ErrBadSignature)
	}
	s := Statement{Kind: Link, Subject: subject, Person: person, To: devices[i], Consent: consent}
	out, err := r.state(by, s, nil, now, person, subject)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// state signs a statement with the lines that it draws, and takes it.
func (r *Roster) state(by *identity.Identity, s Statement, lines []Line, now time.Time, about ...identity.DeviceID) ([]*Statement, error) {
	most := r.roomForPages(by.ID())
	if len(lines) > 0 && most == 0 { // else all that they wrote would be hidden
		return nil, ErrFull
	}
	pages, err := makePages(r.id, lines, most)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		s.Pages = append(s.Pages, p.hash)
	}
	s.Space, s.Time = r.id, now.Unix()
	s.Known = r.frontier(MaxKnown, append([]identity.DeviceID{by.ID()}, about...)...)
	done, err := sign(by, s)
	if err != nil {
		return nil, err
	}
	out, err := r.Add(append(pages, done)...)
	if _, kept := r.index[done.hash]; err == nil && !kept {
		err = fmt.Errorf("space %v: %w", r.id, ErrFull)
	}
	return out, err
}
