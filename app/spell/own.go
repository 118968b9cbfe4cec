package spell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxOwn is the largest file of a person's words that is read, in bytes.
const maxOwn = 4 << 20

var errWord = errors.New("not one word")

// own is a person's words: a file of one word a line, in UTF-8.
type own struct {
	path  string // "": the words are kept in memory
	words map[string]bool
}

// read takes in the file anew and returns its text. A file that isn't there
// has no words; lines that aren't one word are passed over.
func (o *own) read() (string, error) {
	if o.words == nil {
		o.words = map[string]bool{}
	}
	if o.path == "" {
		return "", nil
	}
	data, err := readFile(o.path, maxOwn)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("spell: read own words: %w", err)
	}
	text := string(data)
	for line := range strings.Lines(text) {
		if word := strings.TrimSpace(line); isWord(word) {
			o.words[word] = true
		}
	}
	return text, nil
}

// add puts a word into the file. The file is read again first: another window
// may have added to it.
func (o *own) add(word string) error {
	if !isWord(word) {
		return fmt.Errorf("spell: add %.60q: %w", word, errWord)
	}
	text, err := o.read()
	if err != nil || o.words[word] {
		return err
	}
	if o.path != "" {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if err := replaceFile(o.path, text+word+"\n"); err != nil {
			return fmt.Errorf("spell: add %q: %w", word, err)
		}
	}
	o.words[word] = true
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
