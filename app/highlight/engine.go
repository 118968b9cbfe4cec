package highlight

import (
	"errors"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/dlclark/regexp2/v2"
)

const (
	// callTimeout and byteTimeout, for each byte of code, are how long one call
	// of Tokens may take, but for the place in the code that is under way then.
	callTimeout = 250 * time.Millisecond
	byteTimeout = 10 * time.Microsecond
	// matchTimeout is how long one expression may take at one place. A place
	// tries up to 74 expressions, twice at the end of a line.
	matchTimeout = 5 * time.Millisecond
	// clockPeriod is how often the expressions' clock ticks; two ticks may be
	// added to matchTimeout.
	clockPeriod = 1 * time.Millisecond
)

// errLate is what a lexer is stopped with that has taken too long.
var errLate = errors.New("highlight: the lexer takes too long")

// engine is a set of lexers that serve one call of Tokens at a time. A lexer
// hands parts of its code to others, and all of them keep to the engine's end.
type engine struct {
	registry *chroma.LexerRegistry
	end      time.Time
	// matched is when a rule has matched last, slow that it took so long between
	// two matches that an expression may have been stopped.
	matched time.Time
	slow    bool
}

// idle are the engines that no call uses. There are as many engines as there
// were calls at once; each compiles the rules of a language when it meets it.
var idle struct {
	sync.Mutex
	engines []*engine
}

// setClock sets the clock of all expressions, before any of them runs.
var setClock = sync.OnceFunc(func() { regexp2.SetTimeoutCheckPeriod(clockPeriod) })

// take returns an engine for one call, to be given back with put.
func take() *engine {
	setClock()
	idle.Lock()
	defer idle.Unlock()
	if n := len(idle.engines); n > 0 {
		e := idle.engines[n-1]
		idle.engines = idle.engines[:n-1]
		return e
	}
	return newEngine()
}

func put(e *engine) {
	idle.Lock()
	defer idle.Unlock()
	idle.engines = append(idle.engines, e)
}

// newEngine returns an engine with the library's lexers. Names of files are
// made aliases, the lexers of higher priority first: the library's own look
// through them takes milliseconds for each unknown language.
func newEngine() *engine {
	e := &engine{registry: chroma.NewLexerRegistry()}
	all := append(chroma.PrioritisedLexers(nil), lexers.GlobalLexerRegistry.Lexers...)
	sort.Stable(all)
	taken := map[string]bool{}
	for _, name := range lexers.Names(true) {
		taken[strings.ToLower(name)] = true
	}
	for _, l := range all {
		plain, ok := l.(*chroma.RegexLexer)
		if !ok {
			continue
		}
		config := *plain.Config()
		config.Aliases = append([]string(nil), config.Aliases...)
		for _, glob := range config.Filenames {
			name := strings.ToLower(strings.TrimPrefix(glob, "*."))
			if !taken[name] && !strings.ContainsAny(name, "*?[.") {
				taken[name] = true
				config.Aliases = append(config.Aliases, name)
			}
		}
		config.Filenames, config.AliasFilenames = nil, nil
		if bounded, err := chroma.NewLexer(&config, func() chroma.Rules { return e.rules(plain) }); err == nil {
			e.registry.Register(bounded)
		}
	}
	return e
}

// more are names that people write in fences and chroma has no lexer for that
// can be bounded: each stands for a language that looks alike.
var more = map[string]string{
	"f#": "fsharp", "node": "js", "console": "bash", "shell-session": "bash", "docker-compose": "yaml",
	"conf": "ini", "sqlite": "sql", "ndjson": "json", "plist": "xml", "cuda": "cpp",
	"svelte": "html", "erb": "html", "phtml": "php",
	"lisp": "scheme", "common-lisp": "scheme", "cl": "scheme", "elisp": "scheme", "emacs-lisp": "scheme",
}

// find returns the lexer for a fence's info string, nil if there is none.
func (e *engine) find(info string) chroma.Lexer {
	name := strings.ToLower(strings.TrimLeft(info, " \t{."))
	if i := strings.IndexAny(name, " \t{},:;"); i >= 0 {
		name = name[:i]
	}
	if other, ok := more[name]; ok {
		name = other
	}
	return e.registry.Get(name)
}

// rules returns a lexer's rules with bounds, and none, which chroma refuses, if
// they can't be had or run code that is out of reach.
func (e *engine) rules(l *chroma.RegexLexer) chroma.Rules {
	rules, err := l.Rules()
	if err != nil {
		return nil
	}
	return e.bound(rules)
}
