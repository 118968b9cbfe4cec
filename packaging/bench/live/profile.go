package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
)

// profiler writes how a process spends its time.
type profiler struct {
	prefix     string
	cpu, trace *os.File // trace is nil if there is none
}

// ProfileArgs say with what the paths of the profiles start, and whether there is
// to be an execution trace, and profiles of what waits: counting every wait costs
// so much that the profile of the processor would tell of that.
type ProfileArgs struct {
	Prefix string
	Trace  bool
}

// Profile begins to write profiles.
func (w *Worker) Profile(a ProfileArgs, _ *bool) (err error) {
	if err := os.MkdirAll(filepath.Dir(a.Prefix), 0o755); err != nil {
		return fmt.Errorf("make the folder for profiles: %w", err)
	}
	p := &profiler{prefix: a.Prefix}
	if p.cpu, err = os.Create(a.Prefix + ".cpu.pprof"); err != nil {
		return err
	}
	if a.Trace {
		runtime.SetMutexProfileFraction(1)
		runtime.SetBlockProfileRate(1)
		if p.trace, err = os.Create(a.Prefix + ".trace"); err != nil {
			return err
		}
		if err := trace.Start(p.trace); err != nil {
			return err
		}
	}
	w.prof = p
	return pprof.StartCPUProfile(p.cpu)
}

// Profiled ends them.
func (w *Worker) Profiled(bool, *bool) error {
	pprof.StopCPUProfile()
	err := w.prof.cpu.Close()
	names := []string{"allocs"}
	if w.prof.trace != nil {
		trace.Stop()
		err = errors.Join(err, w.prof.trace.Close())
		names = append(names, "mutex", "block")
	}
	for _, name := range names {
		err = errors.Join(err, w.prof.write(name))
	}
	runtime.SetMutexProfileFraction(0)
	runtime.SetBlockProfileRate(0)
	return err
}

func (p *profiler) write(name string) error {
	file, err := os.Create(p.prefix + "." + name + ".pprof")
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup(name).WriteTo(file, 0), file.Close())
}
