package formattest

import (
	"runtime"
	"syscall"
	"time"
)

// Busy runs f and returns how long a processor worked at it, on f's own goroutine:
// what else the machine has to do does not count.
func Busy(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := worked()
	f()
	return worked() - before
}

// worked is how long this thread has worked, in the program and in the system for it.
func worked() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
