package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var errOutput = errors.New("unexpected output")

// parseUfw reads /etc/ufw/ufw.conf and /etc/default/ufw, which all may read,
// unlike its rules. By default ufw lets multicast DNS in and nothing else.
func parseUfw(conf, defaults string, port int) (firewall, bool) {
	if !strings.EqualFold(shellValue(conf, "ENABLED"), "yes") {
		return firewall{}, false
	}
	w := firewall{
		name: "The firewall ufw", multicast: passes, ours: passes,
		open: fmt.Sprintf("sudo ufw allow %d/udp; sudo ufw allow in proto udp to %s port 5353", port, mdnsGroup),
	}
	if shellValue(defaults, "DEFAULT_INPUT_POLICY") != "ACCEPT" {
		w.perhaps = true
	}
	return w, true
}

// shellValue returns the value of a variable in a file of assignments.
func shellValue(text, name string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

// parseFirewalld reads what `firewall-cmd --list-all` prints of a zone.
func parseFirewalld(text string, port int) (firewall, error) {
	w := firewall{
		name: "The firewall firewalld", multicast: blocked, ours: blocked,
		open: fmt.Sprintf("sudo firewall-cmd --permanent --add-service=mdns --add-port=%d/udp && sudo firewall-cmd --reload", port),
	}
	known := false
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		words := strings.Fields(value)
		switch key {
		case "target":
			known = true
			if oneOf(words, "ACCEPT") {
				w.multicast, w.ours = passes, passes
			}
		case "services":
			if oneOf(words, "mdns") {
				w.multicast = passes
			}
		case "ports":
			w.multicast = better(w.multicast, zonePorts(words, mdnsPort))
			w.ours = better(w.ours, zonePorts(words, port))
		case "rich rules":
			if len(words) > 0 {
				w.perhaps = true
			}
		}
	}
	if !known {
		return firewall{}, fmt.Errorf("read the zone of firewalld: %w", errOutput)
	}
	return w, nil
}

// better is the one that lets in.
func better(a, b verdict) verdict {
	if a == passes || b == passes {
		return passes
	}
	return a
}

// zonePorts reads "4000/udp" and "4000-5000/udp".
func zonePorts(words []string, port int) verdict {
	for _, w := range words {
		span, protocol, _ := strings.Cut(w, "/")
		low, high, isRange := strings.Cut(span, "-")
		if protocol == "udp" && (number(low) == port || isRange && number(low) <= port && port <= number(high)) {
			return passes
		}
	}
	return blocked
}

// parseSocketfilter reads what macOS's socketfilterfw prints for
// --getglobalstate, --getblockall and --getappblocked with our program.
func parseSocketfilter(global, blockAll, app string) (firewall, bool) {
	if !strings.Contains(strings.ToLower(global), "enabled") {
		return firewall{}, false
	}
	w := firewall{
		name: "The firewall of macOS", multicast: passes, ours: unsure,
		open: "Open System Settings, Network, Firewall, Options, and allow Starling to receive incoming connections.",
	}
	app = strings.ToLower(app)
	switch all := strings.ToLower(blockAll); {
	case strings.Contains(all, "enabled") || strings.Contains(all, "block all non-essential"):
		w.multicast, w.ours = blocked, blocked
		w.open = "Open System Settings, Network, Firewall, Options, and switch \u201cBlock all incoming connections\u201d off."
	case strings.Contains(app, "permitted") || strings.Contains(app, "allowed"):
		w.ours = passes
	case strings.Contains(app, "blocked"):
		w.multicast, w.ours = blocked, blocked
	}
	return w, true
}

// What the numbers mean, in the enumerations of the module NetSecurity.
const (
	profileEnabled  = 1
	inboundAllowed  = 2
	ruleEnabled     = 1
	ruleInbound     = 1
	ruleAllows      = 2
	categoryPublic  = 0
	categoryPrivate = 1
)

// defenderBits are the profiles of a rule; 0 is all of them.
var defenderBits = map[int]int{categoryPublic: 4, categoryPrivate: 2, 2: 1}

// parseDefender reads what defenderScript prints, and returns the names of
// public networks besides.
func parseDefender(text string) (firewall, bool, []string, error) {
	var profiles []struct {
		Name             string
		Enabled, Inbound int
	}
	var networks []struct {
		Name     string
		Category int
	}
	var rules []struct{ Enabled, Direction, Action, Profile int }
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	for len(lines) < 3 {
		lines = append(lines, "[]")
	}
	for i, into := range []any{&profiles, &networks, &rules} {
		if err := json.Unmarshal([]byte(lines[i]), into); err != nil {
			return firewall{}, false, nil, fmt.Errorf("read the Windows firewall: %w: %w", errOutput, err)
		}
	}
	names := map[string]int{"Public": categoryPublic, "Private": categoryPrivate, "Domain": 2}
	guarded := map[int]bool{}
	for _, p := range profiles {
		if p.Enabled == profileEnabled && p.Inbound != inboundAllowed {
			guarded[names[p.Name]] = true
		}
	}
	var public []string
	w := firewall{
		name: "The Windows firewall", multicast: passes, ours: passes,
		open: "Open Windows Security, Firewall, \u201cAllow an app through firewall\u201d, and tick Starling for private networks.",
	}
	for _, n := range networks {
		if n.Category == categoryPublic {
			public = append(public, n.Name)
		}
		if !guarded[n.Category] {
			continue
		}
		allowed, forbidden := false, false
		for _, r := range rules {
			if r.Enabled == ruleEnabled && r.Direction == ruleInbound && (r.Profile == 0 || r.Profile&defenderBits[n.Category] != 0) {
				allowed = allowed || r.Action == ruleAllows
				forbidden = forbidden || r.Action != ruleAllows
			}
		}
		if forbidden || !allowed {
			w.multicast, w.ours = blocked, blocked
		}
	}
	return w, len(guarded) > 0, public, nil
}
