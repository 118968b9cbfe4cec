package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

type (
	neighbourJSON struct {
		ID        string     `json:"id"`
		Name      string     `json:"name"`
		Nearby    bool       `json:"nearby"`
		Known     bool       `json:"known"`
		Connected bool       `json:"connected"`
		Address   string     `json:"address"`
		LastSeen  *time.Time `json:"last_seen"`
		LooksLike string     `json:"looks_like"`
		Mine      bool       `json:"mine"`
	}
	pairingJSON struct {
		Code      string `json:"code"`
		ID        string `json:"id"`
		Name      string `json:"name"`
		Incoming  bool   `json:"incoming"`
		Confirmed bool   `json:"confirmed"`
		Link      bool   `json:"link"`
		LooksLike string `json:"looks_like"`
		As        string `json:"as"`
	}
	changeJSON struct {
		Time   int64  `json:"time"`
		Author string `json:"author"`
		At     int    `json:"at"`
		Delete int    `json:"delete"`
		Insert string `json:"insert"`
	}
)

// two starts two peers that do not know each other and connects them.
func two(t *testing.T) (anna, bo *host, annas, bos *server) {
	t.Helper()
	anna, bo = newHost(t), newHost(t)
	annas, bos = anna.serve("Anna"), bo.serve("Bo")
	var n neighbourJSON
	if anna.json(&n, "connect", bos.address); n.ID != bo.must("id") {
		t.Fatalf("connect gives %+v", n)
	}
	return anna, bo, annas, bos
}

// incoming waits for the request of a peer and returns it.
func incoming(h *host, code string) pairingJSON {
	h.t.Helper()
	var found pairingJSON
	eventually(h.t, "the request appears", func() bool {
		var list []pairingJSON
		h.json(&list, "pair", "--list")
		for _, p := range list {
			if p.Code == code {
				found = p
			}
		}
		return found.Code != ""
	})
	return found
}

// pair makes two hosts known to each other; a shares space, unless it is "".
func pair(a, b *host, space string) {
	a.t.Helper()
	id := b.must("id")
	args := []string{"pair", id[:12]}
	if space != "" {
		args = append(args, "--space", space)
	}
	p := a.start(args...)
	code := p.line(p.out)
	if request := incoming(b, code); !request.Incoming || request.Confirmed || request.ID != a.must("id") {
		a.t.Fatalf("the request is %+v", request)
	}
	a.must("pair", "--confirm", code)
	b.must("pair", "--confirm", code[:3]+" "+code[3:])
	if exit := p.wait(); exit != 0 {
		a.t.Fatalf("pair ended with %d: %s", exit, p.rest())
	}
}

// shared starts two peers that share a space with one document.
func shared(t *testing.T) (anna, bo *host, annas, bos *server, doc string) {
	t.Helper()
	anna, bo, annas, bos = two(t)
	space := anna.must("space", "new", "Notes")
	doc = anna.must("doc", "new", space, "--title", "Plan")
	pair(anna, bo, space)
	eventually(t, "the document arrives", func() bool { return bo.run("cat", doc).out == "# Plan\n" })
	return anna, bo, annas, bos, doc
}

func TestPairing(t *testing.T) {
	t.Parallel()
	anna, bo, _, _, doc := shared(t)
	var spaces []spaceJSON
	bo.json(&spaces, "space", "list")
	found := false
	for _, s := range spaces {
		found = found || s.Name == "Notes" && s.Role == "editor" && len(s.Members) == 2
	}
	if !found {
		t.Errorf("the other's spaces are %+v", spaces)
	}
	for _, h := range []*host{anna, bo} {
		var list []neighbourJSON
		if h.json(&list, "peers"); len(list) != 1 || !list[0].Known || !list[0].Connected || list[0].LastSeen == nil {
			t.Errorf("peers gives %+v", list)
		}
		if out := h.must("peers"); !strings.HasPrefix(out, list[0].ID+"\t"+list[0].Name+"\t") {
			t.Errorf("peers prints %q", out)
		}
		var s statusJSON
		if h.json(&s, "status"); !s.Running || s.Connected != 1 || len(s.Listen) == 0 || s.Discovery {
			t.Errorf("status gives %+v", s)
		}
		eventually(t, "no pairing is left", func() bool { return h.must("pair", "--list") == "" })
	}
	anna.must("edit", doc, "--at", "7", "--insert", "by Anna\n")
	bo.must("edit", doc, "--at", "0", "--insert", "<!-- Bo -->\n")
	want := "<!-- Bo -->\n# Plan\nby Anna\n"
	for _, h := range []*host{anna, bo} {
		eventually(t, "both edits are on both sides", func() bool { return h.run("cat", doc).out == want })
	}
}

// The side that was asked can share its space too, and with --json the code is
// on standard error before the one value.
func TestTheAskedSideShares(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	space := bo.must("space", "new", "Bo's")
	doc := bo.must("doc", "new", space, "--title", "Asked")
	p := anna.start("--json", "pair", bo.must("id"))
	code := p.line(p.errs)
	incoming(bo, code)
	var answer pairingJSON
	if bo.json(&answer, "pair", "--confirm", code, "--space", space[:10]); !answer.Confirmed || answer.Code != code {
		t.Errorf("confirm gives %+v", answer)
	}
	anna.must("pair", "--confirm", code)
	var done struct {
		pairingJSON
		Paired bool `json:"paired"`
	}
	line := p.line(p.out)
	if err := json.Unmarshal([]byte(line), &done); err != nil || !done.Paired || done.Code != code || done.Name != "Bo" {
		t.Errorf("pair printed %q, %v", line, err)
	}
	if exit := p.wait(); exit != 0 {
		t.Errorf("pair ended with %d", exit)
	}
	eventually(t, "the document arrives", func() bool { return anna.run("cat", doc).out == "# Asked\n" })
}

// Two people who ask each other at once see one code and pair once.
func TestBothAsk(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	pa, pb := anna.start("pair", bo.must("id")), bo.start("pair", anna.must("id"))
	code := pa.line(pa.out)
	if other := pb.line(pb.out); other != code {
		t.Fatalf("the codes are %s and %s", code, other)
	}
	incoming(anna, code)
	incoming(bo, code)
	anna.must("pair", "--confirm", code)
	bo.must("pair", "--confirm", code)
	for _, p := range []*process{pa, pb} {
		if exit := p.wait(); exit != 0 {
			t.Errorf("pair ended with %d: %s", exit, p.rest())
		}
	}
}

func TestPairingThatFails(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	pending := func() (*process, string) {
		p := anna.start("pair", bo.must("id"))
		code := p.line(p.out)
		incoming(bo, code)
		return p, code
	}
	failed := func(what string, p *process, part string) {
		t.Helper()
		if exit := p.wait(); exit != 1 || !strings.Contains(p.rest(), part) {
			t.Errorf("%s: pair ended with %d", what, exit)
		}
		for _, h := range []*host{anna, bo} {
			var list []neighbourJSON
			h.json(&list, "peers")
			for _, n := range list {
				if n.Known {
					t.Errorf("%s: peers gives %+v", what, n)
				}
			}
		}
	}

	if r := anna.run("pair", "--confirm", "000000"); r.code != 1 || !strings.Contains(r.err, "pair --list") {
		t.Errorf("a code that nobody showed: exit %d, %s", r.code, r.err)
	}
	if r := anna.run("pair", "ffffffffffffffff"); r.code != 1 || !strings.Contains(r.err, "starlingd peers") {
		t.Errorf("a peer that is not there: exit %d, %s", r.code, r.err)
	}

	p, code := pending()
	anna.must("pair", "--confirm", code)
	bo.must("pair", "--reject", code)
	failed("the other rejects", p, "reject")

	p, code = pending()
	bo.must("pair", "--confirm", code)
	anna.must("pair", "--reject", code)
	failed("this side rejects", p, "reject")

	p, code = pending()
	bo.must("pair", "--confirm", code)
	p.signal(syscall.SIGINT)
	failed("a signal rejects", p, "")
	eventually(t, "the request is gone", func() bool { return bo.must("pair", "--list") == "" })

	if r := anna.run("pair", bo.must("id")); r.code != 1 || !strings.Contains(r.err, "too many attempts") {
		t.Errorf("after three that failed: exit %d, %s", r.code, r.err)
	}
}

func TestPairingWithOneWhoGoes(t *testing.T) {
	t.Parallel()
	anna, bo, _, bos := two(t)
	p := anna.start("pair", bo.must("id"))
	incoming(bo, p.line(p.out))
	bos.stop()
	if exit := p.wait(); exit != 1 {
		t.Errorf("the other is gone: pair ended with %d", exit)
	}
}

// replay makes the text that a watch's changes lead to.
func replay(t *testing.T, text string, changes []changeJSON) string {
	t.Helper()
	runes := []rune(text)
	for _, c := range changes {
		if c.At < 0 || c.Delete < 0 || c.At+c.Delete > len(runes) {
			t.Fatalf("change %+v is outside %d code points", c, len(runes))
		}
		tail := append([]rune(c.Insert), runes[c.At+c.Delete:]...)
		runes = append(runes[:c.At:c.At], tail...)
	}
	return string(runes)
}

func TestWatch(t *testing.T) {
	t.Parallel()
	anna, bo, _, _, doc := shared(t)
	watches := map[*host]*process{anna: anna.start("watch", doc), bo: bo.start("watch", doc[:20], "--json")}
	for _, w := range watches {
		if line := w.line(w.errs); line != "watching" {
			t.Fatalf("watch says %q", line)
		}
	}
	begin := time.Now().UnixNano()
	var wg sync.WaitGroup
	const edits = 8
	for i, h := range []*host{anna, bo} {
		wg.Go(func() {
			for n := range edits {
				text := string(rune('a'+i)) + strconv.Itoa(n) + "ü\n"
				if r := h.run("edit", doc, "--at", "7", "--insert", text); r.code != 0 {
					t.Errorf("edit: %s", r.err)
				}
			}
		})
	}
	wg.Wait()
	var text string
	eventually(t, "both hold one text", func() bool {
		text = anna.run("cat", doc).out
		return len([]rune(text)) == 7+2*edits*4 && text == bo.run("cat", doc).out
	})
	if r := execute(t, "# Plan\nall new", bo.args([]string{"write", doc})...); r.code != 0 {
		t.Fatal(r.err)
	}
	want := "# Plan\nall new"
	authors := map[string]bool{}
	for h, w := range watches {
		var changes []changeJSON
		for replay(t, "# Plan\n", changes) != want {
			var c changeJSON
			d := json.NewDecoder(strings.NewReader(w.line(w.out)))
			d.DisallowUnknownFields()
			if err := d.Decode(&c); err != nil {
				t.Fatal(err)
			}
			if c.Time < begin || c.Time > time.Now().UnixNano() {
				t.Errorf("%s: the time of %+v is not now", h.home, c)
			}
			authors[c.Author] = true
			changes = append(changes, c)
		}
	}
	if len(authors) != 2 || !authors[anna.must("id")] || !authors[bo.must("id")] {
		t.Errorf("the authors are %v", authors)
	}
	watches[anna].signal(syscall.SIGINT)
	watches[bo].signal(syscall.SIGTERM)
	for _, w := range watches {
		if exit := w.wait(); exit != 0 {
			t.Errorf("watch ended with %d: %s", exit, w.rest())
		}
	}
}

func TestAWatchEndsWithItsPeer(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	s := h.serve("Anna")
	doc := h.must("doc", "new", h.must("space", "new", "Notes"))
	w := h.start("watch", doc)
	w.line(w.errs)
	s.stop()
	if exit := w.wait(); exit != 1 || !strings.Contains(w.rest(), "the peer stopped") {
		t.Errorf("watch ended with %d", exit)
	}
}

// Peers that were apart, stopped cleanly or killed, find each other again at
// the address they know and hold one text.
func TestRestart(t *testing.T) {
	t.Parallel()
	anna, bo, _, bos, doc := shared(t)
	bos.stop()
	bo.must("edit", doc, "--at", "0", "--insert", "offline by Bo\n")
	anna.must("edit", doc, "--at", "7", "--insert", "offline by Anna\n")
	bos = bo.serve("Bo")
	anna.must("connect", bos.address)
	want := "offline by Bo\n# Plan\noffline by Anna\n"
	for _, h := range []*host{anna, bo} {
		eventually(t, "both edits are on both sides", func() bool { return h.run("cat", doc).out == want })
	}

	path, err := os.ReadFile(filepath.Join(bo.home, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	socket := strings.TrimSuffix(string(path), "\n")
	bo.must("edit", doc, "--at", "0", "--insert", "before the crash\n")
	bos.kill()
	if _, err := os.Lstat(socket); err != nil {
		t.Fatalf("a killed peer leaves its socket: %v", err)
	}
	want = "before the crash\n" + want
	if text := bo.run("cat", doc).out; text != want {
		t.Errorf("after a crash the text is %q", text)
	}
	bos = bo.serve("Bo")
	anna.must("connect", bos.address)
	bo.must("edit", doc, "--at", "0", "--insert", "after the crash\n")
	want = "after the crash\n" + want
	for _, h := range []*host{anna, bo} {
		eventually(t, "the crash is over", func() bool { return h.run("cat", doc).out == want })
	}
	bos.stop()
	if _, err := os.Lstat(socket); !os.IsNotExist(err) {
		t.Errorf("a clean end leaves the socket: %v", err)
	}
}
