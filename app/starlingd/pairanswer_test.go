package main

import (
	"strings"
	"testing"
)

// Whose new device it is, is said once: another answer is refused, the same one is not,
// and in the end it is told whose it was taken for.
func TestAnswersThatDiffer(t *testing.T) {
	t.Parallel()
	anna, _, _, _, _ := shared(t)
	tablet := newHost(t)
	anna.must("connect", tablet.serve("Bo").address)
	p := anna.start("pair", tablet.must("id")[:12])
	code := p.line(p.out)
	p.line(p.errs)
	incoming(tablet, code)
	for _, c := range []struct {
		args []string
		kind string
	}{
		{[]string{"--as", "Bo"}, ""},
		{[]string{"--as", "Bo"}, ""},
		{[]string{"--other"}, "answered"},
		{nil, "answered"},
	} {
		r := anna.run(append([]string{"pair", "--confirm", code, "--json"}, c.args...)...)
		if c.kind == "" {
			if r.code != 0 {
				t.Errorf("%q: exit %d, %s", c.args, r.code, r.err)
			}
			continue
		}
		f := r.failed(t)
		if f.Kind != c.kind || f.Error != "you have already said that this is Bo's new device" || !strings.Contains(f.Hint, "--reject") {
			t.Errorf("%q: %+v", c.args, f)
		}
	}
	if list := anna.must("pair", "--list"); !strings.HasSuffix(list, "\tconfirmed\ta new device of Bo") {
		t.Errorf("the list says %q", list)
	}
	tablet.must("pair", "--confirm", code)
	if said := p.line(p.errs); !strings.HasSuffix(said, "paired with Bo, taken for a new device of Bo") {
		t.Errorf("in the end it says %q", said)
	}
	if exit := p.wait(); exit != 0 {
		t.Errorf("exit %d", exit)
	}
}

// A device that was taken out of a space by itself is paired with, and not let in: the
// command says so and fails.
func TestPairingThatSharesNothing(t *testing.T) {
	t.Parallel()
	anna, bo, _, _, _ := shared(t)
	tablet := newHost(t)
	tablets := tablet.serve("Tablet")
	bo.must("connect", tablets.address)
	link(t, bo, tablet)
	eventually(t, "it is Bo's", func() bool { return len(anna.members("Notes")["Bo"].Devices) == 2 })
	bo.must("device", "revoke", tablet.must("id"), "--now")
	eventually(t, "it is so no more", func() bool { return len(anna.members("Notes")["Bo"].Devices) == 1 })
	anna.must("connect", tablets.address)
	p := anna.start("pair", tablet.must("id"), "--space", "Notes", "--json")
	code := p.line(p.errs)
	incoming(tablet, code)
	if f := anna.run("pair", "--confirm", code, "--space", "Notes", "--other", "--json").failed(t); f.Kind != "revoked" {
		t.Errorf("it is confirmed: %+v", f)
	}
	anna.must("pair", "--confirm", code, "--other")
	tablet.must("pair", "--confirm", code)
	if exit := p.wait(); exit != 1 || !strings.Contains(p.rest(), "not shared") {
		t.Errorf("exit %d", exit)
	}
}
