//go:build !windows

package transport

import "syscall"

// awayErrors are what the system says while a link is down, has no route or a
// full queue, or while its firewall holds a packet back.
var awayErrors = []syscall.Errno{
	syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH, syscall.ENOBUFS, syscall.EPERM,
}
