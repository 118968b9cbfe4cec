package discovery

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// share lets several programs listen on port 5353 (RFC 6762, section 15.1).
func share(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	})
	return errors.Join(err, set)
}
