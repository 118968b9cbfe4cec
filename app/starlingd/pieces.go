package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
		parts := byAuthor(l.Pieces)
		who := author(l.Last.Author)
		if len(parts) == 1 && len(parts[0].BroughtBack) > 0 {
			who = writer(parts[0]) // who brought it back has not written it
		}
		t.add(who, stamp(l.Last.To), strconv.Itoa(i+1), strings.TrimSuffix(text.String(), "\n"))
		if len(parts) == 1 {
			continue
		}
		for _, p := range parts {
			t.add("  "+writer(p), stamp(p.Inserted.To), "", strconv.Quote(p.Text))
		}
	}
	return t.lines()
}

// byAuthor joins neighbouring parts of the same people, with the last time of
// them. A part that is only a line break goes with the one before.
func byAuthor(pieces []control.Piece) []control.Piece {
	var parts []control.Piece
	for _, p := range pieces {
		last := len(parts) - 1
		if last >= 0 && (p.Text == "\n" || writer(parts[last]) == writer(p)) {
			parts[last].Text += p.Text
			if p.Inserted.To.After(parts[last].Inserted.To) && p.Text != "\n" {
				parts[last].Inserted.To = p.Inserted.To
			}
			continue
		}
		parts = append(parts, p)
	}
	return parts
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
