package main

import (
	"strings"
	"testing"
)

// One who was removed by somebody who had not received all of theirs is told what is
// not shown, and takes it in once they may write again.
func TestWhatWaitsIsToldAndTakenIn(t *testing.T) {
	t.Parallel()
	anna, bo, _, bos := two(t)
	space := anna.must("space", "new", "Notes")
	doc := anna.must("doc", "new", space, "--title", "Plan")
	bo.must("space", "join", anna.must("space", "invite", space, "--role", "owner"))
	eventually(t, "the document arrives", func() bool { return bo.run("cat", doc).out == "# Plan\n" })
	bos.stop()
	anna.must("edit", doc, "--at", "7", "--insert", "more\n")
	if r := bo.run("space", "role", space, "Anna", "viewer"); r.code != 0 || r.out != "" || !strings.Contains(r.err, "connected to nobody") {
		t.Errorf("a role that is taken alone: %+v", r)
	}
	bos = bo.serve("Bo")
	anna.must("connect", bos.address)
	eventually(t, "what Bo had not received is not shown", func() bool { return anna.run("cat", doc).out == "# Plan\n" })
	list := anna.must("doc", "waiting")
	if fields := strings.Split(list, "\t"); len(fields) != 6 || fields[0] != doc || fields[1] != "you" || fields[2] != "1 change" || fields[5] != "Plan" {
		t.Errorf("it prints %q", list)
	}
	if text := anna.must("doc", "waiting", doc); !strings.Contains(text, "The text with it:\n# Plan\nmore") {
		t.Errorf("it prints %q", text)
	}
	if said := anna.must("status", doc); !strings.Contains(said, "1 change of yours came after a change of your role") {
		t.Errorf("status prints %q", said)
	}
	if r := anna.run("doc", "take-in", doc); r.code != 1 || !strings.Contains(r.err, "you are a viewer") {
		t.Errorf("a viewer takes in: %+v", r)
	}
	bo.must("space", "role", space, "Anna", "editor")
	eventually(t, "Anna takes it in, and is told of what fails", func() bool {
		r := anna.run("doc", "take-in", "0123", doc)
		if r.out == "" && r.code == 1 && strings.Contains(r.err, "0123: ") && strings.Contains(r.err, doc+": ") {
			return false // she is not told yet that she may
		}
		if r.out != doc+"\t1\n" || r.code != 1 || !strings.Contains(r.err, "starlingd: 0123: document \"0123\": there is no such document") {
			t.Fatalf("it prints %+v", r)
		}
		return true
	})
	eventually(t, "Bo has it", func() bool { return bo.run("cat", doc).out == "# Plan\nmore\n" })
	if r := anna.run("doc", "take-in", doc); r.code != 1 || !strings.Contains(r.err, "nothing waits") {
		t.Errorf("once more: %+v", r)
	}
	if out := anna.must("doc", "waiting"); out != "" {
		t.Errorf("it prints %q", out)
	}
}
