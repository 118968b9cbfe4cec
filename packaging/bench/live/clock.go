package main

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// monotonic is the time of a clock that all processes on this machine share, in
// nanoseconds. Go's own monotonic readings begin anew in each process.
func monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(fmt.Errorf("read the monotonic clock: %w", err)) // every system that this builds for has it
	}
	return t.Nano()
}

// cpuTime is the processor time that this process has used.
func cpuTime() (time.Duration, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("read the processor time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
