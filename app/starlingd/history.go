package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"starling/app/control"
)

func history(ctx context.Context, j *job) error {
	return simple(ctx, j, control.History, control.DocArgs{Doc: j.args[0]}, func(list []control.Version) []string {
		fields := make([][]string, len(list))
		for i, v := range list {
			made := "named"
			if v.Changes > 0 {
				made = count(v.Changes, "change")
			}
			fields[i] = []string{v.ID, stamp(v.To), author(v.Author), made, strings.Join(v.Names, ", ")}
		}
		return aligned(fields)
	})
}

// versionFlag is --at, which names a version or is left out.
type versionFlag struct {
	version string
	flags   *flag.FlagSet
}

func (f *versionFlag) define(set *flag.FlagSet) {
	f.flags = set
	set.StringVar(&f.version, "at", "", "")
}

// check refuses an empty one, such as a script's unset variable.
func (f *versionFlag) check() error {
	if f.version == "" && isGiven(f.flags, "at") {
		return misuse("--at is empty")
	}
	return nil
}

func catCommand() *command {
	var at versionFlag
	return &command{
		name: "cat", forms: []string{"DOC [--at VERSION]"}, min: 1, max: 1,
		about: "print the text, exactly, as it is or as it was in a version",
		flags: at.define,
		run: func(ctx context.Context, j *job) error {
			if err := at.check(); err != nil {
				return err
			}
			if at.version == "" {
				return cat(ctx, j)
			}
			content, err := control.Call(ctx, j.target(), control.ReadVersion, control.VersionArgs{Doc: j.args[0], Version: at.version})
			if err != nil {
				return err
			}
			return j.printText(content)
		},
	}
}

func blameCommand() *command {
	var at versionFlag
	return &command{
		name: "blame", forms: []string{"DOC [--at VERSION]"}, min: 1, max: 1,
		about: "print who wrote each line, and when; below it each part, if several did",
		flags: at.define,
		run: func(ctx context.Context, j *job) error {
			if err := at.check(); err != nil {
				return err
			}
			return simple(ctx, j, control.Blame, control.VersionArgs{Doc: j.args[0], Version: at.version}, blame)
		},
	}
}

func diff(ctx context.Context, j *job) error {
	args := control.DiffArgs{Doc: j.args[0], A: j.args[1], B: j.args[2]}
	return simple(ctx, j, control.Diff, args, func(d control.Difference) []string { return difference(d.Pieces) })
}

// restoreVersion says on standard error what could not be made as it was.
func restoreVersion(ctx context.Context, j *job) error {
	args := control.VersionArgs{Doc: j.args[0], Version: j.args[1]}
	restored, err := control.Call(ctx, j.target(), control.RestoreVersion, args)
	if err != nil {
		return err
	}
	if restored.Left > 0 {
		fmt.Fprintf(j.err, "starlingd: %s stayed, as they are more than text\n", count(restored.Left, "part"))
	}
	return j.print(restored)
}

func nameVersionCommand() *command {
	var move bool
	return &command{
		name: "name-version", forms: []string{"DOC VERSION NAME [--move]"}, min: 3, max: 3,
		about: "give a version a name, for everybody\n" +
			"--move   take the name away from the version that has it",
		flags: func(set *flag.FlagSet) { set.BoolVar(&move, "move", false, "") },
		run: func(ctx context.Context, j *job) error {
			args := control.NameArgs{Doc: j.args[0], Version: j.args[1], Name: []byte(j.args[2]), Move: move}
			return simple(ctx, j, control.NameVersion, args, func(control.Named) []string { return nil })
		},
	}
}

func undo(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Undo, control.DocArgs{Doc: j.args[0]}, nothing)
}

func redo(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Redo, control.DocArgs{Doc: j.args[0]}, nothing)
}

// author is how an author is shown: authors of imported files in brackets, since
// they are nobody here.
func author(a control.Author) string {
	if a.Imported {
		return "(" + a.Name + ")"
	}
	return a.Name
}

// stamp is the time of a change. Its clock is its author's.
func stamp(t time.Time) string { return moment(&t) }

// aligned makes rows whose fields stand below each other.
func aligned(rows [][]string) []string {
	var widths []int
	for _, fields := range rows {
		for i, f := range fields {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(f))
		}
	}
	lines := make([]string, len(rows))
	for k, fields := range rows {
		for i, f := range fields {
			fields[i] = f + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(f))
		}
		lines[k] = strings.TrimRight(row(fields...), " \t")
	}
	return lines
}

// visible is text of a document, of which nothing may command the terminal.
// Joiners stay: they make one picture of several.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r), unicode.Is(unicode.Zs, r), r == '\u200c', r == '\u200d':
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

func chooseBranch(ctx context.Context, j *job) error {
	return simple(ctx, j, control.ChooseBranch, control.BranchArgs{Branch: j.args[0]}, quiet[control.None])
}
