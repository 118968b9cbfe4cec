package main

import (
	"fmt"
	"strings"
)

const helpHead = `Starling without a screen: a headless peer and a command line.

usage: starlingd [--home DIR] [--name NAME] [--json] COMMAND …

`

const helpTail = `
--home DIR    the folder that holds everything; the default is the platform's
              data folder. "serve", "space new" and "import" make it if it is
              missing
--name NAME   your name, when the home is made; the default is the system's
--json        print one JSON value; may stand anywhere. After a failure the last line of
              standard error is {"error": "…", "hint": "what to do", "kind": "…"}, and
              standard output is empty, or says what failed, as of several files
--version     print the version

SPACE, PERSON and PEER are an ID, the start of one, or a name that nobody else has;
DOC is an ID, the start of one, or a title that no other document has; VERSION is an
ID, the start of one, a name that it was given, or "now". Places and counts are code
points. Exit status: 0 done, 1 failed, 2 wrong usage.
`

// help is the usage of the command, of the group, or of everything, as far as
// the command line was understood.
func (c *invocation) help() string {
	if c.command != nil {
		return c.command.usage()
	}
	var b strings.Builder
	if c.group != "" {
		for _, cmd := range commands() {
			if strings.HasPrefix(cmd.name, c.group+" ") {
				b.WriteString(cmd.usage())
			}
		}
		return b.String()
	}
	b.WriteString(helpHead)
	for _, cmd := range commands() {
		cmd.describe(&b)
	}
	b.WriteString(helpTail)
	return b.String()
}

// describe writes the command's forms and what it is for.
func (c *command) describe(b *strings.Builder) {
	for _, form := range c.forms {
		fmt.Fprintf(b, "  %s\n", strings.TrimSpace(c.name+" "+form))
	}
	fmt.Fprintf(b, "        %s\n", strings.ReplaceAll(c.about, "\n", "\n        "))
}

// usage is the help of one command.
func (c *command) usage() string {
	var b strings.Builder
	for i, form := range c.forms {
		lead := "usage:"
		if i > 0 {
			lead = "      "
		}
		fmt.Fprintf(&b, "%s starlingd %s\n", lead, strings.TrimSpace(c.name+" "+form))
	}
	fmt.Fprintf(&b, "%s\n", c.about)
	return b.String()
}
