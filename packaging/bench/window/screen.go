package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// screen is an X server whose picture lies in a file, so that looking at it
// costs the server nothing.
type screen struct {
	display string   // its number
	env     []string // of programs that are to show themselves here
	server  *exec.Cmd
	frame   []byte // the file, mapped
}

func openScreen(dir string) (*screen, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	defer r.Close()
	s := &screen{}
	s.server = exec.CommandContext(context.Background(), "Xvfb", "-displayfd", "3", "-nolisten", "tcp", "-nocursor",
		"-screen", "0", "1280x800x24", "-fbdir", dir)
	s.server.ExtraFiles = []*os.File{w}
	err = s.server.Start()
	w.Close()
	if err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	display, err := bufio.NewReader(r).ReadString('\n')
	if err == nil {
		s.display = strings.TrimSpace(display)
		s.env, err = environment(dir, s.display)
	}
	if err == nil {
		s.frame, err = mapFile(filepath.Join(dir, "Xvfb_screen0"))
	}
	if err != nil {
		_ = stop(s.server) // the first error tells more
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	return s, nil
}

// environment is ours without what would lead a program to another screen or
// to the person's own settings.
func environment(dir, display string) ([]string, error) {
	own := map[string]string{
		"DISPLAY": ":" + display, "HOME": dir,
		"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_CACHE_HOME": filepath.Join(dir, "cache"),
		"XDG_RUNTIME_DIR": filepath.Join(dir, "run"),
	}
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if _, ok := own[name]; !ok && name != "WAYLAND_DISPLAY" && name != "XDG_SESSION_TYPE" {
			env = append(env, v)
		}
	}
	for name, value := range own {
		env = append(env, name+"="+value)
		if strings.HasPrefix(name, "XDG_") {
			if err := os.MkdirAll(value, 0o700); err != nil {
				return nil, fmt.Errorf("prepare a home: %w", err)
			}
		}
	}
	return env, nil
}

func (s *screen) close() error {
	err := s.server.Process.Signal(syscall.SIGTERM)
	_ = s.server.Wait() // a signal ended it
	return errors.Join(err, unix.Munmap(s.frame))
}

func mapFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
}

// look is what the screen shows.
func (s *screen) look() (picture, error) { return parse(s.frame) }

// blank waits until nothing is shown.
func (s *screen) blank(ctx context.Context) error {
	return poll(ctx, "an empty screen", func() (bool, error) {
		p, err := s.look()
		return p.uniform(), err
	})
}

// poll asks until the answer is yes.
func poll(ctx context.Context, what string, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if ok, err := ask(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}
