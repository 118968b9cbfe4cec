package doctor

import (
	"encoding/json"
	"fmt"
	"net/netip"
)

// parseNft reads what `nft -j list ruleset` prints (libnftables-json(5)). Of
// what it doesn't know it says that it may fit.
func parseNft(data []byte) (ruleset, error) {
	var all struct {
		Nftables []struct {
			Chain *nftChain `json:"chain"`
			Rule  *nftRule  `json:"rule"`
		} `json:"nftables"`
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("read the rules of nftables: %w", err)
	}
	set := ruleset{}
	for _, o := range all.Nftables {
		switch {
		case o.Chain != nil:
			set[o.Chain.key()] = o.Chain.chain()
		case o.Rule != nil:
			if c := set[o.Rule.key()]; c != nil {
				c.rules = append(c.rules, o.Rule.rule())
			}
		}
	}
	return set, nil
}

type nftChain struct {
	Family, Table, Name, Type, Hook, Policy string
}

func (c nftChain) key() string { return c.Family + " " + c.Table + " " + c.Name }

func (c nftChain) chain() *chain {
	ours := c.Family == "inet" || c.Family == "ip" || c.Family == "netdev"
	made := &chain{input: ours && c.Type == "filter" && (c.Hook == "input" || c.Hook == "prerouting"), policy: passes}
	if c.Policy == "drop" {
		made.policy = blocked
	}
	return made
}

type nftRule struct {
	Family, Table, Chain string
	Expr                 []map[string]json.RawMessage
}

func (r nftRule) key() string { return r.Family + " " + r.Table + " " + r.Chain }

func (r nftRule) rule() rule {
	var made rule
	for _, e := range r.Expr {
		for kind, body := range e {
			switch kind {
			case "match":
				made.conditions = append(made.conditions, nftMatch(body))
			case "accept":
				made.verdict = passes
			case "drop", "reject":
				made.verdict = blocked
			case "return":
				made.leaves = true
			case "jump", "goto":
				var to struct{ Target string }
				if json.Unmarshal(body, &to) == nil {
					made.target = r.Family + " " + r.Table + " " + to.Target
				}
			case "xt":
				made.conditions = append(made.conditions, nftXT(body))
			case "vmap":
				made.either = true
			case "limit", "queue", "tproxy":
				made.conditions = append(made.conditions, always(maybe))
			}
		}
	}
	return made
}

// nftXT is a condition of iptables that nftables can't spell. The one in use
// everywhere lets in what belongs to a connection.
func nftXT(body json.RawMessage) func(packet) fits {
	var xt struct{ Type, Name string }
	if json.Unmarshal(body, &xt) == nil && xt.Type == "match" && oneOf([]string{"conntrack", "state"}, xt.Name) {
		return func(p packet) fits {
			if p.reply {
				return maybe // of which state it speaks isn't told
			}
			return no
		}
	}
	if xt.Type == "target" || xt.Name == "comment" {
		return always(yes)
	}
	return always(maybe)
}

// nftMatch is one comparison.
func nftMatch(body json.RawMessage) func(packet) fits {
	var m struct {
		Op   string
		Left struct {
			Meta    *struct{ Key string }
			CT      *struct{ Key string }
			Payload *struct{ Protocol, Field string }
		}
		Right json.RawMessage
	}
	if json.Unmarshal(body, &m) != nil {
		return always(maybe)
	}
	var found func(packet) fits
	switch {
	case m.Left.Meta != nil:
		found = nftMeta(m.Left.Meta.Key, nftWords(m.Right))
	case m.Left.CT != nil && m.Left.CT.Key == "state":
		words := nftWords(m.Right)
		found = func(p packet) fits { return is(oneOf(words, p.state())) }
	case m.Left.Payload != nil:
		found = nftPayload(m.Left.Payload.Protocol, m.Left.Payload.Field, m.Right)
	default:
		found = always(maybe)
	}
	if m.Op == "!=" {
		return func(p packet) fits { return not(found(p)) }
	}
	if m.Op != "==" && m.Op != "in" {
		return always(maybe)
	}
	return found
}

func nftMeta(key string, words []string) func(packet) fits {
	switch key {
	case "iif", "iifname":
		if len(words) == 1 && words[0] == "lo" {
			return always(no)
		}
	case "l4proto":
		return always(is(oneOf(words, "udp") || oneOf(words, "17")))
	case "nfproto", "protocol":
		return always(is(oneOf(words, "ipv4") || oneOf(words, "ip")))
	case "pkttype":
		return func(p packet) fits { return is(p.group == oneOf(words, "multicast")) }
	}
	return always(maybe)
}

func nftPayload(protocol, field string, right json.RawMessage) func(packet) fits {
	switch {
	case (protocol == "udp" || protocol == "th") && field == "dport":
		return udp(func(port int) fits { return nftHolds(right, port) })
	case protocol == "udp" || protocol == "th":
		return always(maybe)
	case protocol != "ip":
		return always(no) // TCP, ICMP, IPv6
	case field == "protocol":
		return always(is(oneOf(nftWords(right), "udp")))
	case field == "daddr":
		words := nftWords(right)
		return func(p packet) fits {
			if p.group && len(words) > 0 {
				return is(oneOf(words, mdnsGroup) || holdsGroup(words))
			}
			return maybe
		}
	default:
		return always(maybe)
	}
}

func holdsGroup(words []string) bool {
	for _, w := range words {
		if p, err := netip.ParsePrefix(w); err == nil && p.Contains(netip.MustParseAddr(mdnsGroup)) {
			return true
		}
	}
	return false
}

// nftHolds reports whether a value, a range or a set holds port.
func nftHolds(right json.RawMessage, port int) fits {
	var n int
	if json.Unmarshal(right, &n) == nil {
		return is(n == port)
	}
	var o struct {
		Range []int
		Set   []json.RawMessage
	}
	if json.Unmarshal(right, &o) != nil {
		return maybe // a name of a service or of a set
	}
	if len(o.Range) == 2 {
		return is(o.Range[0] <= port && port <= o.Range[1])
	}
	best := no
	for _, e := range o.Set {
		best = max(best, nftHolds(e, port))
	}
	return best
}

// nftWords returns the words of a value or a set; a prefix is written as one.
func nftWords(right json.RawMessage) []string {
	var s string
	if json.Unmarshal(right, &s) == nil {
		return []string{s}
	}
	var list []json.RawMessage
	var o struct {
		Set    []json.RawMessage
		Prefix *struct {
			Addr string
			Len  int
		}
	}
	if json.Unmarshal(right, &list) != nil && json.Unmarshal(right, &o) == nil {
		if o.Prefix != nil {
			return []string{fmt.Sprintf("%s/%d", o.Prefix.Addr, o.Prefix.Len)}
		}
		list = o.Set
	}
	var words []string
	for _, e := range list {
		words = append(words, nftWords(e)...)
	}
	return words
}
