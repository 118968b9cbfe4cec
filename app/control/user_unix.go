//go:build linux || darwin

package control

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// sameUser returns an error unless the other end of conn was opened by this
// user.
func sameUser(conn *net.UnixConn) error {
	var user int
	var userErr error
	raw, err := conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { user, userErr = userOf(int(fd)) })
	}
	if err := errors.Join(err, userErr); err != nil {
		return fmt.Errorf("ask who is at the control socket: %w", err)
	}
	if user != os.Getuid() {
		return fmt.Errorf("%w: user %d", errOtherUser, user)
	}
	return nil
}
