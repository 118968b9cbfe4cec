package main

import (
	"context"
	"fmt"
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

// takeIn takes in what waits beside each document, and fails if it could not beside one.
func takeIn(ctx context.Context, j *job) error {
	list, err := control.Call(ctx, j.target(), control.TakeIn, control.TakeInArgs{Docs: j.args})
	if err != nil {
		return err
	}
	var done []control.TakenIn
	for _, t := range list {
		if t.Err() == nil {
			done = append(done, t)
		}
	}
	if err := j.print(list, rows(done, func(t control.TakenIn) []string { return []string{t.Document, strconv.Itoa(t.Changes)} })...); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	for _, t := range list {
		if err := t.Err(); err != nil {
			j.warn(row(t.Document) + ": " + failureOf(err, j.home).String())
		}
	}
	if len(done) < len(list) {
		return errTold
	}
	return nil
}
