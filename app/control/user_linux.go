package control

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// sameUser returns an error unless the other end of conn was opened by this
// user: SO_PEERCRED, unix(7).
func sameUser(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("ask who is at the control socket: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("ask who is at the control socket: %w", err)
	}
	if credErr != nil {
		return fmt.Errorf("ask who is at the control socket: %w", credErr)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("%w: user %d, process %d", errOtherUser, cred.Uid, cred.Pid)
	}
	return nil
}
