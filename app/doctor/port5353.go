package doctor

import (
	"slices"
	"strconv"
	"strings"
)

const (
	mdnsPort  = 5353
	mdnsGroup = "224.0.0.251"
)

// parseProcUDP returns the inodes of the sockets at port 5353 in /proc/net/udp
// or udp6.
func parseProcUDP(text string) []string {
	var inodes []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 10 || !strings.HasSuffix(words[1], ":14E9") {
			continue
		}
		inodes = append(inodes, words[9])
	}
	return inodes
}

// parseLsof reads what `lsof -nP -iUDP:5353 -Fpc` prints: lines that begin with
// p for a process and with c for its command.
func parseLsof(text string) []listener {
	var all []listener
	pid := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "p"); ok {
			pid = number(rest)
		}
		if rest, ok := strings.CutPrefix(line, "c"); ok && pid != 0 {
			all = addListener(all, listener{program: rest, pid: pid})
		}
	}
	return all
}

// parseNetstat returns the processes at UDP port 5353 in what `netstat -ano -p
// UDP` prints on Windows.
func parseNetstat(text string) []int {
	var pids []int
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) != 4 || words[0] != "UDP" || !strings.HasSuffix(words[1], ":"+strconv.Itoa(mdnsPort)) {
			continue
		}
		if pid := number(words[3]); !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parseTasklist returns the name in what `tasklist /fo csv /nh /fi "PID eq N"`
// prints, or "".
func parseTasklist(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return "" // there is none, in the language of the system
	}
	name, _, ok := strings.Cut(text[1:], `",`)
	if !ok {
		return ""
	}
	return strings.TrimSuffix(name, ".exe")
}

func addListener(all []listener, l listener) []listener {
	if slices.ContainsFunc(all, func(o listener) bool { return o.pid == l.pid && o.program == l.program }) {
		return all
	}
	return append(all, l)
}
