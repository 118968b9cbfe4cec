package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"starling/sync/peer"
)

// Who joins while nobody answers is told at once what is waited for, and in the
// end what to do.
func TestJoinSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	anna, bo, annas, _ := two(t)
	link := anna.must("space", "invite", anna.must("space", "new", "Notes"))
	annas.stop()
	bo.awaitAlone()
	p := bo.start("space", "join", link)
	if said := p.line(p.errs); !strings.Contains(said, "looking for the people") || !strings.Contains(said, "Ctrl-C") {
		t.Errorf("it says %q", said)
	}
	p.signal(syscall.SIGINT)
	if exit := p.wait(); exit != exitFailed {
		t.Errorf("exit %d", exit)
	}
	for line := range p.out {
		t.Errorf("it printed %q", line)
	}
	said := explain(fmt.Errorf("join: %w", peer.ErrInviterAway), "/home")
	for _, part := range []string{"starlingd doctor", "expired", "on this network"} {
		if !strings.Contains(said, part) {
			t.Errorf("in the end it says %q", said)
		}
	}
}

// failureJSON is the contract, apart from the code.
type failureJSON struct {
	Error string `json:"error"`
	Hint  string `json:"hint"`
	Kind  string `json:"kind"`
}

// failed reads the last line of standard error of a command that failed with --json.
func (r result) failed(t *testing.T) (f failureJSON) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
	d := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil || d.More() || f.Error == "" || r.out != "" {
		t.Errorf("it printed %q and said %q: %v", r.out, r.err, err)
	}
	return f
}

// With --json a failure is JSON too, on standard error; standard output stays empty.
func TestFailuresAreJSON(t *testing.T) {
	t.Parallel()
	alone, served, none := newHost(t), newHost(t), newHost(t)
	alone.must("space", "new", "Notes")
	served.serve("Anna")
	for _, test := range []struct {
		host              *host
		args              string
		code              int
		error, hint, kind string // parts, but kind
	}{
		{alone, "--json cat aa", 1, `document "aa"`, "starlingd doc list", "no document"},
		{served, "cat aa --json", 1, `document "aa"`, "starlingd doc list", "no document"},
		{alone, "--json connect 127.0.0.1:1", 1, "no peer runs", "starlingd serve", "not running"},
		{alone, "--json space join starling:x", 1, "no peer runs", "starlingd serve", "not running"},
		{served, "--json space join starling:x", 1, "link", "", ""},
		{none, "--json id", 1, "no Starling home", "starlingd serve", "no home"},
		{none, "--json --name \xff id", 1, "--name", "iconv", "not utf-8"},
		{alone, "--json fly", 2, `no command "fly"`, "starlingd help", "usage"},
		{alone, "fly --json", 2, `no command "fly"`, "starlingd help", "usage"},
		{alone, "peers --all --json", 2, "--all", "starlingd help peers", "usage"},
		{alone, "--json doc", 2, "one word more", "starlingd help doc", "usage"},
		{alone, "--json edit aa", 2, "needs --at", "starlingd help edit", "usage"},
		{alone, "--json", 2, "no command", "starlingd help", "usage"},
	} {
		r := test.host.run(strings.Fields(test.args)...)
		f := r.failed(t)
		if r.code != test.code || !strings.Contains(f.Error, test.error) || !strings.Contains(f.Hint, test.hint) || f.Kind != test.kind {
			t.Errorf("%s: exit %d, %+v", test.args, r.code, f)
		}
	}
	partly := alone.run("import", "nofile", "--json")
	if lines := strings.Split(partly.err, "\n"); partly.code != 1 || !strings.HasPrefix(partly.out, `[{"file":"nofile"`) ||
		!strings.HasPrefix(lines[len(lines)-2], `{"error":"not all`) || !strings.HasSuffix(partly.err, `"kind":"told"}`+"\n") {
		t.Errorf("a failure in part: exit %d, %q, %q", partly.code, partly.out, partly.err)
	}
	if r := alone.run("edit", "--insert", "x", "--", "--json"); r.code != 2 || strings.HasPrefix(r.err, "{") {
		t.Errorf("without --json: exit %d, %q", r.code, r.err)
	}
}

// What a script reads is on standard output and has stable columns; what a person is
// told is on standard error.
func TestFactsAndProse(t *testing.T) {
	t.Parallel()
	anna, bo, _, bos := two(t)
	space := anna.must("space", "new", "Notes")
	p := anna.start("pair", bo.must("id"))
	code := p.line(p.out)
	incoming(bo, code)
	columns := func() []string { return strings.Split(bo.must("pair", "--list"), "\t") }
	if c := columns(); len(c) != 6 || c[2] != "Anna" || c[3] != "incoming" || c[4] != "-" {
		t.Errorf("the pairing is %q", c)
	}
	bo.must("pair", "--confirm", code)
	if c := columns(); len(c) != 6 || c[4] != "confirmed" {
		t.Errorf("the confirmed pairing is %q", c)
	}
	anna.must("pair", "--confirm", code)
	p.wait()
	bos.stop()
	anna.awaitAlone()
	r := anna.run("space", "add", space, bo.must("id"))
	if r.code != 0 || r.out != "" || !strings.Contains(r.err, "Bo is added") {
		t.Errorf("space add: exit %d, %q, %q", r.code, r.out, r.err)
	}
	r = anna.run("space", "add", space, "Bo", "--role", "viewer")
	if r.code != 0 || r.out != "" || !strings.Contains(r.err, "Bo was in it already, and stays editor") {
		t.Errorf("space add again: exit %d, %q, %q", r.code, r.out, r.err)
	}
}
