package window

import (
	"encoding/json"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starling/assets"
	"starling/packaging/lab"
)

// person is someone at a window on a screen of their own. The commands of Home
// talk to the running window.
type person struct {
	*lab.Home
	*screen
	window *lab.Home    // the same home, run as a window
	run    *lab.Process // the last one
	listen string       // host:port, the same after a restart
	flags  []string
}

// newPerson makes a person with a screen and without a home. The words of in
// run programs elsewhere, in a network of their own for example.
func newPerson(t *testing.T, name string, in ...string) *person {
	t.Helper()
	program, starlingd := desktopProgram(t), lab.Program(t)
	own := t.TempDir()
	for _, folder := range []string{".cache", ".config"} {
		if err := os.Mkdir(filepath.Join(own, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p := &person{
		Home: lab.NewHome(t, name, append(in[:len(in):len(in)], starlingd)...), screen: newScreen(t, full.Dx(), full.Dy()),
		listen: lab.Loopback(t),
	}
	words := append(in[:len(in):len(in)], "env", "-u", "WAYLAND_DISPLAY", "-u", "FYNE_SCALE", "DISPLAY=:"+p.number,
		"HOME="+own, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "LANG=C.UTF-8", "FYNE_THEME="+theme, program)
	p.window = lab.NewHome(t, name, words...)
	p.window.Dir = p.Dir
	p.flags = []string{"--no-discovery"}
	return p
}

// desktopProgram is the path of the program with a window. The test is skipped
// without it, or without what it needs.
func desktopProgram(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool"} {
		if _, err := exec.LookPath(tool); err != nil {
			lab.Unable(t, "needs "+tool+": run make deps-test")
		}
	}
	path := os.Getenv("STARLING")
	if path == "" {
		lab.Unable(t, "needs STARLING, the path of the program: run make test")
	}
	return path
}

// open starts the program and waits until there is a window and a network.
func (p *person) open() {
	p.T.Helper()
	p.run = p.start()
	p.awaitPaint() // before any command, which could take the home's lock
	var status struct{ Listen []string }
	lab.Eventually(p.T, p.Name+"'s peer listens", func() bool {
		r := p.Try("status", "--json")
		return r.Code == 0 && json.Unmarshal([]byte(r.Out), &status) == nil && len(status.Listen) > 0
	})
	if strings.HasPrefix(p.listen, "127.0.0.1:") {
		p.listen = status.Listen[0]
	}
}

// start starts the program and does not wait.
func (p *person) start() *lab.Process {
	p.T.Helper()
	var run *lab.Process
	p.T.Cleanup(func() { // runs when the process has ended
		for _, line := range run.Err.All() {
			if strings.Contains(line, "Error in Fyne call thread") || strings.HasPrefix(line, "panic") {
				p.T.Errorf("%s's window said: %s", p.Name, line)
			}
		}
	})
	run = p.window.Start(append([]string{"--listen", p.listen}, p.flags...)...)
	return run
}

// awaitPaint waits until the window is drawn and has the keyboard.
func (p *person) awaitPaint() {
	p.T.Helper()
	corner := image.Pt(full.Max.X-2, full.Max.Y-2)
	p.eventually(p.Name+"'s window is drawn", func() bool {
		c := p.picture().RGBAAt(corner.X, corner.Y)
		return like(c, tokens.Side) || like(c, tokens.Page)
	})
}

// close closes the window, which must end the process soon and well.
func (p *person) close() {
	p.T.Helper()
	p.closeAll()
	p.awaitEnd(0)
}

// awaitEnd waits for the end of the process.
func (p *person) awaitEnd(code int) {
	p.T.Helper()
	select {
	case <-p.run.Ended():
	case <-time.After(lab.Soon):
		p.T.Fatalf("%s's window has not ended %v after it was closed; windows %v, said %s",
			p.Name, lab.Soon, p.windows(), p.run.Dump())
	}
	if got := p.run.Wait(); got != code {
		p.T.Fatalf("%s's window ended with %d, want %d: %q", p.Name, got, code, p.run.Err.All())
	}
}

// settleIn makes a home with a space and a document by command, and returns
// both.
func (p *person) settleIn(text string) (space, doc string) {
	p.T.Helper()
	space = p.Line("--name", p.Name, "space", "new", p.Name+"'s notes")
	doc = p.Line("doc", "new", space)
	p.Must("edit", doc, "--at", "0", "--insert", text)
	return space, doc
}

// firstStart goes through the first start: name and colour.
func (p *person) firstStart(colour int) {
	p.T.Helper()
	p.write(p.Name)
	if colour > 0 {
		p.press(swatch(colour % assets.PeopleColours))
	}
	p.press(startWriting)
	p.awaitTitle("Welcome, " + p.Name + " - Starling")
}

// into puts the caret to the end of the text, by mouse and keyboard.
func (p *person) into() {
	p.T.Helper()
	p.click(page)
	p.keys("ctrl+End")
}

// only is the space and the document of a person who has one of each.
func (p *person) only() (space, doc string) {
	p.T.Helper()
	var docs []struct{ ID, Space string }
	lab.Eventually(p.T, p.Name+" has one document", func() bool {
		p.JSON(&docs, "doc", "list")
		return len(docs) == 1
	})
	return docs[0].Space, docs[0].ID
}

// awaitText waits until a document has exactly this text.
func (p *person) awaitText(doc, want string) {
	p.T.Helper()
	var got string
	if !lab.Until(lab.Soon, func() bool { got, _ = p.Cat(doc); return got == want }) {
		p.fail("%s's text is %q, want %q", p.Name, got, want)
	}
}
