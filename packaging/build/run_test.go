package build

import (
	"runtime"
	"testing"

	"starling/packaging/lab"
)

// native is the program without cgo for this machine.
func native(t *testing.T) string {
	t.Helper()
	for _, c := range targets {
		if c.system == runtime.GOOS && c.arch == runtime.GOARCH && !c.window {
			return c.path(t)
		}
	}
	lab.Unable(t, "no program was built for this machine")
	return ""
}

// The program without cgo makes a home and a document, writes, serves, and
// reads what it has written after another start.
func TestWithoutCgo(t *testing.T) {
	h := lab.NewHome(t, "Anna", native(t))
	serving := h.Serve("--listen", "127.0.0.1:0", "--no-discovery")
	space := h.Line("space", "new", "Notes")
	doc := h.Line("doc", "new", space)
	h.Must("edit", doc, "--at", "0", "--insert", "Grüße 🌍")
	serving.Stop()

	h.Must("edit", doc, "--at", "0", "--insert", "Viele ")
	if text := h.Must("cat", doc); text != "Viele Grüße 🌍" {
		t.Errorf("the text is %q", text)
	}
}

// Two peers, one with cgo and one without, write in one document, and each can
// open the other's home.
func TestBothBuildsTogether(t *testing.T) {
	a := lab.NewHome(t, "Anna", native(t))
	b := lab.NewHome(t, "Bo", lab.Program(t))
	servingA := a.Serve("--listen", "127.0.0.1:0", "--no-discovery")
	servingB := b.Serve("--listen", "127.0.0.1:0", "--no-discovery")
	space := a.Line("space", "new", "Notes")
	b.Must("connect", servingA.Listen[0])
	lab.Pair(a, b, space)

	doc := a.Line("doc", "new", space)
	a.Must("edit", doc, "--at", "0", "--insert", "one two")
	await(t, b, doc, "one two")
	b.Must("edit", doc, "--at", "3", "--insert", ",")
	await(t, a, doc, "one, two")
	servingA.Stop()
	servingB.Stop()

	a.Dir, b.Dir = b.Dir, a.Dir
	for _, h := range []*lab.Home{a, b} {
		if text := h.Must("cat", doc); text != "one, two" {
			t.Errorf("%s reads %q", h.Name, text)
		}
	}
}

func await(t *testing.T, h *lab.Home, doc, want string) {
	t.Helper()
	lab.Eventually(t, h.Name+" reads "+want, func() bool {
		text, ok := h.Cat(doc)
		return ok && text == want
	})
}
