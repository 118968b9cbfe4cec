package editor

import "starling/app/markdown"

// typeSign types what is not only written: a | of a table's row. done is false
// for all else.
func (e *Editor) typeSign(r rune) (done bool, err error) {
	t := prose{e.buf}
	caret, anchor := t.ends()
	if r != '|' || caret != anchor {
		return false, nil
	}
	if result, ok := markdown.Pipe(t, caret); ok {
		return true, t.carryOut(result)
	}
	return false, nil
}
