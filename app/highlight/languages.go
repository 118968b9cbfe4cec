package highlight

import (
	"embed"
	"encoding/xml"
	"fmt"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

//go:embed lexers/*.xml
var files embed.FS

// languages holds the lexers by all their names, in lower case. It is made at
// the first use and never changed afterwards.
var languages = sync.OnceValue(load)

// more are names that people write and chroma's files don't list.
var more = map[string]string{
	"c++": "cpp", "c#": "csharp", "f#": "fsharp", "golang": "go", "yml": "yaml",
	"console": "bash", "shell-session": "bash", "docker-compose": "yaml",
	"node": "javascript", "mjs": "javascript", "cjs": "javascript", "json5": "json", "jsonc": "json",
	"mts": "typescript", "cts": "typescript", "h": "c", "hpp": "cpp", "patch": "diff",
	"mysql": "sql", "postgres": "sql", "postgresql": "sql", "sqlite": "sql", "plpgsql": "sql",
	"svg": "xml", "xhtml": "html", "vue": "html", "svelte": "html", "objc": "objective-c",
	"latex": "tex", "asm": "nasm", "dockerfile": "docker", "hcl": "terraform", "conf": "ini",
}

// find returns the lexer for a fence's info string, nil if there is none.
func find(info string) chroma.Lexer {
	name := strings.ToLower(strings.TrimLeft(info, " \t{."))
	if i := strings.IndexAny(name, " \t{},:;"); i >= 0 {
		name = name[:i]
	}
	return languages()[name]
}

// load reads the heads of all embedded languages. The files are part of the
// program: one that can't be read is a fault of the program, found by the
// tests, and costs the person only that language's colours.
func load() map[string]chroma.Lexer {
	found := map[string]chroma.Lexer{}
	registry := chroma.NewLexerRegistry()
	register := func(l chroma.Lexer) {
		registry.Register(l)
		put(found, l)
	}
	if l, err := newGo(); err == nil {
		register(l)
	}
	entries, err := files.ReadDir("lexers")
	if err != nil {
		return found
	}
	for _, e := range entries {
		if l, err := open("lexers/" + e.Name()); err == nil {
			register(l)
		}
	}
	for name, known := range more {
		if _, taken := found[name]; !taken {
			if l := found[known]; l != nil {
				found[name] = l
			}
		}
	}
	return found
}

// put enters a lexer under its name, its aliases and its files' extensions,
// names before extensions of others.
func put(found map[string]chroma.Lexer, l chroma.Lexer) {
	config := l.Config()
	found[strings.ToLower(config.Name)] = l
	for _, alias := range config.Aliases {
		found[strings.ToLower(alias)] = l
	}
	for _, glob := range config.Filenames {
		name, ok := strings.CutPrefix(strings.ToLower(glob), "*.")
		if !ok || strings.ContainsAny(name, "*?[.") {
			continue
		}
		if _, taken := found[name]; !taken {
			found[name] = l
		}
	}
}

// open returns the lexer of an embedded file. Its rules are read when they are
// first used.
func open(path string) (chroma.Lexer, error) {
	plain, err := chroma.NewXMLLexer(files, path)
	if err != nil {
		return nil, fmt.Errorf("highlight: language %s: %w", path, err)
	}
	l, err := chroma.NewLexer(plain.Config(), func() chroma.Rules {
		rules, err := read(path)
		if err != nil {
			return nil // rules without a root state, which chroma refuses
		}
		return bound(rules)
	})
	if err != nil {
		return nil, fmt.Errorf("highlight: language %s: %w", path, err)
	}
	return l, nil
}

// read returns the rules of an embedded file.
func read(path string) (chroma.Rules, error) {
	data, err := files.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("highlight: rules of %s: %w", path, err)
	}
	var file struct {
		Rules chroma.Rules `xml:"rules"`
	}
	if err := xml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("highlight: rules of %s: %w", path, err)
	}
	return file.Rules, nil
}
