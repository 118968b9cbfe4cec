//go:build !linux

package lab

import "syscall"

// attributes would let a process end with ours; this system can't.
func attributes() *syscall.SysProcAttr { return nil }
