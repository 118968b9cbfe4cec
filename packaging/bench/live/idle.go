package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	idlePeers   = 100
	idleCrowds  = 4 // processes for them
	idleSettle  = 10 * time.Second
	idleMeasure = 30 * time.Second
)

// idle measures what a peer costs that is connected with 100 members of its space
// while nobody does anything. The peer has a process of its own; the others are
// whole peers, too, 25 in a process, and connected with this one alone.
func idle(_ options, results, say io.Writer) error {
	dir, err := os.MkdirTemp("", "starling-live-")
	if err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := swarmUp(dir, 1)
	defer func() { s.kill() }()
	if err != nil {
		return err
	}
	one := s.all[0]
	var link string
	if err := one.call("Invite", s.space, &link); err != nil {
		return err
	}
	for n := range idleCrowds {
		c, err := hire(fmt.Sprintf("Crowd %d", n+1))
		if err != nil {
			return err
		}
		s.all = append(s.all, c)
		if err := c.call("Crowd", CrowdArgs{filepath.Join(dir, fmt.Sprint("crowd", n)), link, idlePeers / idleCrowds}, nil); err != nil {
			return err
		}
	}
	if err := one.call("Linked", idlePeers, nil); err != nil {
		return err
	}
	time.Sleep(idleSettle)
	before, err := cpuOf(s.all[:1])
	if err != nil {
		return err
	}
	start := time.Now()
	time.Sleep(idleMeasure)
	after, err := cpuOf(s.all[:1])
	if err != nil {
		return err
	}
	share := 100 * (after - before).Seconds() / time.Since(start).Seconds()
	if err := one.call("Linked", idlePeers, nil); err != nil {
		return err
	}
	memory, err := resident(one.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "idle, %d peers connected\n  %.2f %% of a core, %.1f MB\n", idlePeers, share, memory)
	printLine(results, "sync.idle100_cpu", share, "% of a core")
	printLine(results, "sync.idle100_memory", memory, "MB")
	return s.end()
}

// resident is the memory of a process, in MB.
func resident(pid int) (float64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory in use: %w", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			var kib float64
			_, err := fmt.Sscan(rest, &kib)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the system does not tell the memory in use")
}

// CrowdArgs say how many peers join a space.
type CrowdArgs struct {
	Home, Link string
	Count      int
}

// Crowd opens many peers in this process, each with a home of its own, and has
// them join one after the other.
func (w *Worker) Crowd(a CrowdArgs, _ *bool) error {
	for i := range a.Count {
		n, err := newNode(StartArgs{filepath.Join(a.Home, fmt.Sprint(i)), fmt.Sprintf("%s-%d", filepath.Base(a.Home), i)})
		if err != nil {
			return err
		}
		w.crowd = append(w.crowd, n)
		if _, err := n.join(); err != nil {
			return err
		}
		one := Worker{node: n}
		if err := one.Join(a.Link, nil); err != nil {
			return err
		}
	}
	return nil
}
