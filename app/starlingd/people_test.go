package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

type (
	inviteJSON struct {
		ID        string       `json:"id"`
		Link      string       `json:"link"`
		By        personJSON   `json:"by"`
		Role      string       `json:"role"`
		Count     int          `json:"count"`
		Expiry    *time.Time   `json:"expiry"`
		Came      []personJSON `json:"came"`
		Cancelled bool         `json:"cancelled"`
	}
	reachMemberJSON struct {
		personJSON
		Words     string     `json:"words"`
		Mine      bool       `json:"mine"`
		By        string     `json:"by"`
		Connected bool       `json:"connected"`
		LastSeen  *time.Time `json:"last_seen"`
	}
	reachJSON struct {
		Saved   bool              `json:"saved"`
		Error   string            `json:"error"`
		Reached []reachMemberJSON `json:"reached"`
		Missing []reachMemberJSON `json:"missing"`
	}
)

func (h *host) members(space string) map[string]memberJSON {
	h.t.Helper()
	var list []memberJSON
	h.json(&list, "space", "members", space)
	byName := make(map[string]memberJSON)
	for _, m := range list {
		byName[m.Name] = m
	}
	return byName
}

// spaceCalled returns the one space of that name, which must be there.
func (h *host) spaceCalled(name string) spaceJSON {
	h.t.Helper()
	var list []spaceJSON
	h.json(&list, "space", "list")
	i := slices.IndexFunc(list, func(s spaceJSON) bool { return s.Name == name })
	if i < 0 {
		h.t.Fatalf("there is no space %q in %+v", name, list)
	}
	return list[i]
}

// A link is all that a newcomer needs, and the one who made it sees who came.
func TestInvitation(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	space := anna.must("space", "new", "Notes")
	doc := anna.must("doc", "new", space, "--title", "Plan")
	var invite inviteJSON
	anna.json(&invite, "space", "invite", space, "--role", "commenter")
	if invite.Count != 1 || invite.Role != "commenter" || invite.Expiry == nil || invite.By.Name != "Anna" {
		t.Errorf("the invitation is %+v", invite)
	}
	if joined := bo.must("space", "join", invite.Link); joined != space+"\tNotes\tcommenter" {
		t.Errorf("join prints %q", joined)
	}
	eventually(t, "the document arrives", func() bool { return bo.run("cat", doc).out == "# Plan\n" })
	if r := bo.run("edit", doc, "--at", "0", "--insert", "x"); r.code != 1 || !strings.Contains(r.err, "owner") {
		t.Errorf("a commenter's edit: exit %d, %q", r.code, r.err)
	}
	var list []inviteJSON
	anna.json(&list, "space", "invite", space, "--list")
	if len(list) != 1 || list[0].ID != invite.ID || list[0].Link != "" || len(list[0].Came) != 1 || list[0].Came[0].Name != "Bo" {
		t.Errorf("the invitations are %+v", list)
	}
	if out := anna.must("space", "invite", space, "--list"); !strings.HasSuffix(out, "\tBo") || !strings.Contains(out, "\tused\t") {
		t.Errorf("the list prints %q", out)
	}
}

func TestCancelledInvitation(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	space := anna.must("space", "new", "Notes")
	var invite inviteJSON
	anna.json(&invite, "space", "invite", space, "--count", "0", "--expires", "0")
	if invite.Expiry != nil || invite.Count != 0 {
		t.Errorf("an open invitation is %+v", invite)
	}
	anna.must("space", "invite", space, "--cancel", invite.ID[:12])
	if r := bo.run("space", "join", invite.Link); r.code != 1 || !strings.Contains(r.err, "taken back") {
		t.Errorf("joining by a cancelled invitation: exit %d, %q", r.code, r.err)
	}
	if r := bo.run("space", "join", "starling:nonsense"); r.code != 1 || !strings.Contains(r.err, "link") {
		t.Errorf("joining by nonsense: exit %d, %q", r.code, r.err)
	}
}

func TestRolesAndRemoval(t *testing.T) {
	t.Parallel()
	anna, bo, _, _, doc := shared(t)
	space := anna.spaceCalled("Notes").ID
	anna.must("space", "role", space, "Bo", "viewer")
	eventually(t, "Bo is told", func() bool { return bo.spaceCalled("Notes").Role == "viewer" })
	if r := bo.run("edit", doc, "--at", "0", "--insert", "x"); r.code != 1 || !strings.Contains(r.err, "owner") {
		t.Errorf("a viewer's edit: exit %d, %q", r.code, r.err)
	}
	anna.must("space", "role", space, bo.must("id")[:10], "editor")
	eventually(t, "Bo is told", func() bool { return bo.spaceCalled("Notes").Role == "editor" })
	bo.must("edit", doc, "--at", "0", "--insert", "By Bo. ")
	eventually(t, "it arrives", func() bool { return anna.run("cat", doc).out == "By Bo. # Plan\n" })

	anna.must("space", "remove", space, "Bo")
	if m := anna.members(space); !m["Bo"].Removed || m["Bo"].Left || m["Anna"].Removed || len(m["Anna"].Devices) != 1 || !m["Anna"].Devices[0].This {
		t.Errorf("the members are %+v", m)
	}
	if f := anna.run("space", "leave", space, "--json").failed(t); f.Kind != "alone" || !strings.Contains(f.Error, "keeps what they had") {
		t.Errorf("leaving a space in which somebody was says %+v", f)
	}
	eventually(t, "Bo is told", func() bool {
		by := bo.spaceCalled("Notes").RemovedBy
		return by != nil && by.Name == "Anna"
	})
	if got := bo.must("cat", doc); got != "By Bo. # Plan" {
		t.Errorf("a removed person's text is %q", got)
	}
	if r := bo.run("edit", doc, "--at", "0", "--insert", "x"); r.code != 1 || !strings.Contains(r.err, "removed") {
		t.Errorf("a removed person's edit: exit %d, %q", r.code, r.err)
	}
	anna.must("edit", doc, "--at", "0", "--insert", "Later. ")
	anna.must("space", "add", space, "Bo", "--role", "editor")
	eventually(t, "one who returns is brought up to date", func() bool {
		return bo.run("cat", doc).out == "Later. By Bo. # Plan\n"
	})
	if r := anna.run("space", "leave", space); r.code != 1 || !strings.Contains(r.err, "owner") {
		t.Errorf("the last owner leaves: exit %d, %q", r.code, r.err)
	}
	bo.must("space", "leave", space)
	eventually(t, "Anna sees that Bo left", func() bool {
		m := anna.members(space)["Bo"]
		return m.Removed && m.Left
	})
	if list := anna.must("space", "members", space); !strings.Contains(list, "\tBo\tleft\t") {
		t.Errorf("the members are %q", list)
	}
}

// Two devices of a person compare a code as neighbours do, and are one member.
func TestTwoDevices(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	space := anna.must("space", "new", "Notes")
	doc := anna.must("doc", "new", space, "--title", "Plan")
	p := anna.start("device", "link", bo.must("id")[:12])
	code := p.line(p.out)
	if asked := incoming(bo, code); !asked.Link {
		t.Errorf("the other device is asked %+v", asked)
	}
	anna.must("pair", "--confirm", code)
	if r := bo.run("pair", "--confirm", code); r.code != 1 || !strings.Contains(r.err, "--mine") {
		t.Errorf("it is not asked whether it becomes its own device: exit %d, %s", r.code, r.err)
	}
	if list := bo.must("pair", "--list"); !strings.Contains(list, "becomes your own device") {
		t.Errorf("the list says %q", list)
	}
	bo.must("pair", "--confirm", code, "--mine")
	if exit := p.wait(); exit != 0 {
		t.Fatalf("device link ended with %d: %s", exit, p.rest())
	}
	eventually(t, "the other device has the document", func() bool { return bo.run("cat", doc).out == "# Plan\n" })
	var devices []deviceJSON
	if anna.json(&devices, "device", "list"); len(devices) != 2 {
		t.Fatalf("the devices are %+v", devices)
	}
	list := anna.must("space", "members", space)
	if strings.Count(list, "\n") != 0 || !strings.HasSuffix(list, "\t2 devices") {
		t.Errorf("the members are %q", list)
	}
	bo.must("edit", doc, "--at", "0", "--insert", "Mine too. ")
	eventually(t, "either writes", func() bool { return anna.run("cat", doc).out == "Mine too. # Plan\n" })
	eventually(t, "each is told of the other", func() bool {
		return anna.must("status", doc) == "saved here; reached your Bo" && bo.must("status", doc) == "saved here; reached your Anna"
	})

	anna.must("device", "revoke", bo.must("id"))
	eventually(t, "a revoked device can't write", func() bool {
		return bo.run("edit", doc, "--at", "0", "--insert", "x").code == 1
	})
	anna.json(&devices, "device", "list")
	if i := slices.IndexFunc(devices, func(d deviceJSON) bool { return d.Revoked }); i < 0 || devices[i].This {
		t.Errorf("after revoking, the devices are %+v", devices)
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	anna, _, _, bos, doc := shared(t)
	eventually(t, "Bo has it, by their own word", func() bool {
		return anna.must("status", doc) == "saved here; reached Bo"
	})
	bos.stop()
	anna.awaitAlone()
	anna.must("edit", doc, "--at", "0", "--insert", "More. ")
	var r reachJSON
	anna.json(&r, "status", doc)
	if !r.Saved || len(r.Reached) != 0 || len(r.Missing) != 1 || r.Missing[0].Name != "Bo" || r.Missing[0].LastSeen == nil {
		t.Errorf("while Bo is away, the document has reached %+v", r)
	}
}

// A stranger who looks like somebody known may be their new device: who adds it
// is asked, and an owner signs.
func TestANewDeviceOfSomeoneKnown(t *testing.T) {
	t.Parallel()
	anna, bo, annas, _, _ := shared(t)
	tablet := newHost(t)
	tablets := tablet.serve("Bo")
	anna.must("connect", tablets.address)
	if out := anna.must("peers"); !strings.Contains(out, "not the Bo you know") {
		t.Errorf("peers says %q", out)
	}
	space := anna.spaceCalled("Notes").ID
	p := anna.start("pair", tablet.must("id")[:12])
	code := p.line(p.out)
	incoming(tablet, code)
	if r := anna.run("pair", "--confirm", code); r.code != 1 || !strings.Contains(r.err, "--as PERSON") || !strings.Contains(r.err, "--other") {
		t.Errorf("it is not asked who that is: exit %d, %s", r.code, r.err)
	}
	anna.must("pair", "--confirm", code, "--as", bo.must("id")[:12])
	tablet.must("pair", "--confirm", code)
	if exit := p.wait(); exit != 0 {
		t.Fatalf("pair ended with %d: %s", exit, p.rest())
	}
	eventually(t, "the new device is Bo's", func() bool { return len(anna.members(space)["Bo"].Devices) == 2 })
	annas.stop()
}
