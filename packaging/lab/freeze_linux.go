package lab

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// Freeze stops p where it is, as the sleep of its machine does, and returns when
// its first thread, the one with the window, does nothing more. Thaw lets it go on.
func (p *Process) Freeze() {
	p.home.T.Helper()
	p.signal(syscall.SIGSTOP)
	Eventually(p.home.T, p.home.Name+"'s process is stopped", p.stopped)
}

// Thaw undoes Freeze.
func (p *Process) Thaw() { p.home.T.Helper(); p.signal(syscall.SIGCONT) }

func (p *Process) signal(s syscall.Signal) {
	p.home.T.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.home.T.Fatalf("%s: %v: %v", p.home.Name, s, err)
	}
}

// stopped reports whether the first thread is stopped: proc_pid_stat(5), the word
// after the name in parentheses.
func (p *Process) stopped() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.home.T.Fatalf("%s: is the process stopped? %v", p.home.Name, err)
	}
	return bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" T "))
}
