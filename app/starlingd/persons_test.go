package main

import (
	"strings"
	"testing"
)

// A person whose first device was revoked is listed by their name and by an ID that is
// taken wherever a person is asked for.
func TestAPersonWhoseFirstDeviceIsRevoked(t *testing.T) {
	t.Parallel()
	anna, bo, _, _, _ := shared(t)
	tablet := newHost(t)
	tablets := tablet.serve("Bo")
	bo.must("connect", tablets.address)
	if said := link(t, bo, tablet); !strings.HasSuffix(said, "linked with Bo, which is your own device now") {
		t.Fatalf("device link says %q", said)
	}
	anna.must("connect", tablets.address)
	for _, h := range []*host{anna, tablet} {
		eventually(t, "it is Bo's", func() bool { return len(h.members("Notes")["Bo"].Devices) == 2 })
	}
	tablet.must("device", "revoke", bo.must("id"), "--now")
	eventually(t, "it is revoked", func() bool { return len(anna.members("Notes")["Bo"].Devices) == 1 })
	listed := func(state string) string {
		t.Helper()
		for line := range strings.Lines(anna.must("space", "members", "Notes") + "\n") {
			if id, rest, _ := strings.Cut(line, "\t"); rest == "Bo\t"+state+"\t1 device\n" {
				return id
			}
		}
		t.Fatalf("the members are %q", anna.must("space", "members", "Notes"))
		return ""
	}
	if id := listed("editor"); id != tablet.must("id") {
		t.Errorf("Bo is listed as %s", id)
	}
	first := anna.members("Notes")["Bo"].ID
	if first != bo.must("id") {
		t.Errorf("Bo is named by %s", first)
	}
	anna.must("space", "role", "Notes", first, "viewer", "--now")
	anna.must("space", "role", "Notes", listed("viewer"), "editor")
	anna.must("space", "remove", "Notes", first, "--now")
	id := listed("removed")
	if f := anna.run("space", "add", "Notes", first, "--json").failed(t); f.Kind != "revoked" {
		t.Errorf("the revoked device is added: %+v", f)
	}
	anna.must("space", "add", "Notes", id)
	listed("editor")
}

// link links two devices, and returns what the one that asked is told.
func link(t *testing.T, by, device *host) (said string) {
	t.Helper()
	p := by.start("device", "link", device.must("id"))
	code := p.line(p.out)
	incoming(device, code)
	by.must("pair", "--confirm", code)
	device.must("pair", "--confirm", code, "--mine")
	if exit := p.wait(); exit != 0 {
		t.Fatalf("device link ended with %d", exit)
	}
	return p.rest()
}
