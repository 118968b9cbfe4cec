package main

import (
	"context"
	"strconv"
	"strings"

	"starling/app/control"
)

// excerptRoom is how many characters of a text are shown with what waits.
const excerptRoom = 2000

// listWaiting prints what waits, and of one document also the text with it.
func listWaiting(ctx context.Context, j *job) error {
	args := control.DocArgs{}
	if len(j.args) > 0 {
		if args.Doc = j.args[0]; args.Doc == "" {
			return misuse("DOC is empty")
		}
	}
	return simple(ctx, j, control.ListWaiting, args, func(list []control.Waiting) []string {
		lines := rows(list, func(w control.Waiting) []string {
			by := w.By.Name
			if w.Mine {
				by = "you"
			}
			return []string{w.Document, by, count(w.Changes, "change"), moment(w.First), moment(w.Last), clip(w.Title, titleRoom)}
		})
		if len(list) == 0 || len(list[0].Text) == 0 {
			return lines
		}
		lines = append(lines, "", "The text with it:")
		for line := range strings.Lines(clip(string(list[0].Text), excerptRoom)) {
			lines = append(lines, row(strings.TrimRight(line, "\r\n")))
		}
		return lines
	})
}

func takeIn(ctx context.Context, j *job) error {
	return simple(ctx, j, control.TakeIn, control.TakeInArgs{Docs: j.args}, func(list []control.TakenIn) []string {
		return rows(list, func(t control.TakenIn) []string { return []string{t.Document, strconv.Itoa(t.Changes)} })
	})
}
