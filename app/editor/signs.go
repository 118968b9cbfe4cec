package editor

import (
	"starling/app/buffer"
	"starling/app/markdown"
)

// around are the signs that go around what is selected, with those that end it.
var around = map[rune]string{
	'(': ")", '[': "]", '{': "}", '"': "\"", '*': "*", '_': "_", '`': "`",
}

// typeSign types what is not only written: a sign around the selection, and a |
// of a table's row. done is false for all else.
func (e *Editor) typeSign(r rune) (done bool, err error) {
	if caret, anchor := e.Caret(); caret != anchor {
		return e.surround(r)
	}
	if r != '|' {
		return false, nil
	}
	t := prose{e.buf}
	caret, _ := t.ends()
	if result, ok := markdown.Pipe(t, caret); ok {
		return true, t.carryOut(result)
	}
	return false, nil
}

// surround puts a sign and the one that ends it around the selection, which stays
// on the same words.
func (e *Editor) surround(r rune) (done bool, err error) {
	end, ok := around[r]
	if !ok {
		return false, nil
	}
	from, to := e.buf.Selection()
	caret, anchor := e.Caret()
	return true, e.buf.Replace([]buffer.Splice{{At: from, Insert: string(r)}, {At: to, Insert: end}}, caret+1, anchor+1)
}
