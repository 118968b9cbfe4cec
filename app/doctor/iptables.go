package doctor

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

var errNoRules = errors.New("no rules in it")

// parseIptables reads what `iptables -S` prints.
func parseIptables(text string) (ruleset, error) {
	set := ruleset{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if words[0] == "-P" || words[0] == "-N" {
			c := &chain{input: words[1] == "INPUT"}
			if len(words) > 2 {
				c.policy = iptablesVerdict(words[2])
			}
			set[words[1]] = c
		}
		if c := set[words[1]]; words[0] == "-A" && c != nil {
			c.rules = append(c.rules, iptablesRule(words[2:]))
		}
	}
	if set["INPUT"] == nil {
		return nil, fmt.Errorf("read the rules of iptables: %w", errNoRules)
	}
	return set, nil
}

func iptablesVerdict(target string) verdict {
	switch target {
	case "ACCEPT":
		return passes
	case "DROP", "REJECT":
		return blocked
	default:
		return unsure
	}
}

func iptablesRule(words []string) rule {
	var r rule
	for i := 0; i < len(words); i++ {
		negated := words[i] == "!"
		if negated {
			i++
		}
		if i+1 >= len(words) {
			break
		}
		option, value := words[i], words[i+1]
		i++
		switch option {
		case "-j", "-g":
			r.verdict, r.target, r.leaves = iptablesVerdict(value), value, value == "RETURN"
		case "-m":
		default:
			if c := iptablesMatch(option, value); c != nil && negated {
				r.conditions = append(r.conditions, func(p packet) fits { return not(c(p)) })
			} else if c != nil {
				r.conditions = append(r.conditions, c)
			}
		}
	}
	return r
}

// iptablesMatch is the condition of an option, or nil if it is none.
func iptablesMatch(option, value string) func(packet) fits {
	switch option {
	case "-p":
		return always(is(value == "udp" || value == "17" || value == "all"))
	case "-i":
		if value == "lo" {
			return always(no)
		}
	case "--dport", "--dports", "--destination-port", "--destination-ports":
		return udp(func(port int) fits { return iptablesPorts(value, port) })
	case "--ctstate", "--state":
		states := strings.Split(strings.ToLower(value), ",")
		return func(p packet) fits { return is(oneOf(states, p.state())) }
	case "--dst-type":
		return func(p packet) fits { return is(p.group == (value == "MULTICAST")) }
	case "-d":
		prefix, err := netip.ParsePrefix(value)
		if err != nil {
			return always(maybe)
		}
		return func(p packet) fits {
			if p.group {
				return is(prefix.Contains(netip.MustParseAddr(mdnsGroup)))
			}
			return maybe
		}
	case "--comment", "--reject-with", "--log-prefix", "--log-level":
		return nil
	}
	return always(maybe)
}

// iptablesPorts reads "22", "4000:5000" and lists of those.
func iptablesPorts(value string, port int) fits {
	for part := range strings.SplitSeq(value, ",") {
		low, high, isRange := strings.Cut(part, ":")
		if number(low) == port || isRange && number(low) <= port && port <= number(high) {
			return yes
		}
	}
	return no
}
