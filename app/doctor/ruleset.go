package doctor

import (
	"slices"
)

// packet is an IPv4 UDP packet from another machine.
type packet struct {
	port  int
	group bool // it goes to 224.0.0.251, else to us
	reply bool // it answers one of ours; else it belongs to no connection
}

// state is what the system's tracking of connections calls the packet.
func (p packet) state() string {
	if p.reply {
		return "established"
	}
	return "new"
}

// fits is the answer of one condition of a rule.
type fits int

const (
	no fits = iota
	maybe
	yes
)

// rule is one of a chain. All its conditions must fit.
type rule struct {
	conditions []func(packet) fits
	// verdict is passes or blocked, or unsure if target names the chain that is
	// gone through, or if nothing follows.
	verdict verdict
	target  string
	// either says that it has several verdicts, by what we don't read.
	either bool
	// leaves says that the chain ends here for what fits.
	leaves bool
}

func (r rule) fits(p packet) fits {
	worst := yes
	for _, c := range r.conditions {
		worst = min(worst, c(p))
	}
	return worst
}

// chain is a list of rules.
type chain struct {
	input  bool // packets for us begin here
	policy verdict
	rules  []rule
}

// ruleset is all chains by name.
type ruleset map[string]*chain

// judge tells what becomes of p. Each chain where packets begin must let it
// pass.
func (s ruleset) judge(p packet) verdict {
	worst := passes
	for _, c := range s {
		if !c.input {
			continue
		}
		switch s.through(c, p, 0) {
		case blocked:
			return blocked
		case unsure:
			worst = unsure
		}
	}
	return worst
}

// through follows p through a base chain.
func (s ruleset) through(c *chain, p packet, depth int) verdict {
	got, decided := s.walk(c, p, depth)
	if decided {
		return got
	}
	if got != unsure && got != c.policy {
		return unsure // a rule that may fit says otherwise
	}
	return c.policy
}

// maxDepth bounds how deep chains are followed.
const maxDepth = 16

// walk goes through the rules of a chain. If one decides for certain, that is
// the verdict; if none does, the verdict is that of a rule that perhaps fits,
// or unsure if there is none.
func (s ruleset) walk(c *chain, p packet, depth int) (verdict, bool) {
	perhaps := unsure
	for _, r := range c.rules {
		f := r.fits(p)
		if f == no {
			continue
		}
		if r.either {
			return unsure, true
		}
		if r.leaves && f == yes {
			break
		}
		got, decided := r.verdict, r.verdict != unsure
		if next := s[r.target]; r.target != "" && next != nil && depth < maxDepth {
			got, decided = s.walk(next, p, depth+1)
		}
		switch {
		case decided && f == yes && (perhaps == unsure || perhaps == got):
			return got, true
		case decided && f == yes:
			return unsure, true
		case got != unsure && perhaps == unsure:
			perhaps = got
		}
	}
	return perhaps, false
}

func is(b bool) fits {
	if b {
		return yes
	}
	return no
}

func not(f fits) fits { return yes - f }

// udp is the condition of a port of UDP.
func udp(ports func(int) fits) func(packet) fits {
	return func(p packet) fits { return ports(p.port) }
}

func always(f fits) func(packet) fits { return func(packet) fits { return f } }

func oneOf(list []string, s string) bool { return slices.Contains(list, s) }
