package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"starling/app/control"
	"starling/sync/peer"
)

// cat prints the text as it is.
func cat(ctx context.Context, j *job) error {
	content, err := control.Call(ctx, j.target(), control.Read, control.DocArgs{Doc: j.args[0]})
	if err != nil {
		return err
	}
	return j.printText(content)
}

// printText prints the bytes of a text and nothing else; with --json a string.
func (j *job) printText(content control.Content) error {
	if j.json {
		return printJSON(j.out, string(content.Text))
	}
	_, err := j.out.Write(content.Text)
	return err
}

func editCommand() *command {
	var at, count number
	var insert string
	return &command{
		name:  "edit",
		forms: []string{"DOC --at N [--delete N] [--insert TEXT]"},
		about: "make one change: at place N, delete code points and insert TEXT in their stead",
		min:   1, max: 1,
		flags: func(set *flag.FlagSet) {
			set.Var(&at, "at", "")
			set.Var(&count, "delete", "")
			set.StringVar(&insert, "insert", "", "")
		},
		run: func(ctx context.Context, j *job) error {
			if !at.given {
				return misuse("edit needs --at")
			}
			args := control.EditArgs{Doc: j.args[0], At: at.value, Delete: count.value, Insert: []byte(insert)}
			return simple(ctx, j, control.Edit, args, nothing)
		},
	}
}

func write(ctx context.Context, j *job) error {
	text, err := readAll(ctx, j.in, control.MaxImport)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	return simple(ctx, j, control.Write, control.WriteArgs{Doc: j.args[0], Text: text}, nothing)
}

// readAll is io.ReadAll until ctx ends, of at most so many bytes.
func readAll(ctx context.Context, r io.Reader, limit int) ([]byte, error) {
	text, err := untilDone(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(r, int64(limit)+1)) })
	if err == nil && len(text) > limit {
		return nil, fmt.Errorf("%w: %d MB are the most", peer.ErrTooLarge, limit>>20)
	}
	return text, err
}

// untilDone has read read until ctx ends. Nothing can interrupt a read from a
// terminal or a pipe, so that one is left to the end of the process.
func untilDone(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// nothing is the text output of a command that only does something.
func nothing(control.Edited) []string { return nil }

// watch prints changes until it is told to stop, which is its way to succeed.
// It says on standard error when the watch is in force.
func watch(ctx context.Context, j *job) error {
	args := control.DocArgs{Doc: j.args[0]}
	err := control.Stream(ctx, j.target(), control.Watch, args, func(s control.WatchStep) error {
		if s.Change == nil {
			_, err := fmt.Fprintln(j.err, "watching")
			return err
		}
		return printJSON(j.out, s.Change)
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}
