package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"starling/crdt"
)

// What an imported file may hold. Each is far beyond what people write, and
// keeps one file from filling the memory.
const (
	// MaxImport is the size of a file in bytes.
	MaxImport = 40 << 20
	// MaxImportText is the size of a text in bytes.
	MaxImportText = 8 << 20

	maxImportChanges = 1 << 20
	maxImportBytes   = 256 << 20 // of all changes, encoded
)

// magic begins every Automerge chunk, and no UTF-8 text.
const magic = "\x85\x6f\x4a\x83"

// lineEnds makes all line ends newlines.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isAutomerge reports whether a file begins as Automerge files do.
func isAutomerge(data []byte) bool { return strings.HasPrefix(string(data[:min(len(data), 4)]), magic) }

// textOf makes a text of a file: without a byte order mark, and with lines that
// end as ours do.
func textOf(data []byte) (string, error) {
	switch {
	case len(data) > MaxImportText:
		return "", fmt.Errorf("%w: a text of %d bytes, %d are the most", ErrTooLarge, len(data), MaxImportText)
	case !utf8.Valid(data):
		return "", ErrNotText
	}
	text := strings.TrimPrefix(string(data), "\uFEFF")
	if strings.ContainsRune(text, 0) {
		return "", fmt.Errorf("%w: it holds a zero byte", ErrNotText)
	}
	return lineEnds.Replace(text), nil
}

// fileChanges are the changes of an Automerge file.
type fileChanges struct {
	all    []crdt.Change // each once, in the order of the file
	byHash map[crdt.Hash]int
	bytes  int
}

// readAutomerge returns the changes of an Automerge file, each once and after
// those it builds on. The file may be any number of document chunks and changes,
// one behind the other, in any order.
func readAutomerge(ctx context.Context, data []byte) ([]crdt.Change, error) {
	f := &fileChanges{byHash: make(map[crdt.Hash]int)}
	err := crdt.ReadFile(data, func(c crdt.Change) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.add(c)
	})
	switch {
	case err == nil:
		return f.inOrder()
	case ctx.Err() != nil || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrBadFile):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", ErrBadFile, err)
}

func (f *fileChanges) add(c crdt.Change) error {
	if _, ok := f.byHash[c.Hash]; ok {
		return nil
	}
	if c.MaxOp > crdt.MaxForeignOp {
		return fmt.Errorf("%w: its operations are numbered up to %d, which leaves too few numbers", ErrBadFile, c.MaxOp)
	}
	c.Foreign = true
	f.bytes += len(c.Bytes)
	if len(f.all) == maxImportChanges || f.bytes > maxImportBytes {
		return fmt.Errorf("%w: more than %d changes, or %d MB of them", ErrTooLarge, maxImportChanges, maxImportBytes>>20)
	}
	f.byHash[c.Hash] = len(f.all)
	f.all = append(f.all, c)
	return nil
}

// inOrder puts each change after those it builds on.
func (f *fileChanges) inOrder() ([]crdt.Change, error) {
	kids := make(map[int][]int) // by what they wait for
	missing := make([]int, len(f.all))
	ordered := make([]crdt.Change, 0, len(f.all))
	taken := make([]bool, len(f.all))
	for i, c := range f.all {
		for _, dep := range c.Deps {
			at, ok := f.byHash[dep]
			if !ok {
				return nil, fmt.Errorf("%w: change %v builds on %v, which is not in it", ErrBadFile, c.Hash, dep)
			}
			if !taken[at] {
				missing[i]++
				kids[at] = append(kids[at], i)
			}
		}
		for ripe := []int{i}; len(ripe) > 0; ripe = ripe[1:] {
			at := ripe[0]
			if missing[at] > 0 {
				continue
			}
			taken[at] = true
			ordered = append(ordered, f.all[at])
			for _, kid := range kids[at] {
				if missing[kid]--; missing[kid] == 0 {
					ripe = append(ripe, kid)
				}
			}
			delete(kids, at)
		}
	}
	return ordered, nil // hashes make no circles
}
