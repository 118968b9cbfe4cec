package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"
)

// runChild starts a child, gives it the question and returns all that it
// answers. When it returns the child is gone.
func runChild(ctx context.Context, l Limits, question []byte) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	cmd, err := child(timed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	answer := &capped{most: l.Answer, full: cancel}
	said := &capped{most: 4 << 10}
	cmd.Stdout, cmd.Stderr = answer, said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: start: %w", ErrUnavailable, err)
	}
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		// The input stays open; Wait closes it. A child that does not read to
		// the end is judged by how it ends.
		_, _ = in.Write(question)
	}()
	ended := cmd.Wait()
	<-wrote
	switch {
	case ended == nil && !answer.over:
		return answer.kept.Bytes(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case answer.over:
		return nil, fmt.Errorf("%w: an answer of more than %d bytes", ErrLimits, l.Answer)
	case timed.Err() != nil:
		return nil, fmt.Errorf("%w: %v", ErrLimits, l.Time)
	}
	return nil, cause(ended, said.kept.Bytes())
}

// child is this program, to be started as the judge.
func child(ctx context.Context) (*exec.Cmd, error) {
	path, err := self()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = []string{"starling-judge"}
	// Stack traces say nothing that is worth their length.
	cmd.Env = append(os.Environ(), childEnv+"="+version, "GOTRACEBACK=none", "RUST_BACKTRACE=0")
	cmd.WaitDelay = 5 * time.Second
	return cmd, nil
}

// self is where the program lies. On Linux it is the file that runs, even if an
// update has replaced it on the disk.
func self() (string, error) {
	const running = "/proc/self/exe"
	if runtime.GOOS == "linux" {
		if _, err := os.Stat(running); err == nil {
			return running, nil
		}
	}
	return os.Executable()
}

// outOfMemory is what Rust, Go and C say when they are refused memory.
var outOfMemory = []string{
	"memory allocation of", "out of memory", "cannot allocate memory", "Cannot allocate memory",
	"failed to create new OS thread", "pthread_create failed", "Resource temporarily unavailable",
}

// cause says what the end of a child means, by what it said.
func cause(ended error, said []byte) error {
	var exit *exec.ExitError
	if !errors.As(ended, &exit) {
		return fmt.Errorf("%w: %w", ErrUnavailable, ended)
	}
	switch code := exit.ExitCode(); {
	case code == exitUnfit, code == exitQuestion, code == exitOrphan, code == exitAnswer:
		return fmt.Errorf("%w: %s", ErrUnavailable, printable(said))
	case code == exitMemory, slices.ContainsFunc(outOfMemory, func(s string) bool { return bytes.Contains(said, []byte(s)) }):
		return fmt.Errorf("%w: memory: %s", ErrLimits, printable(said))
	case endedByOthers(exit.ProcessState):
		return fmt.Errorf("%w: %w", ErrLimits, ended)
	}
	return fmt.Errorf("%w: %w: %s", ErrDied, ended, printable(said))
}

// capped keeps the first bytes of what is written to it.
type capped struct {
	kept bytes.Buffer // no field to embed: io.Copy would find its ReadFrom
	most int64        // bytes
	full func()       // called when there are more; may be nil
	over bool
}

// Write always takes everything, so that a child is not held up.
func (c *capped) Write(b []byte) (int, error) {
	n := len(b)
	if room := c.most - int64(c.kept.Len()); int64(n) > room {
		b = b[:room]
		c.over = true
		if c.full != nil {
			c.full()
		}
	}
	c.kept.Write(b)
	return n, nil
}
