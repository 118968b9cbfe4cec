package window

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"starling/packaging/lab"
)

// demo is a run of demo.sh on a screen wide enough for two windows.
type demo struct {
	*screen
	cmd    *exec.Cmd
	folder string // where it makes its temporary folder
	said   *bytes.Buffer
	ended  chan error
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	program, starlingd := desktopProgram(t), lab.Program(t)
	d := &demo{
		screen: newScreen(t, 2*full.Dx(), full.Dy()), folder: t.TempDir(),
		said: &bytes.Buffer{}, ended: make(chan error, 1),
	}
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Where this test ignores Ctrl+C, as in the background of a script, the demo
	// would too.
	d.cmd = exec.Command("env", "--default-signal=INT", "bash", filepath.Join("..", "demo.sh"))
	d.cmd.Env = append(os.Environ(), "STARLING="+program, "STARLINGD="+starlingd, "TMPDIR="+d.folder,
		"DISPLAY=:"+d.number, "WAYLAND_DISPLAY=", "HOME="+home, "FYNE_THEME="+theme)
	d.cmd.Stdout, d.cmd.Stderr = d.said, d.said
	// A process group of its own, as a shell gives, so that all can be told to
	// end as by Ctrl+C.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- d.cmd.Wait() }()
	t.Cleanup(func() { _ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGTERM) })
	lab.Eventually(t, "there are two windows", func() bool { return len(d.windows()) == 2 })
	return d
}

// await waits for the end and looks that nothing is left.
func (d *demo) await(code int) {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(lab.Soon):
		d.t.Fatalf("the demo does not end; it said %s", d.said)
	}
	if got := d.cmd.ProcessState.ExitCode(); got != code {
		d.t.Errorf("the demo ended with %d, want %d; it said %s", got, code, d.said)
	}
	if left, err := os.ReadDir(d.folder); err != nil || len(left) > 0 {
		d.t.Errorf("the demo left %v, %v", left, err)
	}
}

// home is the home of a person in the demo, for commands.
func (d *demo) home(name string) *lab.Home {
	d.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(d.folder, "starling-demo.*", name))
	if err != nil || len(dirs) != 1 {
		d.t.Fatalf("the demo's homes of %s are %v", name, dirs)
	}
	h := lab.NewHome(d.t, name, lab.Program(d.t))
	h.Dir = dirs[0]
	return h
}

// What is typed into either window of the demo is in the other.
func TestDemo(t *testing.T) {
	d := startDemo(t)
	ada, grace := d.home("ada"), d.home("grace")
	var docs []struct{ ID, Title string }
	ada.JSON(&docs, "doc", "list")
	if len(docs) != 1 {
		t.Fatalf("the demo has the documents %+v", docs)
	}
	text, _ := ada.Cat(docs[0].ID)
	both := func() bool {
		return d.drawn(image.Pt(d.x.size.X/2-300, 500)) && d.drawn(image.Pt(d.x.size.X/2+500, 500))
	}
	lab.Eventually(t, "both windows are drawn", both)
	for _, turn := range []struct {
		x    int // in the text's column
		line string
		to   *lab.Home
	}{
		{d.x.size.X/2 - 400, "I have the tickets. ", grace},
		{d.x.size.X/2 + 600, "I bring the tea.", ada},
	} {
		d.focus(image.Pt(turn.x, 700))
		d.keys("ctrl+End")
		d.write(turn.line)
		text += turn.line
		lab.Eventually(t, turn.to.Name+" has "+turn.line, func() bool {
			got, _ := turn.to.Cat(docs[0].ID)
			return got == text
		})
	}
	d.shot("demo")
	d.closeAll()
	d.await(0)
	if lines := strings.Count(d.said.String(), "\n"); lines > 4 {
		t.Errorf("the demo says more than what to do: %s", d.said)
	}
}

// focus clicks into a window and gives it the keyboard, as a window manager
// would.
func (s *screen) focus(at image.Point) {
	s.t.Helper()
	s.click(at)
	where, err := s.try("getmouselocation", "--shell")
	if err != nil {
		s.t.Fatal(err)
	}
	_, window, _ := strings.Cut(where, "WINDOW=")
	s.tool("windowfocus", "--sync", strings.TrimSpace(window))
}

// drawn says whether a window shows its paper at a place.
func (s *screen) drawn(at image.Point) bool {
	c := s.picture().RGBAAt(at.X, at.Y)
	return like(c, tokens.Side) || like(c, tokens.Page)
}

// Ctrl+C ends both windows and leaves nothing.
func TestDemoInterrupted(t *testing.T) {
	d := startDemo(t)
	if err := syscall.Kill(-d.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	d.await(130)
}
