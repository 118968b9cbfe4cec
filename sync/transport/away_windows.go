package transport

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// awayErrors are what the system says while a link is down, has no route or a
// full queue.
var awayErrors = []syscall.Errno{
	windows.WSAENETDOWN, windows.WSAENETUNREACH, windows.WSAEHOSTDOWN, windows.WSAEHOSTUNREACH, windows.WSAENOBUFS,
}
