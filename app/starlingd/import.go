package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"starling/app/control"
	"starling/sync/peer"
)

// errTold says that all there is to say of a failure was said.
var errTold = errors.New("told already")

// What goes to the peer at a time: at most this many files, and bytes besides
// the last one's.
const (
	batchFiles = 256
	batchBytes = 4 << 20
)

func importCommand() *command {
	var space string
	var flags *flag.FlagSet
	return &command{
		name:  "import",
		forms: []string{"[--space SPACE] FILE…"},
		about: fmt.Sprintf("make a document of each file and print its ID: Automerge files with their history,\n"+
			"others as text in UTF-8. A file has at most %d MB, a text %d MB\n"+
			"--space SPACE   where to; the default is your own first space, made if there is none",
			control.MaxImport>>20, control.MaxImportText>>20),
		min: 1, max: many,
		flags: func(set *flag.FlagSet) {
			flags = set
			set.StringVar(&space, "space", "", "")
		},
		run: func(ctx context.Context, j *job) error {
			if space == "" && isGiven(flags, "space") {
				return misuse("--space is empty")
			}
			i := importer{job: j, space: space, found: make([]importedJSON, len(j.args))}
			return i.run(ctx)
		},
	}
}

// importedJSON is what became of a file.
type importedJSON struct {
	File  string `json:"file"`
	ID    string `json:"id"`
	Title string `json:"title"`
	Space string `json:"space"`
	Error string `json:"error"` // "" if it was imported
}

// importer imports the files of one command.
type importer struct {
	*job
	space  string
	found  []importedJSON // by argument
	failed bool
	// What waits to be sent: files, and the arguments that name them.
	files []control.ImportFile
	args  []int
	bytes int
}

func (i *importer) run(ctx context.Context) error {
	for n, name := range i.job.args {
		i.found[n].File = name
		data, err := readFile(ctx, name)
		if err != nil {
			if err := i.fail(n, err); err != nil {
				return err
			}
			continue
		}
		i.files = append(i.files, control.ImportFile{Name: []byte(name), Data: data})
		i.args = append(i.args, n)
		if i.bytes += len(data); i.bytes >= batchBytes || len(i.files) == batchFiles {
			if err := i.send(ctx); err != nil {
				return err
			}
		}
	}
	if err := i.send(ctx); err != nil {
		return err
	}
	if i.json {
		if err := printJSON(i.out, i.found); err != nil {
			return err
		}
	}
	if i.failed {
		return errTold
	}
	return nil
}

// send has the peer import what waits.
func (i *importer) send(ctx context.Context) error {
	if len(i.files) == 0 {
		return nil
	}
	target := i.target()
	if i.space == "" {
		target.Make = true
		target.Name = cmp.Or(target.Name, peer.SystemName())
	}
	args, sent := control.ImportArgs{Space: i.space, Files: i.files}, i.args
	i.files, i.args, i.bytes = nil, nil, 0
	return control.Stream(ctx, target, control.Import, args, func(s control.ImportStep) error {
		n := sent[s.File]
		if err := s.Err(); err != nil {
			return i.fail(n, err)
		}
		f := &i.found[n]
		f.ID, f.Title, f.Space = s.Document.ID, s.Document.Title, s.Document.Space
		if i.json {
			return nil
		}
		_, err := fmt.Fprintln(i.out, f.ID)
		return err
	})
}

// fail says why a file was not imported.
func (i *importer) fail(n int, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return cause
	}
	i.failed = true
	i.found[n].Error = explain(cause, i.home)
	_, err := fmt.Fprintf(i.err, "starlingd: %s: %s\n", row(i.found[n].File), i.found[n].Error)
	return err
}

// readFile reads a file that is to be imported, until ctx ends: to open a pipe
// that nobody writes into takes for ever.
func readFile(ctx context.Context, name string) ([]byte, error) {
	return untilDone(ctx, func() ([]byte, error) { return readLimited(name) })
}

// readLimited reads a file as far as the limit and one byte on, so that it is
// told how large a file may be.
func readLimited(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder: name the files in it")
	}
	data, err := io.ReadAll(io.LimitReader(file, control.MaxImport+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(data) > control.MaxImport {
		return nil, fmt.Errorf("%w: %d MB are the most", peer.ErrTooLarge, control.MaxImport>>20)
	}
	return data, nil
}

// withoutPath is what is wrong with a file that is named already.
func withoutPath(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
