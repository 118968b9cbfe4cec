package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sample is one start of a program.
type sample struct {
	painted time.Duration // from its start until the screen showed anything
	usable  time.Duration // until it showed the window as it then stayed
	memory  float64       // resident, in MB of 10^6 bytes, when idle
}

func (s sample) String() string {
	return fmt.Sprintf("painted %.3f s, usable %.3f s, %.1f MB", s.painted.Seconds(), s.usable.Seconds(), s.memory)
}

const (
	// patience is how long a start may take.
	patience = 30 * time.Second
	// every is how often the screen is looked at.
	every = 4 * time.Millisecond
	// settled is how long after the first picture the window counts as ready,
	// and idle how much later its memory is looked at.
	settled = 3 * time.Second
	idle    = 2 * time.Second
)

// try starts a program, waits for its window and, after a while, looks at its
// memory.
func (s *screen) try(ctx context.Context, command ...string) (sample, error) {
	return s.tryAnd(ctx, func(int) error { return nil }, command...)
}

// tryAnd is try that does more with the window, by the number of its process.
func (s *screen) tryAnd(ctx context.Context, more func(pid int) error, command ...string) (sample, error) {
	if err := s.blank(ctx); err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	cmd.Env = s.env
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, fmt.Errorf("start %s: %w", command[0], err)
	}
	out, err := s.watch(ctx, cmd.Process.Pid, began)
	if err == nil {
		err = more(cmd.Process.Pid)
	}
	err = errors.Join(err, stop(cmd))
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", command[0], err, said.String())
	}
	return out, err
}

// shown is a picture and how long after the start it came.
type shown struct {
	at      time.Duration
	picture picture
}

// watch looks at what a program shows until it has settled, and then at its
// memory.
func (s *screen) watch(ctx context.Context, pid int, began time.Time) (sample, error) {
	var all []shown
	err := poll(ctx, "a window that has settled", func() (bool, error) {
		p, err := s.look()
		at := time.Since(began)
		switch {
		case err != nil, len(all) == 0 && p.uniform():
			return false, err
		case len(all) == 0 || p.differs(all[len(all)-1].picture) > 0:
			all = append(all, shown{at, p})
		}
		return at > all[0].at+settled, nil
	})
	if err != nil {
		return sample{}, err
	}
	out := sample{painted: all[0].at, usable: usable(all)}
	select {
	case <-ctx.Done():
		return out, ctx.Err()
	case <-time.After(idle):
	}
	out.memory, err = resident(pid)
	return out, err
}

// usable is when the picture came that stayed, but for small things such as a
// blinking caret.
func usable(all []shown) time.Duration {
	last := len(all) - 1
	at := all[last].at
	for i := last; i >= 0 && all[i].picture.like(all[last].picture); i-- {
		at = all[i].at
	}
	return at
}

// stop ends a program that nobody has closed by hand.
func stop(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it has ended: %w", errors.Join(err, cmd.Wait()))
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() }) // it may end just then
	defer late.Stop()
	_ = cmd.Wait() // a signal ended it
	return nil
}

// resident is the memory that a process holds, in MB (proc(5), VmRSS).
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(f[1], 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.New("read the memory: no VmRSS")
}
