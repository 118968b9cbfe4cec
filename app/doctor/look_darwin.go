package doctor

import (
	"context"
	"os"
)

func lookNeighbours(ctx context.Context) []neighbour {
	out, _ := output(ctx, "/usr/sbin/arp", "-an")
	return parseARP(out)
}

func lookPort(ctx context.Context) ([]listener, bool) {
	out, ok := output(ctx, "/usr/sbin/lsof", "-nP", "-iUDP:5353", "-Fpc")
	return parseLsof(out), ok
}

func lookFirewalls(ctx context.Context, _ int) ([]firewall, []string) {
	const tool = "/usr/libexec/ApplicationFirewall/socketfilterfw"
	global, ok := output(ctx, tool, "--getglobalstate")
	if !ok {
		return nil, nil
	}
	all, _ := output(ctx, tool, "--getblockall")
	app := ""
	if self, err := os.Executable(); err == nil {
		app, _ = output(ctx, tool, "--getappblocked", self)
	}
	w, on := parseSocketfilter(global, all, app)
	if !on {
		w = firewall{name: "The firewall of macOS is off and", multicast: passes, ours: passes}
	}
	return []firewall{w}, nil
}
