package lab

import "syscall"

// attributes let a process be killed when ours ends, however that happens.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
