package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The JSON that scripts rely on, written down apart from the code.
type (
	personJSON struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Colour string `json:"colour"`
	}
	deviceJSON struct {
		ID        string     `json:"id"`
		Name      string     `json:"name"`
		This      bool       `json:"this"`
		Connected bool       `json:"connected"`
		Revoked   bool       `json:"revoked"`
		LastSeen  *time.Time `json:"last_seen"`
	}
	memberJSON struct {
		personJSON
		Role      string       `json:"role"`
		Devices   []deviceJSON `json:"devices"`
		Removed   bool         `json:"removed"`
		Left      bool         `json:"left"`
		NotTheOne string       `json:"not_the_one"`
	}
	spaceJSON struct {
		ID        string       `json:"id"`
		Name      string       `json:"name"`
		Role      string       `json:"role"`
		Members   []memberJSON `json:"members"`
		Left      bool         `json:"left"`
		RemovedBy *personJSON  `json:"removed_by"`
		Revoked   bool         `json:"revoked"`
	}
	documentJSON struct {
		ID      string     `json:"id"`
		Title   string     `json:"title"`
		Space   string     `json:"space"`
		Updated *time.Time `json:"updated"`
	}
	statusJSON struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Home      string   `json:"home"`
		Running   bool     `json:"running"`
		Listen    []string `json:"listen"`
		Discovery bool     `json:"discovery"`
		Networks  []string `json:"networks"`
		Problem   string   `json:"problem"`
		Connected int      `json:"connected"`
		Spaces    int      `json:"spaces"`
		Documents int      `json:"documents"`
		Behind    int      `json:"behind"`
		HopLimit  int      `json:"hop_limit"`
		Far       []string `json:"far"`
		Invisible bool     `json:"invisible"`
		Damage    string   `json:"damage"`
	}
)

var (
	deviceID   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	documentID = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

func TestFewCommandsMakeAHome(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for _, command := range []string{
		"id", "status", "peers", "connect 127.0.0.1:1", "pair aa", "pair --list", "pair --confirm 417293",
		"pair --reject 417293", "space list", "doc new aa", "doc list", "cat aa", "edit aa --at 0", "write aa", "watch aa",
		"import --space aa files_test.go", "export aa --format md", "verify", "verify aa", "history aa", "diff aa b c",
		"blame aa", "cat aa --at b", "restore-version aa b", "name-version aa b c", "undo aa", "redo aa",
	} {
		r := h.run(strings.Fields(command)...)
		if r.code != 1 || r.out != "" || !strings.Contains(r.err, "starlingd serve") {
			t.Errorf("%s without a home: exit %d, %q, %q", command, r.code, r.out, r.err)
		}
		if _, err := os.Stat(h.home); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s made the home: %v", command, err)
		}
	}
	space := h.must("--name", "Zoë", "space", "new", "Notes")
	if !deviceID.MatchString(space) {
		t.Errorf("space new printed %q", space)
	}
	var me personJSON
	if h.json(&me, "id"); me.Name != "Zoë" || !deviceID.MatchString(me.ID) {
		t.Errorf("id gives %+v", me)
	}
	if id := h.must("id"); id != me.ID {
		t.Errorf("id prints %q, not %q", id, me.ID)
	}
	info, err := os.Stat(h.home)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the home has mode %v, %v", info.Mode(), err)
	}

	other := newHost(t)
	other.serve("Bo").stop()
	if other.json(&me, "id"); me.Name != "Bo" {
		t.Errorf("serve made the home of %q", me.Name)
	}
}

// Every command gives the same with a peer running and without.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"alone", "served", "served, restarted"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			if mode == "alone" {
				h.must("--name", "Anna", "space", "new", "First")
			} else {
				s := h.serve("Anna")
				h.must("space", "new", "First")
				if mode != "served" {
					s.stop()
					h.serve("Anna")
				}
			}
			testSpaces(h)
			testEditing(h)
			testFailures(h)
		})
	}
}

func testSpaces(h *host) {
	t := h.t
	t.Helper()
	notes := h.must("space", "new", "Notes & <more>")
	var spaces []spaceJSON
	h.json(&spaces, "space", "list")
	names := map[string]string{}
	for _, s := range spaces {
		names[s.ID] = s.Name
		if s.Role != "owner" || len(s.Members) != 1 || s.Members[0].Name != "Anna" || s.Members[0].Role != "owner" {
			t.Errorf("space list gives %+v", s)
		}
	}
	if len(spaces) != 2 || names[notes] != "Notes & <more>" {
		t.Errorf("space list gives %+v", spaces)
	}
	var made spaceJSON
	if h.json(&made, "space", "new", "Third"); made.Name != "Third" || !deviceID.MatchString(made.ID) {
		t.Errorf("space new gives %+v", made)
	}

	var docs []documentJSON
	if h.json(&docs, "doc", "list"); docs == nil || len(docs) != 0 {
		t.Errorf("doc list gives %+v", docs)
	}
	titled := h.must("doc", "new", notes, "--title", "Zoë's plan")
	empty := h.must("doc", "new", notes[:16])
	other := h.must("doc", "new", made.ID)
	for _, id := range []string{titled, empty, other} {
		if !documentID.MatchString(id) {
			t.Errorf("doc new printed %q", id)
		}
	}
	if text := h.run("cat", titled).out; text != "# Zoë's plan\n" {
		t.Errorf("a titled document holds %q", text)
	}
	if text := h.run("cat", empty).out; text != "" {
		t.Errorf("a new document holds %q", text)
	}
	if h.json(&docs, "doc", "list", strings.ToUpper(notes)); len(docs) != 2 {
		t.Errorf("doc list gives %+v", docs)
	}
	for _, d := range docs {
		if d.Space != notes || d.ID == titled && !strings.Contains(d.Title, "Zoë's plan") {
			t.Errorf("doc list gives %+v", d)
		}
	}
	if h.json(&docs, "doc", "list"); len(docs) != 3 {
		t.Errorf("doc list gives %+v", docs)
	}
	if out := h.must("doc", "list"); len(strings.Split(out, "\n")) != 3 || !strings.Contains(out, titled+"\t") {
		t.Errorf("doc list prints %q", out)
	}
	var s statusJSON
	if h.json(&s, "status"); s.Spaces != 3 || s.Documents != 3 || s.Home != h.home || s.Name != "Anna" || s.Listen == nil {
		t.Errorf("status gives %+v", s)
	}
	if out := h.must("status"); !strings.Contains(out, "home\t"+h.home+"\n") {
		t.Errorf("status prints %q", out)
	}
}

func testEditing(h *host) {
	t := h.t
	t.Helper()
	var docs []documentJSON
	h.json(&docs, "doc", "list")
	doc := h.must("doc", "new", docs[0].Space)
	for _, step := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{"", []string{"edit", doc, "--at", "0", "--insert", "Grüße"}, "Grüße"},
		{"", []string{"edit", "--at", "5", "--insert", " 🐦\n", doc}, "Grüße 🐦\n"},
		{"", []string{"edit", "--at", "6", doc, "--delete", "1", "--insert", "--json"}, "Grüße --json\n"},
		{"", []string{"edit", doc[:20], "--at=0", "--delete=6"}, "--json\n"},
		{"", []string{"edit", doc, "--at", "7", "--insert", "end"}, "--json\nend"},
		{"one\r\ntwo\x00\n\n", []string{"write", doc}, "one\r\ntwo\x00\n\n"},
		{"", []string{"write", doc}, ""},
		{strings.Repeat("línea\n", 20_000), []string{"write", doc}, strings.Repeat("línea\n", 20_000)},
		{"<&>\u2028 \"quoted\"", []string{"write", doc}, "<&>\u2028 \"quoted\""},
	} {
		if out := h.mustRead(step.stdin, step.args...); out != "" {
			t.Errorf("%q prints %q", step.args[0], out)
		}
		if text := h.run("cat", doc).out; text != step.want {
			t.Fatalf("after %.60q the text is %.60q, want %.60q", step.args, text, step.want)
		}
	}
	var text string
	if h.json(&text, "cat", doc); text != "<&>\u2028 \"quoted\"" {
		t.Errorf("cat --json gives %q", text)
	}
	var edited struct {
		ID string `json:"id"`
	}
	if h.json(&edited, "edit", doc, "--at", "0", "--insert", "x"); edited.ID != doc {
		t.Errorf("edit gives %+v", edited)
	}
}

func testFailures(h *host) {
	t := h.t
	t.Helper()
	var docs []documentJSON
	h.json(&docs, "doc", "list")
	doc := h.must("doc", "new", docs[0].Space, "--title", "Kept")
	const text = "# Kept\n"
	zeros := strings.Repeat("0", 64)
	for _, test := range []struct {
		stdin string
		args  []string
		err   string
	}{
		{"", []string{"edit", doc, "--at", "8", "--insert", "x"}, "outside"},
		{"", []string{"edit", doc, "--at", "-1", "--insert", "x"}, "outside"},
		{"", []string{"edit", doc, "--at", "99999999999999999999", "--insert", "x"}, "outside"},
		{"", []string{"edit", doc, "--at", "0", "--delete", "8"}, "outside"},
		{"", []string{"edit", doc, "--at", "3", "--delete", "9223372036854775807"}, "outside"},
		{"", []string{"edit", doc, "--at", "0", "--delete", "-1"}, "outside"},
		{"", []string{"edit", doc, "--at", "0", "--insert", "x\xff"}, "UTF-8"},
		{"half \xc3", []string{"write", doc}, "UTF-8"},
		{"", []string{"cat", zeros[:32]}, "starlingd doc list"},
		{"", []string{"cat", "xyz"}, "starlingd doc list"},
		{"", []string{"cat", ""}, "starlingd doc list"},
		{"", []string{"edit", zeros[:32], "--at", "0", "--insert", "x"}, "starlingd doc list"},
		{"x", []string{"write", zeros[:32]}, "starlingd doc list"},
		{"", []string{"doc", "new", zeros}, "starlingd space list"},
		{"", []string{"doc", "new", "xyz"}, "starlingd space list"},
		{"", []string{"doc", "new", docs[0].Space, "--title", "\xff"}, "UTF-8"},
		{"", []string{"doc", "list", zeros}, "starlingd space list"},
		{"", []string{"space", "new", "  "}, "not a usable name"},
		{"", []string{"space", "new", "\xff"}, "UTF-8"},
		{"", []string{"--name", "\xff", "id"}, "UTF-8"},
	} {
		r := execute(t, test.stdin, h.args(test.args)...)
		if r.code != 1 || r.out != "" || !strings.Contains(r.err, test.err) {
			t.Errorf("%q: exit %d, %q, %q; want %q", test.args, r.code, r.out, r.err, test.err)
		}
	}
	if got := h.run("cat", doc).out; got != text {
		t.Errorf("failures changed the text to %q", got)
	}
	var after []documentJSON
	if h.json(&after, "doc", "list"); len(after) != len(docs)+1 {
		t.Errorf("failures made documents: %d, then %d", len(docs), len(after))
	}
}

func TestAmbiguousStarts(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	space := h.must("space", "new", "Notes")
	starts := map[byte]bool{}
	for range 17 { // more than there are digits
		doc := h.must("doc", "new", space)
		if starts[doc[0]] {
			r := h.run("cat", doc[:1])
			if r.code != 1 || !strings.Contains(r.err, "give more of the ID") {
				t.Errorf("cat %s: exit %d, %s", doc[:1], r.code, r.err)
			}
			return
		}
		starts[doc[0]] = true
	}
	t.Fatal("17 documents with different first digits")
}

func TestCommandsThatNeedARunningPeer(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	space := h.must("space", "new", "Notes")
	doc := h.must("doc", "new", space)
	for _, args := range [][]string{
		{"connect", "127.0.0.1:1"},
		{"pair", "aa"},
		{"pair", "--list"},
		{"pair", "--confirm", "417293"},
		{"pair", "--reject", "417293"},
		{"watch", doc},
	} {
		if r := h.run(args...); r.code != 1 || r.out != "" || !strings.Contains(r.err, "starlingd serve") {
			t.Errorf("%q: exit %d, %q, %q", args, r.code, r.out, r.err)
		}
	}
	var list []struct{}
	if h.json(&list, "peers"); list == nil || len(list) != 0 {
		t.Errorf("peers gives %v", list)
	}
	var s statusJSON
	if h.json(&s, "status"); s.Running {
		t.Errorf("nothing runs, but status gives %+v", s)
	}
}

// Commands that come at once wait for each other.
func TestCommandsTakeTurns(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	doc := h.must("doc", "new", h.must("space", "new", "Notes"))
	const writers = 4 // all within the 5 s for which one waits
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			r := h.run("edit", doc, "--at", "0", "--insert", fmt.Sprint(i))
			if r.code != 0 {
				t.Errorf("edit %d: %s", i, r.err)
			}
		})
	}
	wg.Wait()
	if text := h.must("cat", doc); len(text) != writers {
		t.Errorf("%d edits gave %q", writers, text)
	}
}

func TestDeepHome(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("a folder with a long name/", 12)
	h := &host{t, filepath.Join(t.TempDir(), deep, "home")}
	if len(h.home) < 200 {
		t.Fatalf("%s is not deep", h.home)
	}
	s := h.serve("Anna")
	doc := h.must("doc", "new", h.must("space", "new", "Notes"), "--title", "Deep")
	var status statusJSON
	if h.json(&status, "status"); !status.Running {
		t.Errorf("the running peer did not answer: %+v", status)
	}
	s.stop()
	if text := h.must("cat", doc); text != "# Deep" {
		t.Errorf("the text is %q", text)
	}
}

func TestServeSaysWhenItIsReady(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.start("--json", "serve", "--no-discovery", "--listen", "127.0.0.1:0")
	var ready struct {
		ID     string   `json:"id"`
		Home   string   `json:"home"`
		Listen []string `json:"listen"`
	}
	if err := json.Unmarshal([]byte(p.line(p.out)), &ready); err != nil {
		t.Fatal(err)
	}
	if ready.ID != h.must("id") || ready.Home != h.home || !strings.HasPrefix(ready.Listen[0], "127.0.0.1:") {
		t.Errorf("serve says %+v", ready)
	}
	p.signal(syscall.SIGINT)
	if exit := p.wait(); exit != 0 {
		t.Errorf("serve ended with %d: %s", exit, p.rest())
	}
}

// A home has one peer, and whoever comes second is told so.
func TestASecondPeerIsRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.serve("Anna")
	begin := time.Now()
	r := h.run("serve", "--listen", "127.0.0.1:0", "--no-discovery")
	if r.code != 1 || !strings.Contains(r.err, "another Starling runs") {
		t.Errorf("a second serve: exit %d, %s", r.code, r.err)
	}
	if waited := time.Since(begin); waited < 4*time.Second {
		t.Errorf("it waited %v for the home, not 5 s", waited)
	}
	h.must("id")
}
