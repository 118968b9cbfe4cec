package doctor

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// defenderScript asks Windows for its profiles, networks and the rules for a
// program, as numbers, which are alike in all languages; a line of JSON each.
const defenderScript = `$ErrorActionPreference='SilentlyContinue'
ConvertTo-Json -Compress @(Get-NetFirewallProfile | Select-Object Name,@{n='Enabled';e={[int]$_.Enabled}},@{n='Inbound';e={[int]$_.DefaultInboundAction}})
ConvertTo-Json -Compress @(Get-NetConnectionProfile | Select-Object Name,@{n='Category';e={[int]$_.NetworkCategory}})
ConvertTo-Json -Compress @(Get-NetFirewallApplicationFilter -Program $env:STARLING_PROGRAM | Get-NetFirewallRule | Select-Object @{n='Enabled';e={[int]$_.Enabled}},@{n='Direction';e={[int]$_.Direction}},@{n='Action';e={[int]$_.Action}},@{n='Profile';e={[int]$_.Profile}})`

func lookNeighbours(ctx context.Context) []neighbour {
	out, _ := output(ctx, "arp", "-a")
	return parseARP(out)
}

func lookPort(ctx context.Context) ([]listener, bool) {
	out, ok := output(ctx, "netstat", "-ano", "-p", "UDP")
	var all []listener
	for _, pid := range parseNetstat(out) {
		task, _ := output(ctx, "tasklist", "/fo", "csv", "/nh", "/fi", "PID eq "+strconv.Itoa(pid))
		all = addListener(all, listener{program: parseTasklist(task), pid: pid})
	}
	return all, ok
}

func lookFirewalls(ctx context.Context, _ int) ([]firewall, []string) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, "powershell", "-NoProfile", "-NonInteractive", "-Command", defenderScript)
	cmd.Env = append(os.Environ(), "STARLING_PROGRAM="+self)
	cmd.WaitDelay = 100 * time.Millisecond
	out, err := cmd.Output()
	if err != nil {
		return nil, nil
	}
	w, on, public, err := parseDefender(string(out))
	if err != nil {
		return nil, nil
	}
	if !on {
		w = firewall{name: "The Windows firewall is off and", multicast: passes, ours: passes}
	}
	return []firewall{w}, public
}
