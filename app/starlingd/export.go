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
	"starling/app/markdown"
	"starling/sync/peer"
)

// formatHTML is the format that is made here, of the text that the peer gives.
const formatHTML = "html"

// formats are all that --format may be.
func formats() []string { return append(control.Formats(), formatHTML) }

// errTerminal says that bytes were about to go to a person's screen.
var errTerminal = errors.New("an Automerge file is not for a terminal: give --out FILE, or send the output elsewhere")

func exportCommand() *command {
	var format, out string
	return &command{
		name:  "export",
		forms: []string{"DOC --format automerge|md|txt|html [--out FILE]"},
		about: "write a document to standard output or to FILE\n" +
			"--format automerge   with its whole history, for any Automerge program\n" +
			"--format md          the text, exactly\n" +
			"--format txt         the text, with a line break at its end\n" +
			"--format html        a page for browsers, which fetches and runs nothing",
		min: 1, max: 1,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&format, "format", "", "")
			set.StringVar(&out, "out", "", "")
		},
		run: func(ctx context.Context, j *job) error {
			if !slices.Contains(formats(), format) {
				return misuse("export needs --format, one of %s", strings.Join(formats(), ", "))
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
	e, err := exported(ctx, j, format)
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

// exported asks the peer for a document's file.
func exported(ctx context.Context, j *job, format string) (control.Exported, error) {
	ask := format
	if format == formatHTML {
		ask = string(peer.FormatMarkdown)
	}
	e, err := control.Call(ctx, j.target(), control.Export, control.ExportArgs{Doc: j.args[0], Format: ask})
	if err == nil && format == formatHTML {
		e.Data = []byte(markdown.Page(string(e.Data)))
	}
	return e, err
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
