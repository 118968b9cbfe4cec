//go:build !linux && !darwin

package control

import "net"

// sameUser trusts the modes of the folder and of the socket, since this system
// does not say who is at the other end.
func sameUser(*net.UnixConn) error { return nil }
