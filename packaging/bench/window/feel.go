package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// feel is what it is like to write in a window, and to stop.
type feel struct {
	frame time.Duration // from a key until something of it is on the screen, median
	// Parts of a core that the program takes: while the caret blinks, and in the
	// half minute after a key, in which it blinks at first.
	blink, idle float64
}

func (f feel) String() string {
	return fmt.Sprintf("a key is seen after %.1f ms; %.2f %% of a core while the caret blinks, %.2f %% in %v",
		f.frame.Seconds()*1000, f.blink*100, f.idle*100, idleTime)
}

const (
	// keys is how many are pressed. They are still apart, so that each finds
	// the window at rest.
	keys  = 100
	still = 50 * time.Millisecond
	// A caret blinks for six seconds after a key. Its own frame is over long
	// before the first of the time that is looked at.
	blinkFrom = time.Second
	blinkTime = 5 * time.Second
	idleTime  = 30 * time.Second
	restTime  = 10 * time.Second
)

// write opens a window whose text has the keyboard, and writes.
func (s *screen) write(ctx context.Context, command ...string) (f feel, err error) {
	_, err = s.tryAnd(ctx, func(pid int) (err error) {
		f, err = s.feel(ctx, pid)
		return err
	}, command...)
	return f, err
}

// rest opens a window and leaves it alone.
func (s *screen) rest(ctx context.Context, command ...string) (part float64, err error) {
	_, err = s.tryAnd(ctx, func(pid int) (err error) {
		part, err = share(ctx, pid, 0, restTime)
		return err
	}, command...)
	return part, err
}

// feel presses keys and then leaves the window alone.
func (s *screen) feel(ctx context.Context, pid int) (out feel, err error) {
	k, err := openKeyboard(s.display)
	if err != nil {
		return feel{}, err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	var frames []time.Duration
	for range keys {
		took, err := s.frameOf(ctx, k)
		if err != nil {
			return feel{}, err
		}
		frames = append(frames, took)
	}
	slices.Sort(frames)
	out.frame = frames[len(frames)/2]
	return out, out.watch(ctx, k, pid)
}

// frameOf presses a key and looks until the screen has changed.
func (s *screen) frameOf(ctx context.Context, k *keyboard) (time.Duration, error) {
	before, err := s.atRest(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := k.press(letterKey); err != nil {
		return 0, err
	}
	for bytes.Equal(before, s.frame) {
		if time.Since(start) > patience {
			return 0, errors.New("a key changes nothing on the screen")
		}
		if err := pause(ctx, time.Millisecond/2); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// atRest waits until the screen has not changed for a moment.
func (s *screen) atRest(ctx context.Context) ([]byte, error) {
	last, since := bytes.Clone(s.frame), time.Now()
	err := poll(ctx, "a window at rest", func() (bool, error) {
		if !bytes.Equal(last, s.frame) {
			copy(last, s.frame)
			since = time.Now()
		}
		return time.Since(since) > still, nil
	})
	return last, err
}

// watch presses a last key and looks at what the program takes after it.
func (f *feel) watch(ctx context.Context, k *keyboard, pid int) error {
	if err := k.press(letterKey); err != nil {
		return err
	}
	first, err := taken(pid)
	if err != nil {
		return err
	}
	began := time.Now()
	if f.blink, err = share(ctx, pid, blinkFrom, blinkTime); err != nil {
		return err
	}
	if err := pause(ctx, time.Until(began.Add(idleTime))); err != nil {
		return err
	}
	last, err := taken(pid)
	f.idle = (last - first).Seconds() / time.Since(began).Seconds()
	return err
}

// share is the part of a core that a process takes for a time, after a wait.
func share(ctx context.Context, pid int, wait, length time.Duration) (float64, error) {
	if err := pause(ctx, wait); err != nil {
		return 0, err
	}
	before, err := taken(pid)
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, length); err != nil {
		return 0, err
	}
	after, err := taken(pid)
	return (after - before).Seconds() / length.Seconds(), err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// taken is the processor time that a process has had, threads that ended
// included (proc(5), /proc/PID/stat).
func taken(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the time taken: %w", err)
	}
	return parseStat(string(stat))
}

// parseStat adds utime and stime. The program's name, in brackets, may hold
// anything.
func parseStat(stat string) (time.Duration, error) {
	const utime, stime = 14 - 3, 15 - 3 // fields behind the name, from the third
	const tick = 10 * time.Millisecond  // USER_HZ, the same on all systems that matter
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) <= stime {
		return 0, errors.New("read the time taken: it is not told")
	}
	var ticks int64
	for _, field := range []string{fields[utime], fields[stime]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the time taken: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}
