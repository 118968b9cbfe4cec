package lab

import (
	"strings"
	"syscall"
)

// Dump ends p, which hangs, so that it prints what its goroutines do, and
// returns all that it said.
func (p *Process) Dump() string {
	p.home.T.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it may just have ended
	p.Wait()
	return strings.Join(p.Err.All(), "\n")
}
