//go:build unix

package judge

import (
	"os"
	"syscall"
)

// endedByOthers says whether a process ended by a signal that bad bytes do not
// cause: the system has run out of memory, or everything is told to stop.
func endedByOthers(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	switch status.Signal() {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}
