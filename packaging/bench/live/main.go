// Command live measures how long a key takes from one peer to another: from the
// edit call in one process to the patch in a second one, over QUIC on loopback;
// and how long peers take to catch up, and what they cost at rest.
// All are whole peers, in processes of their own; each signs, checks and stores
// what it writes and gets.
//
//	go run ./packaging/bench/live [-keys N] [-trace] [-profile DIR] [-traces DIR] [-writers N] [CASE...]
//
// It prints lines for `bench report` on standard output and tells more on
// standard error. The key that counts is the one that the other peer has
// committed, as Watch gives it; what a window is told of before that is
// reported beside it as `….window`.
//
// One writer types ten keys a second on average, each a change of one code
// point, after a warm-up that does not count: into an empty document
// (one_writer), and into the middle of one of 100,000 characters
// (one_writer_100k).
//
// The command starts itself twice with -peer; such a child serves calls on its
// standard input and output until that ends.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// options are what the command line says.
type options struct {
	keys, warm int
	rate       float64 // keys a second
	trace      bool
	profile    string
	traces     string
	writers    int
	cases      []bench
}

// bench is one case to measure: with the pair of peers that all such cases
// share or, if it has a run of its own, with others.
type bench struct {
	name string
	text string // of the document at the start
	at   int    // where the first key goes, in code points
	run  func(o options, results, say io.Writer) error
}

const longText = 100_000 // code points

// cases are all that there are, in the order of measuring.
func cases() []bench {
	long := prose(longText)
	return []bench{
		{name: "one_writer"},
		{name: "one_writer_100k", text: long, at: longText / 2},
		{name: "writers25", run: writers25},
		{name: "first", run: first},
		{name: "many", run: many},
		{name: "idle", run: idle},
	}
}

// prose is a Markdown text of n ASCII characters with lines of usual length.
func prose(n int) string {
	var b strings.Builder
	for line := 0; b.Len() < n; line++ {
		if line%12 == 0 {
			fmt.Fprintf(&b, "\n## Part %d\n\n", line/12+1)
		}
		fmt.Fprintf(&b, "Line %d tells of the neighbours who write here together, each at their own pace.\n", line+1)
	}
	return b.String()[:n]
}

func main() {
	peer := flag.Bool("peer", false, "serve calls as one of the two peers (for the command itself)")
	o := options{}
	flag.IntVar(&o.keys, "keys", 600, "how many keys count in each case")
	flag.IntVar(&o.warm, "warm", 40, "how many keys come before them")
	flag.Float64Var(&o.rate, "rate", 10, "keys a second, on average")
	flag.BoolVar(&o.trace, "trace", false, "tell where the time goes; the writer's peer watches the document too then, and profiles come with an execution trace, and with what waits")
	flag.StringVar(&o.profile, "profile", "", "write profiles of the peers into this `folder`")
	flag.IntVar(&o.writers, "writers", writers, "how many peers write in writers25")
	flag.StringVar(&o.traces, "traces", "../shared/traces", "the `folder` with editing histories")
	flag.Parse()
	if *peer {
		exit(serve(os.Stdin, os.Stdout))
	}
	var err error
	if o.cases, err = choose(flag.Args()); err != nil || o.keys < 1 || o.warm < 0 || o.rate <= 0 || o.writers < 2 {
		fmt.Fprintln(os.Stderr, "usage: live [-keys N] [-warm N] [-rate R] [-trace] [-profile DIR] [-traces DIR] [-writers N] [CASE...]")
		os.Exit(2)
	}
	if ran, err := alone(); ran {
		exit(err)
	}
	exit(measureAll(o, os.Stdout, os.Stderr))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// choose finds the cases by name; no name means all of them.
func choose(names []string) ([]bench, error) {
	all := cases()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []bench
	for _, name := range names {
		before := len(chosen)
		for _, c := range all {
			if c.name == name {
				chosen = append(chosen, c)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("there is no case %q", name)
		}
	}
	return chosen, nil
}

// measureAll runs the cases.
func measureAll(o options, results, say io.Writer) error {
	var pairs []bench
	for _, c := range o.cases {
		if c.run == nil {
			pairs = append(pairs, c)
		}
	}
	if err := measurePairs(o, pairs, results, say); err != nil {
		return err
	}
	for _, c := range o.cases {
		if c.run == nil {
			continue
		}
		if err := c.run(o, results, say); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// measurePairs runs cases with one pair of peers.
func measurePairs(o options, cases []bench, results, say io.Writer) error {
	if len(cases) == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "starling-live-")
	if err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	defer os.RemoveAll(dir)
	two, err := meet(dir)
	if err != nil {
		return err
	}
	for _, c := range cases {
		m, err := two.measure(o, c)
		if err != nil {
			two.kill()
			return fmt.Errorf("%s: %w", c.name, err)
		}
		m.report(results, say)
	}
	return two.end()
}
