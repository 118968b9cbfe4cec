package markdown

import "strings"

// stepOut goes behind the sign that ends a style, from right before it: there the
// person has typed what is to have the style, and wants to go on without. Spaces
// typed last go out, too, since a sign behind a space ends nothing.
func (g *toggler) stepOut() (Result, bool) {
	at := g.caret
	line := g.t.Line(at.Line)
	if at != g.anchor || at.Offset == 0 || len(line) > MaxInline || signs[g.style] == "" {
		return Result{}, false
	}
	b := blockAt(g.t, at.Line)
	if !hasInlines(b.kind) {
		return Result{}, false
	}
	for _, p := range pairsOf(&b, line) {
		if p.style == g.style && p.openEnd < at.Offset && p.close == at.Offset {
			out := Pos{Line: at.Line, Offset: p.closeEnd}
			return Result{Caret: out, Anchor: out}, true
		}
	}
	return g.spacesOut(line)
}

// spacesOut is stepOut behind spaces.
func (g *toggler) spacesOut(line string) (Result, bool) {
	at, sign := g.caret, signs[g.style]
	from := len(strings.TrimRight(line[:at.Offset], " "))
	if from == at.Offset || !strings.HasPrefix(line[at.Offset:], sign) {
		return Result{}, false
	}
	to := at.Offset + len(sign)
	moved := sign + line[from:at.Offset]
	now := line[:from] + moved + line[to:]
	b := scan(g.t.State(at.Line), now)
	if !hasInlines(b.kind) {
		return Result{}, false
	}
	for _, p := range pairsOf(&b, now) {
		if p.style == g.style && p.openEnd < from && p.close == from && p.closeEnd == from+len(sign) {
			return put(at.Line, from, to, moved), true
		}
	}
	return Result{}, false
}

// collectSigns finds signs with nothing between them that fill a line, and so are
// a rule or a fence until something is typed.
func (g *toggler) collectSigns(b *block, line string) {
	if b.kind != Rule && b.kind != Fence || InCode(g.t.State(g.caret.Line)) {
		return
	}
	s := section{line: g.caret.Line, text: line, from: g.caret.Offset, to: g.caret.Offset}
	if s.emptySigns(g.style) > 0 {
		g.parts = append(g.parts, s)
	}
}
