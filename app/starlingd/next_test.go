package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"starling/sync/peer"
)

// Each side of a pairing is told what to do next, and in the end what was done.
func TestPairingSaysWhatIsNext(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	p := anna.start("pair", "Bo")
	code := p.line(p.out)
	if said := p.line(p.errs); !strings.Contains(said, "Bo") || !strings.Contains(said, "starlingd pair --confirm "+code) {
		t.Errorf("with the code it says %q", said)
	}
	incoming(bo, code)
	for h, other := range map[*host]string{anna: "Bo", bo: "Anna"} {
		if r := h.run("pair", "--confirm", code); r.code != 0 || r.out != "" || !strings.Contains(r.err, "as soon as "+other) {
			t.Errorf("confirm: exit %d, %q, %q", r.code, r.out, r.err)
		}
	}
	if said := p.line(p.errs); !strings.Contains(said, "paired with Bo") || !strings.Contains(said, "starlingd space add") {
		t.Errorf("in the end it says %q", said)
	}
	if exit := p.wait(); exit != 0 {
		t.Errorf("exit %d", exit)
	}
}

var longID = regexp.MustCompile(`[0-9a-f]{64}`)

// Whoever is alone in a space is told why it can't be left, in words.
func TestLeavingASpaceOfOnesOwn(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.must("space", "new", "Notes")
	f := h.run("space", "leave", "Notes", "--json").failed(t)
	if f.Kind != "alone" || !strings.Contains(f.Error, "nobody else") || longID.MatchString(f.Error) {
		t.Errorf("it says %+v", f)
	}
	if list := h.must("space", "list"); !strings.HasSuffix(list, "\tNotes\towner") {
		t.Errorf("the spaces are %q", list)
	}
}

// A restored home's ID is on standard output, and what to do with it is told.
func TestRestoreSaysWhatIsNext(t *testing.T) {
	t.Parallel()
	h, again := newHost(t), newHost(t)
	doc := h.must("doc", "new", h.must("space", "new", "Notes"))
	file := filepath.Join(t.TempDir(), "backup")
	h.must("backup", file)
	r := again.run("restore", file)
	if r.out != again.must("id")+"\n" || !strings.Contains(r.err, "1 document in 1 space.") || !strings.Contains(r.err, "device link") {
		t.Errorf("restore: exit %d, %q, %q", r.code, r.out, r.err)
	}
	const notYet = "this device is not in the space yet; link it"
	for kind, args := range map[string][]string{
		"read only": {"edit", doc, "--at", "0", "--insert", "x"}, "removed": {"space", "invite", "Notes"},
	} {
		if f := again.run(append(args, "--json")...).failed(t); f.Kind != kind || !strings.Contains(f.Error, notYet) {
			t.Errorf("%q: %+v", args, f)
		}
	}
	if f := h.run("backup", file, "--json").failed(t); !strings.Contains(f.Hint, "choose another") {
		t.Errorf("a second backup: %+v", f)
	}
}

// Standard input that does not end is not gathered until memory does.
func TestInputHasALimit(t *testing.T) {
	t.Parallel()
	if text, err := readAll(t.Context(), strings.NewReader("1234"), 4); string(text) != "1234" || err != nil {
		t.Errorf("what just fits is %q, %v", text, err)
	}
	if text, err := readAll(t.Context(), strings.NewReader("12345"), 4); text != nil || !errors.Is(err, peer.ErrTooLarge) {
		t.Errorf("too much is %q, %v", text, err)
	}
}

// A list that is empty is explained to a person, and to a script it is empty.
func TestEmptyListsAreExplained(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.serve("Anna")
	for args, part := range map[string]string{
		"peers": "doctor", "space list": "space new", "doc list": "doc new", "pair --list": "nobody asks",
	} {
		words := strings.Fields(args)
		if r := h.run(words...); r.code != 0 || r.out != "" || !strings.Contains(r.err, part) {
			t.Errorf("%s: exit %d, %q, %q", args, r.code, r.out, r.err)
		}
		if r := h.run(append(words, "--json")...); r.code != 0 || r.out != "[]\n" || r.err != "" {
			t.Errorf("%s --json: exit %d, %q, %q", args, r.code, r.out, r.err)
		}
	}
}
