package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"starling/app/control"
)

// blame is the lines of "blame": who and when, the number of the line and its
// text, and below it its parts if they are of several authors.
func blame(lines []control.Line) []string {
	t := table{}
	for i, l := range lines {
		var text strings.Builder
		for _, p := range l.Pieces {
			text.WriteString(p.Text)
		}
		own := letters(l.Pieces)
		parts := byAuthor(own)
		t.add(writers(parts), stamp(latest(own)), strconv.Itoa(i+1), strings.TrimSuffix(text.String(), "\n"))
		if len(parts) == 1 {
			continue
		}
		for _, p := range parts {
			t.add("  "+writer(p), stamp(p.Inserted.To), "", strconv.Quote(p.Text))
		}
	}
	return t.lines()
}

// letters are the pieces that say whose a line is: those of its text. Who ended the
// line has not written it, unless there is nothing else in it.
func letters(pieces []control.Piece) []control.Piece {
	if last := len(pieces) - 1; last > 0 && pieces[last].Text == "\n" {
		return pieces[:last]
	}
	return pieces
}

// latest is when the last of a line's pieces was written or brought back.
func latest(pieces []control.Piece) time.Time {
	var at time.Time
	for _, p := range pieces {
		for _, d := range append([]control.Deed{p.Inserted}, p.BroughtBack...) {
			if d.To.After(at) {
				at = d.To
			}
		}
	}
	return at
}

// byAuthor joins neighbouring parts of the same people, with the last time of
// them.
func byAuthor(pieces []control.Piece) []control.Piece {
	var parts []control.Piece
	for _, p := range pieces {
		last := len(parts) - 1
		if last < 0 || writer(parts[last]) != writer(p) {
			parts = append(parts, p)
			continue
		}
		parts[last].Text += p.Text
		if p.Inserted.To.After(parts[last].Inserted.To) {
			parts[last].Inserted.To = p.Inserted.To
		}
	}
	return parts
}

// writers are those who wrote the parts of a line, who wrote most of it first. Who
// brought something back is named only if that is all of the line.
func writers(parts []control.Piece) string {
	if len(parts) == 1 {
		return writer(parts[0])
	}
	var who []string
	share := make(map[string]int) // code points
	for _, p := range parts {
		name := author(p.Inserted.Author)
		if _, ok := share[name]; !ok {
			who = append(who, name)
		}
		share[name] += utf8.RuneCountInString(p.Text)
	}
	slices.SortStableFunc(who, func(a, b string) int { return share[b] - share[a] })
	const most = 3 // names, before the line's text
	if more := len(who) - most; more > 0 {
		who = append(who[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(who, ", ")
}

// writer is who wrote a piece, and who brought it back.
func writer(p control.Piece) string {
	who := author(p.Inserted.Author)
	if len(p.BroughtBack) > 0 {
		who += ", brought back by " + names(p.BroughtBack)
	}
	return who
}

// names are the authors of deeds, each once.
func names(deeds []control.Deed) string {
	var all []string
	for _, d := range deeds {
		if name := author(d.Author); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// difference is the lines of "diff": for each place where the texts differ, where
// that is in the later one, and then what went with - and what came with +, and
// who did it when.
func difference(pieces []control.Piece) []string {
	t := table{}
	line, before := 1, "" // the place in the later text
	for i, p := range pieces {
		if p.Fate == "same" || i > 0 && pieces[i-1].Fate != "same" {
			// nothing to begin
		} else if before == "" {
			t.heading(fmt.Sprintf("line %d", line))
		} else {
			t.heading(fmt.Sprintf("line %d, after %s", line, strconv.Quote(tail(before))))
		}
		if p.Fate != "same" {
			t.change(p)
		}
		if p.Fate != "deleted" {
			line += strings.Count(p.Text, "\n")
			before = lastLine(before + p.Text)
		}
	}
	return t.lines()
}

// lastLine is what stands behind the last line break.
func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// tail is the last few characters of a text.
func tail(text string) string {
	const most = 24
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return "…" + string(runes[len(runes)-most:])
}

// table gathers rows, some of them headings that stand across all columns.
type table struct {
	rows     [][]string
	headings map[int]string // before the row of that number
}

func (t *table) heading(text string) {
	if t.headings == nil {
		t.headings = make(map[int]string)
	}
	t.headings[len(t.rows)] = text
}

// add adds a row whose last field is text of the document.
func (t *table) add(fields ...string) {
	last := len(fields) - 1
	fields[last] = visible(fields[last])
	t.rows = append(t.rows, fields)
}

// change adds a piece that came or went, a row for each of its lines.
func (t *table) change(p control.Piece) {
	sign, who, when := "+", writer(p), stamp(p.Inserted.To)
	if n := len(p.BroughtBack); n > 0 {
		when = stamp(p.BroughtBack[n-1].To)
	}
	if p.Fate == "deleted" {
		sign, who, when = "-", names(p.Deleted), ""
		if len(p.Deleted) > 0 {
			when = stamp(p.Deleted[0].To)
		}
	}
	for i, text := range strings.SplitAfter(p.Text, "\n") {
		if text == "" && i > 0 {
			break // behind the last line break
		}
		if i > 0 {
			who, when = "", ""
		}
		t.add(sign, who, when, strings.ReplaceAll(text, "\n", "⏎"))
	}
}

// lines are the rows, aligned, with their headings.
func (t *table) lines() []string {
	var lines []string
	for i, line := range alignedText(t.rows) {
		if heading, ok := t.headings[i]; ok {
			lines = append(lines, visible(heading))
		}
		lines = append(lines, line)
	}
	return lines
}

// alignedText is aligned for rows whose last field is text of a document, which
// is made visible already and ends the row.
func alignedText(rows [][]string) []string {
	heads := make([][]string, len(rows))
	for i, fields := range rows {
		heads[i] = append(slices.Clone(fields[:len(fields)-1]), "|")
	}
	lines := aligned(heads)
	for i, fields := range rows {
		lines[i] = strings.TrimSuffix(lines[i], "|") + fields[len(fields)-1]
	}
	return lines
}
