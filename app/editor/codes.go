package editor

import (
	"hash/maphash"
	"strings"
	"time"

	"starling/app/buffer"
	"starling/app/highlight"
	"starling/app/markdown"
	"starling/app/recent"
)

const (
	// colourTime is how long after a change the code in view gets its colours
	// anew.
	colourTime = 60 * time.Millisecond
	// colourShare is how many times as long as it took last is waited at least.
	colourShare = 4
	// maxCoded is how many lines keep their colours in each of two generations.
	maxCoded = 8192
)

// codes are the colours of code, by the version of a line.
type codes struct {
	lines recent.Cache[uint64, codeLine]
	// done are the blocks that have got their colours, by their lines' versions.
	done    map[uint64]bool
	near    codeNear
	stop    func() // of the wait for the next look, nil if there is none
	running bool
	took    time.Duration // to find the colours last
}

// codeLine is a line of code with its colours; lang is its block's language.
type codeLine struct {
	lang   string
	tokens []highlight.Token
	key    uint64 // another for other tokens, 0 for none
}

var codeSeed = maphash.MakeSeed()

func newCodeLine(lang string, tokens []highlight.Token) codeLine {
	c := codeLine{lang: lang, tokens: tokens}
	if len(tokens) > 0 {
		var h maphash.Hash
		h.SetSeed(codeSeed)
		for _, t := range tokens {
			maphash.WriteComparable(&h, t)
		}
		c.key = h.Sum64() | 1
	}
	return c
}

// colours returns those of line i of code. The caret's line, while it is typed
// in, keeps those that it had, moved along: to read it anew takes milliseconds
// in some languages.
func (e *Editor) colours(i int, l *buffer.Line) codeLine {
	c, ok := e.codes.lines.Get(l.Version)
	if i != e.view.caretLine {
		return c
	}
	near := &e.codes.near
	if !ok && near.code.lang != "" && len(l.Text) <= longLine {
		c = newCodeLine(near.code.lang, carryTokens(near.code.tokens, near.text, l.Text))
		e.codes.lines.Put(l.Version, c, 1)
	}
	*near = codeNear{l.Text, c}
	return c
}

// codeNear is the caret's line as it was, with its colours.
type codeNear struct {
	text string
	code codeLine
}

// carryTokens moves tokens of a text to what it was edited to: what is written
// inside of one, or at its end, goes on with it.
func carryTokens(tokens []highlight.Token, before, after string) []highlight.Token {
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	grown, edge := len(after)-len(before), len(before)-tail
	var out []highlight.Token
	for _, t := range tokens {
		if t.From >= edge {
			t.From += grown
		} else {
			t.From = min(t.From, head)
		}
		if t.To >= edge {
			t.To += grown
		} else {
			t.To = min(t.To, head)
		}
		if t.From < t.To {
			out = append(out, t)
		}
	}
	return out
}

// colourSoon waits for a moment without a change, then colours what is in view.
func (e *Editor) colourSoon() {
	c := &e.codes
	if c.stop != nil || !e.codeInView() {
		return
	}
	c.stop = e.after(max(colourTime, colourShare*c.took), func() {
		c.stop = nil
		e.colourView()
	})
}

func (e *Editor) codeInView() bool {
	for i := range e.view.lines {
		if e.view.lines[i].md.Kind == markdown.Code {
			return true
		}
	}
	return false
}

// codeBlock is a block of code whose colours are wanted.
type codeBlock struct {
	lang     string
	versions []uint64
	lines    []string
}

func (b *codeBlock) text() string { return strings.Join(b.lines, "\n") }

// key is another for other lines: the same code elsewhere is another block.
func (b *codeBlock) key() uint64 {
	var h maphash.Hash
	h.SetSeed(codeSeed)
	h.WriteString(b.lang)
	for _, v := range b.versions {
		maphash.WriteComparable(&h, v)
	}
	return h.Sum64()
}

// colourView has the blocks in view coloured that are not yet.
func (e *Editor) colourView() {
	c := &e.codes
	if c.running {
		return // and once more when that is done
	}
	var blocks []codeBlock
	for i := 0; i < len(e.view.lines); i++ {
		l := &e.view.lines[i]
		if l.md.Kind != markdown.Code || !markdown.InCode(l.state) {
			continue
		}
		kept := e.keepsColours(l)
		for i+1 < len(e.view.lines) && e.view.lines[i+1].md.Kind == markdown.Code {
			i++
			kept = kept && e.keepsColours(&e.view.lines[i])
		}
		b := e.codeAround(l.i, e.view.lines[i].i)
		if b.lang == "" {
			continue
		}
		if key := b.key(); !kept || !c.done[key] {
			if len(c.done) > maxCoded {
				clear(c.done)
			}
			c.done[key] = true
			blocks = append(blocks, b)
		}
	}
	if len(blocks) == 0 {
		return
	}
	c.running = true
	tokens := make([][]highlight.Token, len(blocks))
	var took time.Duration
	e.background(func() {
		start := e.now()
		for i := range blocks {
			tokens[i] = e.tokens(blocks[i].lang, blocks[i].text())
		}
		took = e.now().Sub(start)
	}, func() {
		c.running, c.took = false, took
		for i := range blocks {
			e.keepColours(&blocks[i], tokens[i])
		}
		e.update()
	})
}

// keepsColours reports whether the colours of a line of code, or that it has
// none, are still kept.
func (e *Editor) keepsColours(l *line) bool {
	_, ok := e.codes.lines.Get(l.source.Version)
	return ok
}

// keepColours keeps the tokens of a block by line.
func (e *Editor) keepColours(b *codeBlock, tokens []highlight.Token) {
	at, next := 0, 0
	for i, text := range b.lines {
		end := at + len(text)
		var own []highlight.Token
		for n := next; n < len(tokens) && tokens[n].From < end; n++ {
			t := tokens[n]
			if t.To > at {
				own = append(own, highlight.Token{From: max(t.From, at) - at, To: min(t.To, end) - at, Kind: t.Kind})
			}
			if t.To <= end {
				next = n + 1
			}
		}
		e.codes.lines.Put(b.versions[i], newCodeLine(b.lang, own), 1)
		at = end + 1
	}
}
