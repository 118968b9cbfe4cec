package doctor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "" // there is nothing to tell, then
	}
	return string(data)
}

func lookNeighbours(ctx context.Context) []neighbour {
	if out, ok := output(ctx, "ip", "neigh"); ok {
		return parseNeigh(out)
	}
	return parseProcARP(read("/proc/net/arp"))
}

// lookPort finds who has the sockets at port 5353. Of other people's processes
// the system tells nothing but that there is one.
func lookPort(ctx context.Context) ([]listener, bool) {
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return nil, false
	}
	inodes := append(parseProcUDP(string(table)), parseProcUDP(read("/proc/net/udp6"))...)
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil, false
	}
	var all []listener
	found := map[string]bool{}
	for _, link := range links {
		if ctx.Err() != nil {
			return nil, false // of very many processes
		}
		to, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(to, "socket:[") {
			continue
		}
		inode := strings.Trim(to, "socket:[]")
		if !slices.Contains(inodes, inode) {
			continue
		}
		found[inode] = true
		pid := strings.Split(link, "/")[2]
		all = addListener(all, listener{program: strings.TrimSpace(read("/proc/" + pid + "/comm")), pid: number(pid)})
	}
	if slices.ContainsFunc(inodes, func(i string) bool { return !found[i] }) {
		all = append(all, listener{})
	}
	return all, true
}

func lookFirewalls(ctx context.Context, port int) ([]firewall, []string) {
	var all []firewall
	ufw, isUfw := parseUfw(read("/etc/ufw/ufw.conf"), read("/etc/default/ufw"), port)
	if state, ok := output(ctx, "firewall-cmd", "--state"); ok && strings.TrimSpace(state) == "running" {
		zone, _ := output(ctx, "firewall-cmd", "--list-all")
		w, err := parseFirewalld(zone, port)
		if err != nil {
			w = firewall{name: "The firewall firewalld", perhaps: true}
		}
		return []firewall{w}, nil
	}
	name, open := "The firewall of this computer (nftables)", ""
	if isUfw {
		name, open = ufw.name, ufw.open
	}
	if out, ok := output(ctx, "nft", "-j", "list", "ruleset"); ok {
		if rules, err := parseNft([]byte(out)); err == nil {
			return append(all, judgeRules(name, rules, port, open)), nil
		}
	}
	if out, ok := output(ctx, "iptables", "-S"); ok {
		if rules, err := parseIptables(out); err == nil {
			return append(all, judgeRules("The firewall of this computer (iptables)", rules, port, open)), nil
		}
	}
	if isUfw {
		all = append(all, ufw)
	}
	return all, nil
}
