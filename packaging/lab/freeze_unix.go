//go:build unix

package lab

import "syscall"

// Freeze stops p where it is, as the sleep of its machine does, and Thaw lets it
// go on.
func (p *Process) Freeze() { p.home.T.Helper(); p.signal(syscall.SIGSTOP) }
func (p *Process) Thaw()   { p.home.T.Helper(); p.signal(syscall.SIGCONT) }

func (p *Process) signal(s syscall.Signal) {
	p.home.T.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.home.T.Fatalf("%s: %v: %v", p.home.Name, s, err)
	}
}
