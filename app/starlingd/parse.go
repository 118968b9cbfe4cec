package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"starling/app/control"
)

// usageError says what is wrong with the command line: exit 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// invocation is a parsed command line.
type invocation struct {
	home, name    string
	json, version bool
	// command is nil as long as it is not known.
	command *command
	// group is the first word of a command of two, as in "doc list".
	group string
	// args are what is not a flag.
	args  []string
	flags *flag.FlagSet
}

// parse reads the command line. On an error the invocation still knows for
// which command to show help.
func parse(args []string) (*invocation, error) {
	c := &invocation{}
	top := c.flagSet()
	top.StringVar(&c.home, "home", "", "")
	top.StringVar(&c.name, "name", "", "")
	top.BoolVar(&c.version, "version", false, "")
	rest, err := c.globals(top, args)
	if err != nil || c.version {
		return c, err
	}
	if len(rest) == 0 {
		return c, misuse("no command is given")
	}
	if rest[0] == "help" {
		return c, c.parseHelp(rest[1:])
	}
	if rest, err = c.find(rest); err != nil {
		return c, err
	}
	c.flags = c.flagSet()
	if c.command.flags != nil {
		c.command.flags(c.flags)
	}
	if c.args, err = interleaved(c.flags, rest); err != nil {
		return c, wrongFlag(err)
	}
	if n := len(c.args); n < c.command.min || n > c.command.max {
		return c, misuse("%s takes %s", c.command.name, c.command.count())
	}
	return c, nil
}

// globals reads the flags before the command and returns the rest.
func (c *invocation) globals(set *flag.FlagSet, args []string) ([]string, error) {
	if err := set.Parse(args); err != nil {
		return nil, wrongFlag(err)
	}
	var err error
	set.Visit(func(f *flag.Flag) {
		if f.Name == "home" && c.home == "" {
			err = misuse("--home is empty")
		}
	})
	return set.Args(), err
}

// find sets the command from its one or two words and returns what follows.
func (c *invocation) find(words []string) ([]string, error) {
	if c.command = commandNamed(words[0]); c.command != nil {
		return words[1:], nil
	}
	if !isGroup(words[0]) {
		return nil, misuse("there is no command %q", words[0])
	}
	c.group = words[0]
	set := c.flagSet()
	if err := set.Parse(words[1:]); err != nil {
		return nil, wrongFlag(err)
	}
	rest := set.Args()
	if len(rest) == 0 {
		return nil, misuse("%s needs one word more", c.group)
	}
	name := c.group + " " + rest[0]
	if c.command = commandNamed(name); c.command == nil {
		return nil, misuse("there is no command %q", name)
	}
	return rest[1:], nil
}

// parseHelp reads the words after "help".
func (c *invocation) parseHelp(words []string) error {
	set := c.flagSet()
	words, err := interleaved(set, words)
	if err != nil {
		return wrongFlag(err)
	}
	if len(words) == 0 || len(words) == 1 && isGroup(words[0]) {
		c.group = strings.Join(words, "")
		return flag.ErrHelp
	}
	if c.command = commandNamed(strings.Join(words, " ")); c.command == nil {
		return misuse("there is no command %q", strings.Join(words, " "))
	}
	return flag.ErrHelp
}

// flagSet returns a set with --json, which may stand anywhere.
func (c *invocation) flagSet() *flag.FlagSet {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.BoolVar(&c.json, "json", c.json, "")
	return set
}

// interleaved reads flags before, between and after the other arguments, which
// it returns. After "--" nothing is a flag.
func interleaved(set *flag.FlagSet, args []string) ([]string, error) {
	var others []string
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return append(others, args[1:]...), nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			others = append(others, arg)
			args = args[1:]
			continue
		}
		n := min(len(args), 1+values(set, arg))
		if err := set.Parse(args[:n]); err != nil {
			return nil, err
		}
		args = args[n:]
	}
	return others, nil
}

// values is the number of arguments, 0 or 1, that belong to the flag arg.
func values(set *flag.FlagSet, arg string) int {
	name := strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-")
	f := set.Lookup(name) // nil for --flag=value too
	if f == nil {
		return 0
	}
	if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
		return 0
	}
	return 1
}

// isGiven reports whether a flag stands on the command line.
func isGiven(set *flag.FlagSet, name string) (given bool) {
	set.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

// wrongFlag makes wrong usage of what the flag package says, except of a
// request for help.
func wrongFlag(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return &usageError{strings.ReplaceAll(err.Error(), " -", " --")}
}

// number is a flag for a whole number in decimal digits. What is too large for
// an int is the largest or smallest int: a place outside any text.
type number struct {
	value int
	given bool
}

func (n *number) String() string { return strconv.Itoa(n.value) }

func (n *number) Set(s string) error {
	value, err := strconv.Atoi(s)
	if errors.Is(err, strconv.ErrRange) {
		value, err = math.MaxInt, nil
		if s[0] == '-' {
			value = math.MinInt
		}
	}
	if err != nil {
		return errors.New("not a whole number")
	}
	n.value, n.given = value, true
	return nil
}

// checkText refuses a text that is not UTF-8.
func checkText(what, s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s: %w", what, control.ErrNotUTF8)
	}
	return nil
}
