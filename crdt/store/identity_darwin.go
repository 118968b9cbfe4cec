package store

import (
	"context"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// machineID is the hardware's IOPlatformUUID, or "" if it cannot be read.
func machineID() string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice").Output()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		name, value, found := strings.Cut(line, "=")
		if found && strings.Contains(name, `"IOPlatformUUID"`) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

func changeTime(st *syscall.Stat_t) syscall.Timespec { return st.Ctimespec }
