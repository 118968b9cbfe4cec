package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"starling/app/control"
)

// job is one run of a command.
type job struct {
	*invocation
	streams
}

// target is the home, for a command that must find one.
func (j *job) target() control.Target {
	return control.Target{Home: j.home, Name: j.name, Logger: logger(j.err, slog.LevelWarn)}
}

// logger writes what matters to a person as text.
func logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// print writes value with --json, and else the lines of text.
func (j *job) print(value any, lines ...string) error {
	if j.json {
		return printJSON(j.out, value)
	}
	for _, line := range lines {
		if _, err := io.WriteString(j.out, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// warn tells a person something that was done all the same, where no result stands.
func (j *job) warn(text string) {
	if text != "" {
		_, _ = io.WriteString(j.err, "starlingd: "+text+"\n") // there is nowhere else to say it
	}
}

// tell tells a person what became of a command, where no result stands.
func (j *job) tell(sentence string) {
	_, _ = io.WriteString(j.err, row(sentence)+"\n") // there is nowhere else to say it
}

// aMoment is how long nothing need be said.
const aMoment = 250 * time.Millisecond

// whileWaiting runs f, and tells a person what it waits for if that takes longer than a
// moment.
func (j *job) whileWaiting(text string, f func() error) error {
	said := make(chan struct{})
	timer := time.AfterFunc(aMoment, func() {
		defer close(said)
		j.warn(text)
	})
	err := f()
	if !timer.Stop() {
		<-said
	}
	return err
}

// printJSON writes value and a newline in one call.
func printJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// row joins fields by tabs. Names come from other people, so what would break
// the row or command the terminal is replaced.
func row(fields ...string) string {
	for i, f := range fields {
		fields[i] = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return unicode.ReplacementChar
		}, f)
	}
	return strings.Join(fields, "\t")
}

// rows makes a row of each item.
func rows[T any](items []T, fields func(T) []string) []string {
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = row(fields(item)...)
	}
	return lines
}

// ifNone says why a list is empty: silence looks like a fault. Scripts see that it is.
func (j *job) ifNone(length int, text string) {
	if length == 0 && !j.json {
		j.warn(text)
	}
}

// mark is word if ok, else "-".
func mark(ok bool, word string) string {
	if ok {
		return word
	}
	return "-"
}

// simple runs a command of one value and prints it.
func simple[A, R any](ctx context.Context, j *job, op control.Op[A, R], args A, lines func(R) []string) error {
	value, err := control.Call(ctx, j.target(), op, args)
	if err != nil {
		return err
	}
	if err := j.print(value, lines(value)...); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}
