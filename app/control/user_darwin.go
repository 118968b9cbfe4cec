package control

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// sameUser returns an error unless the other end of conn was opened by this
// user: LOCAL_PEERCRED, unix(4).
func sameUser(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("ask who is at the control socket: %w", err)
	}
	var cred *unix.Xucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	}); err != nil {
		return fmt.Errorf("ask who is at the control socket: %w", err)
	}
	if credErr != nil {
		return fmt.Errorf("ask who is at the control socket: %w", credErr)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("%w: user %d", errOtherUser, cred.Uid)
	}
	return nil
}
