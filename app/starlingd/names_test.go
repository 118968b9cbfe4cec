package main

import (
	"strings"
	"testing"
)

// Spaces and documents can be named by what they are called, as long as that means one.
func TestNames(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	notes, home := h.must("space", "new", "Notes"), h.must("space", "new", "At home")
	doc := h.must("doc", "new", "At home", "--title", "To do")
	if list := h.must("doc", "list", "At home"); !strings.HasPrefix(list, doc+"\tTo do\t"+home+"\t") {
		t.Errorf("the space holds %q", list)
	}
	h.must("edit", "To do", "--at", "8", "--insert", "milk\n")
	if text := h.must("cat", "To do"); text != "# To do\nmilk" {
		t.Errorf("the document is %q", text)
	}
	if r := h.run("cat", "to do"); r.code != 1 || !strings.Contains(r.err, "no such document") {
		t.Errorf("another title: exit %d, %q", r.code, r.err)
	}
	second, again := h.must("space", "new", "Notes"), h.must("doc", "new", notes, "--title", "To do")
	for _, test := range []struct {
		args []string
		ids  []string
	}{
		{[]string{"space", "members", "Notes"}, []string{notes, second}},
		{[]string{"cat", "To do"}, []string{doc, again}},
	} {
		f := h.run(append(test.args, "--json")...).failed(t)
		for _, id := range test.ids {
			if f.Kind != "ambiguous" || !strings.Contains(f.Error, id[:12]) {
				t.Errorf("%q: %+v", test.args, f)
			}
		}
	}
	if text := h.must("cat", again); text != "# To do" {
		t.Errorf("the other document is %q", text)
	}
}

// A neighbour can be named by name, and of two of one name neither is meant.
func TestNamesOfPeople(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	p := anna.start("pair", "Bo")
	code := p.line(p.out)
	incoming(bo, code)
	bo.must("pair", "--reject", code)
	p.wait()
	other := newHost(t)
	anna.must("connect", other.serve("Bo").address)
	link := anna.must("space", "invite", anna.must("space", "new", "Notes"), "--count", "2")
	bo.must("space", "join", link)
	other.must("space", "join", link)
	for _, args := range [][]string{{"pair", "Bo", "--json"}, {"space", "role", "Notes", "Bo", "viewer", "--json"}} {
		f := anna.run(args...).failed(t)
		if f.Kind != "ambiguous" || !strings.Contains(f.Error, bo.must("id")[:12]) || !strings.Contains(f.Error, other.must("id")[:12]) {
			t.Errorf("%q of two Bos: %+v", args, f)
		}
	}
}
