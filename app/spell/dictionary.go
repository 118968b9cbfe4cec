package spell

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// Bounds of files, in bytes. The largest dictionaries known have 12 MiB.
const (
	maxAffFile = 16 << 20
	maxDicFile = 48 << 20
)

// Dictionary is one language's words. It doesn't change, and is safe for
// concurrent use.
type Dictionary struct {
	rules   *rules
	table   table
	sets    []set
	scripts scripts
}

// Open reads a dictionary. It takes some 100 ms and is not for the UI
// goroutine.
func Open(info Info) (*Dictionary, error) {
	base := strings.TrimSuffix(info.Path, ".dic")
	aff, err := readFile(base+".aff", maxAffFile)
	if err != nil {
		return nil, fmt.Errorf("spell: open dictionary %s: %w", info.Language, err)
	}
	dic, err := readFile(base+".dic", maxDicFile)
	if err != nil {
		return nil, fmt.Errorf("spell: open dictionary %s: %w", info.Language, err)
	}
	d, err := parse(aff, dic)
	if err != nil {
		return nil, fmt.Errorf("spell: open dictionary %s: %w", info.Language, err)
	}
	return d, nil
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: larger than %d bytes: %w", path, limit, errFormat)
	}
	return data, nil
}

// parse makes a dictionary of the two files.
func parse(aff, dic []byte) (*Dictionary, error) {
	r, err := readRules(aff)
	if err != nil {
		return nil, fmt.Errorf("affix file: %w", err)
	}
	d := &Dictionary{rules: r}
	d.table.text = make([]byte, 0, len(dic))
	d.table.entries = make([]entry, 0, bytes.Count(dic, []byte("\n"))+1)
	var known sets
	var seen scriptCount
	first := true
	for line := range bytes.Lines(dic) {
		if first {
			first = false
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
			if len(bytes.Trim(line, "0123456789 \t\r\n")) == 0 {
				continue // the number of words
			}
		}
		d.stem(line, &known, &seen)
	}
	if len(d.table.entries) == 0 {
		return nil, fmt.Errorf("no words: %w", errFormat)
	}
	d.sets = known.all
	d.scripts = seen.main()
	d.table.index()
	return d, nil
}

// stem takes in one line of a .dic file.
func (d *Dictionary) stem(line []byte, known *sets, seen *scriptCount) {
	raw, flags := cutStem(line)
	word := d.rules.strip(d.rules.decode(raw))
	if word == "" || len(word) > maxWord || strings.ContainsRune(word, utf8.RuneError) {
		return
	}
	list := d.rules.flagsOf(flags)
	d.table.add([]byte(word), known.id(list))
	seen.add(word)
	// A word such as NATO/S or eBook is also a word where all is written in
	// capitals, with its affixes: NATOS, EBOOK.
	switch capsOf(word) {
	case innerCaps:
	case allCaps:
		if len(list) == 0 {
			return
		}
	default:
		return
	}
	if !set(list).has(d.rules.forbidden) {
		hidden := append(append([]flag{}, list...), onlyUpper)
		d.table.add([]byte(capital(strings.ToLower(word))), known.id(hidden))
	}
}

// cutStem parts a line of a .dic file into the word and its flags; what says
// things about the word after them is left out.
func cutStem(line []byte) (word, flags []byte) {
	line = bytes.TrimRight(line, "\r\n")
	if i := bytes.IndexByte(line, '\t'); i >= 0 {
		line = line[:i]
	}
	for i := 1; i+3 < len(line); i++ { // fields such as " po:noun"
		if line[i] == ' ' && line[i+3] == ':' {
			line = line[:i]
			break
		}
	}
	line = bytes.TrimRight(line, " ")
	for i := 1; i < len(line); i++ {
		if line[i] != '/' {
			continue
		}
		if line[i-1] != '\\' {
			return bytes.ReplaceAll(line[:i], []byte(`\/`), []byte("/")), line[i+1:]
		}
	}
	return bytes.ReplaceAll(line, []byte(`\/`), []byte("/")), nil
}
