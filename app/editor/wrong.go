package editor

import (
	"starling/app/markdown"
	"starling/app/spell"
)

// Speller tells which words are spelt right. Right is called on the UI
// goroutine with each word that comes into view, and takes some microseconds.
type Speller interface{ Right(word string) bool }

// wrong is which words of a line are not spelt right, by their bytes. It is
// true for one state of the speller.
type wrong struct {
	state int
	words [][2]int
}

// SetSpell changes who tells which words are right; nil for nobody. It is also
// called when the speller has learned a word.
func (e *Editor) SetSpell(s Speller) {
	e.config.Spell = s
	e.spelling++
	e.update()
}

// wrongIn returns the words of a line in view that are not right.
func (e *Editor) wrongIn(l *line) [][2]int {
	if e.config.Spell == nil || len(l.text) > longLine {
		return nil
	}
	if l.wrong == nil || l.wrong.state != e.spelling {
		l.wrong = &wrong{state: e.spelling}
		switch l.md.Kind {
		case markdown.Code, markdown.Fence, markdown.FrontMatter, markdown.HTML, markdown.Definition, markdown.Rule, markdown.TableRule, markdown.Underline:
		default:
			l.wrong.words = e.check(l)
		}
	}
	return l.wrong.words
}

func (e *Editor) check(l *line) (out [][2]int) {
	const skipped = markdown.CodeSpan | markdown.URL | markdown.Mark | markdown.Comment | markdown.NoteRef
	span := 0
	spell.Words(l.text, func(from, to int) bool {
		for span < len(l.md.Spans)-1 && l.md.Spans[span].To <= from {
			span++
		}
		if len(l.md.Spans) > 0 && l.md.Spans[span].Style&skipped != 0 {
			return true
		}
		if !e.config.Spell.Right(l.text[from:to]) {
			out = append(out, [2]int{from, to})
		}
		return true
	})
	return out
}

// wrongs underlines the words in view that are not right, but for the one that
// is being typed.
func (p *page) wrongs() {
	e := p.e
	if e.config.Spell == nil {
		return
	}
	caret := e.buf.Caret()
	for i := range e.view.lines {
		l := &e.view.lines[i]
		for _, w := range e.wrongIn(l) {
			from, to := l.place(w[0]), l.place(w[1])
			if to == caret && e.focused {
				continue
			}
			p.below(from, to, fade(e.config.Theme.Wrong, 0xC0), 2)
		}
	}
}

// wrongAt returns the word around a place that is not spelt right.
func (e *Editor) wrongAt(at int) (word string, from, to int) {
	for i := range e.view.lines {
		l := &e.view.lines[i]
		if at < l.start || at > l.end() {
			continue
		}
		offset := l.offset(at)
		for _, w := range e.wrongIn(l) {
			if w[0] <= offset && offset <= w[1] {
				return l.text[w[0]:w[1]], l.place(w[0]), l.place(w[1])
			}
		}
	}
	return "", 0, 0
}
