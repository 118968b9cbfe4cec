package desktop

import (
	"fmt"
	"sort"
	"unicode/utf8"

	"starling/app/markdown"
)

// size is how long a text is.
type size struct{ Words, Characters int }

// heading is one of the text's headings.
type heading struct {
	Level int
	Text  string
	At    int // the place where its line starts
}

// reading is what was read in a text off the window's goroutine.
type reading struct {
	seen     uint64 // the text's last patch
	size     size
	headings []heading
	outline  bool // headings were looked for
}

func readText(text string, seen uint64, outline bool) reading {
	r := reading{seen: seen, size: sizeOf(text), outline: outline}
	if outline {
		r.headings = headingsOf(text)
	}
	return r
}

func sizeOf(text string) size {
	c := markdown.Count(text)
	return size{c.Words, c.Characters}
}

// headingsOf finds a text's headings and their places.
func headingsOf(text string) []heading {
	found := markdown.Outline(text)
	headings := make([]heading, 0, len(found))
	line, at := 0, 0
	rest := text
	for _, h := range found {
		for line < h.Line && rest != "" {
			end := 0
			for end < len(rest) && rest[end] != '\n' {
				end++
			}
			end = min(end+1, len(rest))
			at += utf8.RuneCountInString(rest[:end])
			rest = rest[end:]
			line++
		}
		headings = append(headings, heading{h.Level, clean(h.Text), at})
	}
	return headings
}

// outlineRows are the headings as a list shows them, with the one of the caret
// marked; current is -1 for none.
func outlineRows(headings []heading, current int) []listRow {
	least := 6
	for _, h := range headings {
		least = min(least, h.Level)
	}
	rows := make([]listRow, len(headings))
	for i, h := range headings {
		rows[i] = listRow{Title: h.Text, Indent: h.Level - least, Selected: i == current}
		if h.Text == "" {
			rows[i].Title, rows[i].Quiet = "Untitled", true
		}
	}
	return rows
}

// headingAt is the heading that a place is below, -1 for none.
func headingAt(places []int, at int) int {
	return sort.Search(len(places), func(i int) bool { return places[i] > at }) - 1
}

// wordLine says how many words a text has, and how many are selected.
func wordLine(all size, chosen *size) string { return countLine(all, chosen, "word", size.words) }

// characterLine is the same of characters.
func characterLine(all size, chosen *size) string {
	return countLine(all, chosen, "character", size.characters)
}

func (c size) words() int      { return c.Words }
func (c size) characters() int { return c.Characters }

func countLine(all size, chosen *size, what string, of func(size) int) string {
	n := of(all)
	line := grouped(n) + " " + what
	if n != 1 {
		line += "s"
	}
	if chosen != nil {
		line = fmt.Sprintf("%s of %s", grouped(of(*chosen)), line)
	}
	return line
}
