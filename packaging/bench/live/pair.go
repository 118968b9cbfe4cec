package main

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// child is a process with a peer.
type child struct {
	name string
	cmd  *exec.Cmd
	rpc  *rpc.Client
}

// hire starts a child; env is added to its environment.
func hire(name string, env ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := &child{name: name, cmd: exec.CommandContext(context.Background(), self, "-peer")}
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c.rpc = rpc.NewClient(pipe{out, in})
	return c, nil
}

// call has the child do something and waits for it.
func (c *child) call(method string, args, reply any) error {
	if reply == nil {
		reply = new(bool)
	}
	if err := c.rpc.Call("Worker."+method, args, reply); err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, method, err)
	}
	return nil
}

// end lets the child close its peer and waits for that.
func (c *child) end() error {
	err := c.rpc.Close()
	if e := c.cmd.Wait(); e != nil {
		err = errors.Join(err, fmt.Errorf("%s: %w", c.name, e))
	}
	return err
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.cmd.Wait()         // killed, as it was told
}

func killAll(children []*child) {
	for _, c := range children {
		if c != nil {
			c.kill()
		}
	}
}

// pair are two peers that share a space.
type pair struct {
	writer, reader *child
	space          string
}

// meet starts two peers with homes under dir and lets them pair.
func meet(dir string) (two pair, err error) {
	defer func() {
		if err != nil {
			two.kill()
		}
	}()
	if two.writer, err = hire("Ada"); err != nil {
		return two, err
	}
	if two.reader, err = hire("Grace"); err != nil {
		return two, err
	}
	var reader Started
	for _, c := range []*child{two.writer, two.reader} {
		if err = c.call("Start", StartArgs{filepath.Join(dir, c.name), c.name}, &reader); err != nil {
			return two, err
		}
	}
	err = two.introduce(PairArgs(reader))
	return two, err
}

// introduce pairs the two as their people would.
func (two *pair) introduce(reader PairArgs) error {
	var asked Asked
	if err := two.writer.call("Ask", reader, &asked); err != nil {
		return err
	}
	var shown string
	if err := two.reader.call("Shown", true, &shown); err != nil {
		return err
	}
	if shown != asked.Code {
		return fmt.Errorf("the codes are %s and %s", asked.Code, shown)
	}
	for _, c := range []*child{two.writer, two.reader} {
		if err := c.call("Confirm", shown, nil); err != nil {
			return err
		}
	}
	two.space = asked.Space
	return two.writer.call("Paired", asked.Key, nil)
}

func (two *pair) end() error { return errors.Join(two.writer.end(), two.reader.end()) }

func (two *pair) kill() {
	killAll([]*child{two.writer, two.reader})
}

// cpu is the processor time that each has used.
func (two *pair) cpu() (writer, reader time.Duration, err error) {
	err = errors.Join(two.writer.call("CPU", true, &writer), two.reader.call("CPU", true, &reader))
	return writer, reader, err
}
