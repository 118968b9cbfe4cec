package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"starling/app/control"
)

// errTerminal says that bytes were about to go to a person's screen.
var errTerminal = errors.New("an Automerge file is not for a terminal: give --out FILE, or send the output elsewhere")

func exportCommand() *command {
	var format, out string
	return &command{
		name:  "export",
		forms: []string{"DOC --format automerge|md|txt [--out FILE]"},
		about: "write a document to standard output or to FILE\n" +
			"--format automerge   with its whole history, for any Automerge program\n" +
			"--format md          the text, exactly\n" +
			"--format txt         the text, with a line break at its end",
		min: 1, max: 1,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&format, "format", "", "")
			set.StringVar(&out, "out", "", "")
		},
		run: func(ctx context.Context, j *job) error {
			if !slices.Contains(control.Formats(), format) {
				return misuse("export needs --format, one of %s", strings.Join(control.Formats(), ", "))
			}
			return export(ctx, j, format, out)
		},
	}
}

// exportedJSON is an export with --json: Data without --out, else the file's
// name and how many bytes it has.
type exportedJSON struct {
	ID     string `json:"id"`
	Format string `json:"format"`
	File   string `json:"file"`
	Bytes  int    `json:"bytes"`
	Data   []byte `json:"data"`
}

func export(ctx context.Context, j *job, format, out string) error {
	if out == "" && !j.json && format == "automerge" && isTerminal(j.out) {
		return errTerminal
	}
	e, err := control.Call(ctx, j.target(), control.Export, control.ExportArgs{Doc: j.args[0], Format: format})
	if err != nil {
		return err
	}
	result := exportedJSON{ID: e.ID, Format: format, File: out, Bytes: len(e.Data), Data: e.Data}
	if out != "" {
		if err := os.WriteFile(out, e.Data, 0o666); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		result.Data = nil
	}
	switch {
	case j.json:
		return printJSON(j.out, result)
	case out == "":
		_, err = j.out.Write(e.Data)
	}
	return err
}

// isTerminal reports whether w is a device of characters, other than the one
// that swallows all.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
