package editor

import (
	"image/color"
	"slices"
	"time"

	"starling/app/buffer"
)

const (
	// glowTime is how long text that has just come shines, in glowSteps steps.
	glowTime  = 1600 * time.Millisecond
	glowSteps = 4
	glowTint  = 0x48
	// maxGlows is how many stretches shine at a time, and maxGlow how many
	// characters at most: what comes after a long time apart is no news.
	maxGlows = 64
	maxGlow  = 4000
)

// glow is a stretch of text that has just come from somebody.
type glow struct {
	from, to int
	actor    string
	colour   color.NRGBA
	born     time.Time
}

// glows are those that shine, the oldest first.
type glows struct {
	all  []glow
	stop func() // the wait for the next step
}

// shine lets what somebody else wrote glow, and carries what glows already.
func (e *Editor) shine(p buffer.Patch) {
	g := &e.glows
	for i := range g.all {
		s := &g.all[i]
		s.from, s.to = p.Shift(s.from, false), p.Shift(s.to, true)
		s.to = max(s.from, s.to)
	}
	if p.Num == 0 || p.Inserted == 0 || p.Inserted > maxGlow || e.config.Writer == nil || p.Actor == "" {
		return
	}
	who := e.config.Writer(string(p.Actor))
	if who.Self {
		return
	}
	now, end := e.now(), p.At+p.Inserted
	if n := len(g.all); n > 0 {
		last := &g.all[n-1]
		if last.actor == string(p.Actor) && last.to == p.At && now.Sub(last.born) < glowTime/glowSteps {
			last.to = end
			return
		}
	}
	if len(g.all) == maxGlows {
		g.all = slices.Delete(g.all, 0, 1)
	}
	g.all = append(g.all, glow{p.At, end, string(p.Actor), e.glowColour(who), now})
	if g.stop == nil {
		g.stop = e.after(glowTime/glowSteps, e.fadeGlows)
	}
}

func (e *Editor) glowColour(who Writer) color.NRGBA {
	if who.Line == (color.NRGBA{}) {
		return e.config.Theme.Arrived
	}
	return fade(who.Line, glowTint)
}

// fadeGlows takes a step, and waits for the next while something shines.
func (e *Editor) fadeGlows() {
	g := &e.glows
	g.stop = nil
	now := e.now()
	g.all = slices.DeleteFunc(g.all, func(s glow) bool { return now.Sub(s.born) >= glowTime || s.from == s.to })
	if len(g.all) > 0 {
		g.stop = e.after(glowTime/glowSteps, e.fadeGlows)
	}
	e.paint()
}

// glows draws behind what has just come, paler the longer it is there.
func (p *page) glows() {
	now := p.e.now()
	for i := range p.e.glows.all {
		g := &p.e.glows.all[i]
		step := int(now.Sub(g.born) * glowSteps / glowTime)
		if step < glowSteps {
			p.tint(g.from, g.to, fade(g.colour, uint8(int(g.colour.A)*(glowSteps-step)/glowSteps)))
		}
	}
}
