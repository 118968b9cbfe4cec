package store

import (
	"os"
	"strings"
	"syscall"
)

// machineID is systemd's or D-Bus's name for this installation (machine-id(5)),
// or "" if there is none.
func machineID() string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if b, err := os.ReadFile(path); err == nil {
			// "uninitialized" stands there while an image is first booted.
			if id := strings.TrimSpace(string(b)); len(id) == 32 {
				return id
			}
		}
	}
	return ""
}

func changeTime(st *syscall.Stat_t) syscall.Timespec { return st.Ctim }
