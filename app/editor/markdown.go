package editor

import "strings"

// The state that flows from line to line: the fence that is open, and what the
// lines above allow indented code to be.
const (
	stateFence  uint32 = 0x3  // 0 no fence, else 1 for ` and 2 for ~
	stateLength uint32 = 0xff // of the fence, shifted
	lengthShift        = 2
	stateText   uint32 = 1 << 10 // the line before is text
	stateList   uint32 = 1 << 11 // inside a list
)

// kind is what a line is by itself and its state.
type kind uint8

const (
	kindText kind = iota
	kindHeading
	kindFence // the line that opens or closes a fence
	kindCode
	kindRule
)

// nextState returns the state after a line (CommonMark 0.31, sections 4.4 and
// 4.5, as far as it can be told from the lines above).
func nextState(state uint32, text string) uint32 {
	k, _ := lineKind(state, text)
	indent, rest := indentOf(text)
	switch {
	case k == kindFence && state&stateFence != 0:
		return state & stateList
	case k == kindFence:
		return state&stateList | fenceState(rest)
	case state&stateFence != 0:
		return state
	case rest == "":
		return state &^ stateText
	case k == kindCode:
		return state &^ stateText
	case listMarker(rest) > 0:
		return stateText | stateList
	case indent < 2 && state&stateText == 0:
		return stateText
	default:
		return state | stateText
	}
}

// lineKind also returns the level of a heading.
func lineKind(state uint32, text string) (k kind, level int) {
	indent, rest := indentOf(text)
	fence := fenceState(rest)
	if open := state & stateFence; open != 0 {
		length := state >> lengthShift & stateLength
		closes := fence&stateFence == open && fence>>lengthShift >= length &&
			strings.Trim(rest, "`~ \t") == ""
		if closes && indent < 4 {
			return kindFence, 0
		}
		return kindCode, 0
	}
	switch {
	case rest == "":
		return kindText, 0
	case indent >= 4 && state&(stateText|stateList) == 0:
		return kindCode, 0
	case fence != 0 && (indent < 4 || state&stateList != 0):
		return kindFence, 0
	}
	if n := headingMarks(rest); n > 0 && indent < 4 {
		return kindHeading, n
	}
	if isRule(rest) && indent < 4 {
		return kindRule, 0
	}
	return kindText, 0
}

// indentOf counts columns of white space at the start, a tab being four.
func indentOf(text string) (columns int, rest string) {
	for i := range len(text) {
		switch text[i] {
		case ' ':
			columns++
		case '\t':
			columns += 4 - columns%4
		default:
			return columns, text[i:]
		}
	}
	return columns, ""
}

// fenceState is the state that a line opens, 0 if it is no fence.
func fenceState(rest string) uint32 {
	if rest == "" || rest[0] != '`' && rest[0] != '~' {
		return 0
	}
	n := runLength(rest)
	if n < 3 || rest[0] == '`' && strings.Contains(rest[n:], "`") {
		return 0
	}
	fence := uint32(1)
	if rest[0] == '~' {
		fence = 2
	}
	return fence | uint32(min(n, 255))<<lengthShift
}

// runLength is how often the first byte of s stands at its start.
func runLength(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// headingMarks is the number of # that make a line a heading, or 0.
func headingMarks(rest string) int {
	if rest[0] != '#' {
		return 0
	}
	n := runLength(rest)
	if n > 6 || n < len(rest) && rest[n] != ' ' && rest[n] != '\t' {
		return 0
	}
	return n
}

// isRule reports whether a line is three or more of - * _ and spaces.
func isRule(rest string) bool {
	if !strings.ContainsRune("-*_", rune(rest[0])) {
		return false
	}
	marks := strings.Count(rest, rest[:1])
	return marks >= 3 && strings.Trim(rest, rest[:1]+" \t") == ""
}

// listMarker is the length of a list's marker with the space after it and a
// task's box, or 0.
func listMarker(rest string) int {
	n := 0
	switch {
	case rest == "":
		return 0
	case strings.ContainsRune("-+*", rune(rest[0])):
		n = 1
	default:
		for n < len(rest) && n < 9 && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		if n == 0 || n == len(rest) || rest[n] != '.' && rest[n] != ')' {
			return 0
		}
		n++
	}
	if n == len(rest) || rest[n] != ' ' {
		return 0
	}
	n++
	if _, ok := task(rest[n:]); ok {
		n += len("[ ] ")
	}
	return n
}

// task reports whether a list item's text starts with a box.
func task(rest string) (done, ok bool) {
	if len(rest) < 4 || rest[0] != '[' || rest[2] != ']' || rest[3] != ' ' {
		return false, false
	}
	switch rest[1] {
	case ' ':
		return false, true
	case 'x', 'X':
		return true, true
	}
	return false, false
}
