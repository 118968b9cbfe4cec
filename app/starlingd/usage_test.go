package main

import (
	"math"
	"os"
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	const zeros = "00000000000000000000000000000000"
	for _, test := range []struct {
		args string // words
		code int
		out  string // part of standard output
		err  string // part of standard error
	}{
		{"help", 0, "usage: starlingd", ""},
		{"--help", 0, "usage: starlingd", ""},
		{"-h", 0, "usage: starlingd", ""},
		{"help doc", 0, "doc list [SPACE]", ""},
		{"help doc list", 0, "usage: starlingd doc list [SPACE]", ""},
		{"help --json edit", 0, "usage: starlingd edit DOC --at N", ""},
		{"pair -h", 0, "usage: starlingd pair PEER", ""},
		{"doc --help", 0, "doc new SPACE", ""},
		{"--version", 0, "starlingd ", ""},
		{"", 2, "", "no command is given"},
		{"--json", 2, "", "no command is given"},
		{"fly", 2, "", `there is no command "fly": see "starlingd help"`},
		{"help fly", 2, "", `there is no command "fly"`},
		{"doc", 2, "", "doc needs one word more"},
		{"doc fly", 2, "", `there is no command "doc fly"`},
		{"space --json", 2, "", "starlingd help space"},
		{"--colour id", 2, "", "flag provided but not defined: --colour"},
		{"--home", 2, "", "flag needs an argument: --home"},
		{"--home=", 2, "", "--home is empty"},
		{"id --home x", 2, "", "flag provided but not defined: --home"},
		{"id --name x", 2, "", "usage: starlingd id"},
		{"id more", 2, "", "id takes no arguments"},
		{"status more than one", 2, "", "usage: starlingd status [DOC]"},
		{"space members", 2, "", "usage: starlingd space members SPACE"},
		{"space add a b --role king", 2, "", "the roles are owner, editor, commenter, viewer"},
		{"space role a b", 2, "", "usage: starlingd space role SPACE PERSON ROLE"},
		{"space invite a --count -1", 2, "", "can't be less than 0"},
		{"space invite a --list --cancel b", 2, "", "don't go together"},
		{"space join", 2, "", "usage: starlingd space join LINK"},
		{"allow", 2, "", "allow takes one of ADDR, --list and --remove"},
		{"allow a --list", 2, "", "allow takes one of"},
		{"invisible maybe", 2, "", "invisible takes on or off"},
		{"backup", 2, "", "usage: starlingd backup FILE"},
		{"restore a b", 2, "", "usage: starlingd restore FILE"},
		{"pair a --as b", 2, "", "--as takes a person, and goes with --confirm"},
		{"device add a", 2, "", "usage: starlingd device add DEVICE PERSON"},
		{"device accept", 2, "", "usage: starlingd device accept DEVICE"},
		{"device", 2, "", "device needs one word more"},
		{"device revoke", 2, "", "usage: starlingd device revoke DEVICE"},
		{"peers --all", 2, "", "usage: starlingd peers"},
		{"serve more", 2, "", "usage: starlingd serve"},
		{"serve --listen 7", 2, "", "--listen takes host:port"},
		{"serve --no-discovery=perhaps", 2, "", "usage: starlingd serve"},
		{"connect", 2, "", "usage: starlingd connect ADDR"},
		{"connect here", 2, "", "ADDR is host:port"},
		{"pair", 2, "", "pair takes one of"},
		{"pair --list aa", 2, "", "pair takes one of"},
		{"pair --confirm 417293 --reject 417293", 2, "", "pair takes one of"},
		{"pair --list --space aa", 2, "", "--space goes with"},
		{"pair --reject 417293 --space aa", 2, "", "--space goes with"},
		{"pair aa --space=", 2, "", "--space is empty"},
		{"pair --confirm 417293 --mine --other", 2, "", "one of --as, --other and --mine"},
		{"pair --list --mine", 2, "", "--mine goes with --confirm"},
		{"pair --confirm 41729", 2, "", "not a code of six digits"},
		{"pair aa bb", 2, "", "pair takes at most one argument"},
		{"space new", 2, "", "usage: starlingd space new NAME"},
		{"space new a b", 2, "", "usage: starlingd space new NAME"},
		{"space list a", 2, "", "usage: starlingd space list"},
		{"doc new", 2, "", "usage: starlingd doc new SPACE"},
		{"doc list a b", 2, "", "usage: starlingd doc list"},
		{"cat", 2, "", "usage: starlingd cat DOC"},
		{"cat a --at=", 2, "", "--at is empty"},
		{"blame a --at=", 2, "", "--at is empty"},
		{"cat a b", 2, "", "cat takes DOC and nothing more"},
		{"write", 2, "", "usage: starlingd write DOC"},
		{"watch", 2, "", "usage: starlingd watch DOC"},
		{"import", 2, "", "import takes at least one argument"},
		{"import --space= a", 2, "", "--space is empty"},
		{"import --all a", 2, "", "usage: starlingd import [--space SPACE] FILE"},
		{"export a", 2, "", "export needs --format, one of automerge, md, txt, html"},
		{"export a --format pdf", 2, "", "export needs --format"},
		{"export --format md", 2, "", "usage: starlingd export DOC"},
		{"verify --deep", 2, "", "usage: starlingd verify [DOC…]"},
		{"history", 2, "", "usage: starlingd history DOC"},
		{"diff a b", 2, "", "diff takes DOC A B and nothing more"},
		{"blame a b", 2, "", "usage: starlingd blame DOC"},
		{"restore-version a", 2, "", "usage: starlingd restore-version DOC VERSION"},
		{"name-version a b", 2, "", "usage: starlingd name-version DOC VERSION NAME"},
		{"undo", 2, "", "usage: starlingd undo DOC"},
		{"redo a b", 2, "", "usage: starlingd redo DOC"},
		{"help verify", 0, "usage: starlingd verify [DOC…]", ""},
		{"help export", 0, "--format html        a page for browsers", ""},
		{"help import", 0, "at most 40 MB", ""},
		{"edit --at 0", 2, "", "usage: starlingd edit DOC"},
		{"edit " + zeros, 2, "", "edit needs --at"},
		{"edit " + zeros + " --at", 2, "", "flag needs an argument: --at"},
		{"edit " + zeros + " --at x", 2, "", `invalid value "x" for flag --at: not a whole number`},
		{"edit " + zeros + " --at 0x1", 2, "", "not a whole number"},
		{"edit " + zeros + " --at 1.5", 2, "", "not a whole number"},
	} {
		args := strings.Fields(test.args)
		if test.args != "" && args[0] != "--home=" && args[0] != "--home" {
			args = h.args(args)
		}
		r := execute(t, "", args...)
		if r.code != test.code || !strings.Contains(r.out, test.out) || !strings.Contains(r.err, test.err) {
			t.Errorf("starlingd %s: exit %d, %q, %q; want %d, %q, %q",
				test.args, r.code, r.out, r.err, test.code, test.out, test.err)
		}
		if test.code == 2 && (r.out != "" || !strings.Contains(r.err, "\n")) {
			t.Errorf("starlingd %s: wrong usage printed %q, %q", test.args, r.out, r.err)
		}
	}
	if _, err := os.Stat(h.home); !os.IsNotExist(err) {
		t.Errorf("wrong usage made the home: %v", err)
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   string
		json   bool
		others string
	}{
		{"--json doc list a", true, "a"},
		{"doc --json list a", true, "a"},
		{"doc list --json a", true, "a"},
		{"doc list a --json", true, "a"},
		{"doc list a", false, "a"},
		{"--json doc list a --json=false", false, "a"},
		{"doc list -- --json", false, "--json"},
		{"edit --at 1 DOC --delete 2 --insert --json", false, "DOC"},
		{"edit DOC --insert=--json --at 1", false, "DOC"},
		{"edit --insert -- DOC --json --at 1", true, "DOC"},
		{"edit --at -1 DOC", false, "DOC"},
		{"edit --at 1 -", false, "-"},
	} {
		c, err := parse(strings.Fields(test.args))
		if err != nil {
			t.Errorf("%s: %v", test.args, err)
			continue
		}
		if c.json != test.json || strings.Join(c.args, " ") != test.others {
			t.Errorf("%s: json %v, others %q; want %v, %q", test.args, c.json, c.args, test.json, test.others)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{
		"0": 0, "12": 12, "-3": -3, "+4": 4,
		"99999999999999999999": math.MaxInt, "-99999999999999999999": math.MinInt,
	} {
		var n number
		if err := n.Set(s); err != nil || n.value != want || !n.given {
			t.Errorf("number %q = %v, %v; want %d", s, n, err, want)
		}
	}
	for _, s := range []string{"", "-", "x", "1_0", "0x1", "1e3", " 1"} {
		var n number
		if n.Set(s) == nil || n.given {
			t.Errorf("number %q = %v", s, n)
		}
	}
}

func TestRowsHoldNothingThatBreaksThem(t *testing.T) {
	t.Parallel()
	got := row("id", "tab\there", "line\nbreak", "\x1b[31mred", "Zoë 🐦")
	want := "id\ttab\ufffdhere\tline\ufffdbreak\t\ufffd[31mred\tZoë 🐦"
	if got != want {
		t.Errorf("row = %q, want %q", got, want)
	}
}
