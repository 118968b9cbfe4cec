package spell

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxOwn is the largest file of a person's words that is read, in bytes.
const maxOwn = 4 << 20

var errWord = errors.New("not one word")

// own is a person's words: a file of one word a line, in UTF-8. It is safe for
// concurrent use.
type own struct {
	// mu is held while the file is read and written, one after the other.
	mu   sync.Mutex
	path string // "": the words are kept in memory
	// words are never written to once they are here, so that nobody who looks a
	// word up waits for the disk.
	words atomic.Pointer[map[string]bool]
}

// open reads the file for the first time.
func (o *own) open(path string) error {
	o.path = path
	_, words, err := o.read()
	if err == nil {
		o.words.Store(&words)
	}
	return err
}

// all are the words, not to be written to.
func (o *own) all() map[string]bool { return *o.words.Load() }

// read returns the text of the file as it is now, and its words besides those
// that are known. A file that isn't there has none; lines that aren't one word are
// passed over.
func (o *own) read() (string, map[string]bool, error) {
	words := map[string]bool{}
	if known := o.words.Load(); known != nil {
		maps.Copy(words, *known)
	}
	if o.path == "" {
		return "", words, nil
	}
	data, err := readFile(o.path, maxOwn)
	if errors.Is(err, fs.ErrNotExist) {
		return "", words, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("spell: read own words: %w", err)
	}
	text := string(data)
	for line := range strings.Lines(text) {
		if word := strings.TrimSpace(line); isWord(word) {
			words[norm.NFC.String(word)] = true
		}
	}
	return text, words, nil
}

// add puts a word into the file. The file is read again first: another window
// may have added to it.
func (o *own) add(word string) error {
	if !isWord(word) {
		return fmt.Errorf("spell: add %.60q: %w", word, errWord)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	text, words, err := o.read()
	if err != nil {
		return err
	}
	if o.path != "" && !words[word] {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if err := replaceFile(o.path, text+word+"\n"); err != nil {
			return fmt.Errorf("spell: add %q: %w", word, err)
		}
	}
	words[word] = true
	o.words.Store(&words)
	return nil
}

// isWord reports whether s can be a line of the file.
func isWord(s string) bool {
	if s == "" || len(s) > maxWord || !utf8.ValidString(s) || s[0] == '#' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// replaceFile writes a file so that a crash leaves the old one or the new one
// whole, and makes its folder if need be.
func replaceFile(path, text string) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".words-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // closed already, or err says more
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
