package window

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

// screen is an X server with keyboard and mouse, and no window manager.
type screen struct {
	t      *testing.T
	number string
	x      *display
}

// newScreen starts an X server that ends with the test, or when the test is
// killed, since it ends with its last client.
//
// No key repeats itself: on a busy machine one is let go of so late that it would.
func newScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	number, other, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	server := exec.CommandContext(t.Context(), "Xvfb", "-displayfd", "3", "-terminate", "-nolisten", "tcp", "-r",
		"-screen", "0", fmt.Sprintf("%dx%dx24", width, height))
	server.ExtraFiles = []*os.File{other}
	var said bytes.Buffer
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	other.Close()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("start Xvfb: %v: %s", err, said.String())
	}
	s := &screen{t: t, number: strings.TrimSpace(line)}
	if s.x, err = dialX(s.number); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.x.conn.Close() })
	return s
}

// try runs xdotool.
func (s *screen) try(args ...string) (string, error) {
	cmd := exec.CommandContext(s.t.Context(), "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY=:"+s.number)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

func (s *screen) tool(args ...string) {
	s.t.Helper()
	if out, err := s.try(args...); err != nil {
		s.t.Fatalf("xdotool %q: %v: %s", args, err, out)
	}
}

// keys presses keys one after the other, named as xdotool does.
func (s *screen) keys(keys ...string) {
	s.t.Helper()
	s.tool(append([]string{"key"}, keys...)...)
}

// write types text. xdotool takes a newline for another key than Return.
func (s *screen) write(text string) {
	s.t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			s.keys("Return")
		}
		if line != "" {
			s.tool("type", "--delay", "15", "--", line)
		}
	}
}

func (s *screen) click(at image.Point) {
	s.t.Helper()
	s.tool("mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "1")
}

// drag selects with the mouse.
func (s *screen) drag(from, to image.Point) {
	s.t.Helper()
	s.tool("mousemove", strconv.Itoa(from.X), strconv.Itoa(from.Y), "mousedown", "1",
		"mousemove", strconv.Itoa(to.X-8), strconv.Itoa(to.Y),
		"mousemove", strconv.Itoa(to.X), strconv.Itoa(to.Y), "mouseup", "1")
}

// windows are the windows of ours that are shown, by xdotool's numbers.
func (s *screen) windows() []string {
	out, _ := s.try("search", "--onlyvisible", "--name", "Starling$") // fails if there is none
	return strings.Fields(out)
}

// title is what the only window is called; "" if it is not there.
func (s *screen) title() string {
	ids := s.windows()
	if len(ids) != 1 {
		return ""
	}
	name, _ := s.try("getwindowname", ids[0]) // it may just have closed
	return name
}

// awaitTitle waits until the only window is called so.
func (s *screen) awaitTitle(title string) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("a window is called %q", title), func() bool { return s.title() == title })
}

// closeAll asks all windows to close.
func (s *screen) closeAll() {
	s.t.Helper()
	ids := s.windows()
	if len(ids) == 0 {
		s.t.Fatal("there is no window to close")
	}
	for _, text := range ids {
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			s.t.Fatalf("xdotool names a window %q", text)
		}
		if err := s.x.closeWindow(uint32(id)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *screen) picture() *image.RGBA {
	s.t.Helper()
	img, err := s.x.picture()
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}

// still returns the screen once all that was pressed shows and it has not changed
// for a moment. A blinking caret leaves time for that.
func (s *screen) still() *image.RGBA {
	s.t.Helper()
	s.caughtUp()
	last, since := s.picture(), time.Now()
	lab.Until(settle, func() bool {
		now := s.picture()
		if !bytes.Equal(now.Pix, last.Pix) {
			last, since = now, time.Now()
		}
		return time.Since(since) > rest
	})
	return last
}

// shot keeps a picture of the screen once it is still.
func (s *screen) shot(name string) {
	s.t.Helper()
	if err := save(name, s.still()); err != nil {
		s.t.Fatal(err)
	}
}

// eventually is [lab.Eventually] that shows what is on the screen if it does not come.
func (s *screen) eventually(what string, ok func() bool) {
	s.t.Helper()
	if !lab.Until(lab.Soon, ok) {
		s.fail("not within %v: %s", lab.Soon, what)
	}
}

// fail ends the test, and keeps a picture.
func (s *screen) fail(format string, args ...any) {
	s.t.Helper()
	name := "failed-" + s.t.Name() + "-" + s.number
	s.t.Fatalf(format+" (the window is %q; picture %s: %v)", append(args, s.title(), name, save(name, s.picture()))...)
}

// save writes a picture to the folder of pictures.
func save(name string, img *image.RGBA) error {
	folder := filepath.Join("..", "..", "screenshots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, name+"-"+theme+".png"))
	if err != nil {
		return err
	}
	defer file.Close()
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(file, img); err != nil {
		return fmt.Errorf("keep picture %s: %w", name, err)
	}
	return nil
}
