package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestNftables(t *testing.T) {
	table := func(policy, rules string) string {
		return `{"nftables": [{"metainfo": {}}, {"chain": {"family": "inet", "table": "f", "name": "in", "type": "filter", "hook": "input", "prio": 0, "policy": "` + policy + `"}},
			{"chain": {"family": "inet", "table": "f", "name": "other"}}` + rules + `]}`
	}
	rule := func(chain, expr string) string {
		return `, {"rule": {"family": "inet", "table": "f", "chain": "` + chain + `", "expr": [` + expr + `]}}`
	}
	const ours = `{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 4500}}, {"accept": null}`
	for _, c := range []struct {
		name            string
		json            string
		multicast, ours verdict
	}{
		{"a real one that drops all but some", testdata(t, "nft_drop.json"), passes, passes},
		{"one without rules", testdata(t, "nft_empty.json"), passes, passes},
		{"one made by iptables", testdata(t, "nft_iptables.json"), passes, blocked},
		{"policy accept", table("accept", ""), passes, passes},
		{"policy drop", table("drop", ""), blocked, blocked},
		{"our port", table("drop", rule("in", ours)), blocked, passes},
		{"a map of ports", table("drop", rule("in", `{"vmap": {"key": {"payload": {"protocol": "udp", "field": "dport"}}, "data": {"set": [[5353, {"accept": null}]]}}}`)), unsure, unsure},
		{"a map after what decides", table("drop", rule("in", ours)+rule("in", `{"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}]]}}}`)), unsure, passes},
		{"our port for someone", table("drop", rule("in", `{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.0.0.1"}}, `+ours)), blocked, unsure},
		{"not our port", table("accept", rule("in", `{"match": {"op": "!=", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": {"set": [5353]}}}, {"drop": null}`)), passes, blocked},
		{"in another chain", table("drop", rule("in", `{"jump": {"target": "other"}}`)+rule("other", ours)), blocked, passes},
		{"that goes round", table("drop", rule("in", `{"jump": {"target": "other"}}`)+rule("other", `{"jump": {"target": "other"}}`)), blocked, blocked},
		{"that returns", table("drop", rule("in", `{"jump": {"target": "other"}}`)+rule("other", `{"return": null}`)+rule("other", ours)), blocked, blocked},
		{"multicast by its prefix", table("drop", rule("in", `{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": {"prefix": {"addr": "224.0.0.0", "len": 4}}}}, {"accept": null}`)), passes, unsure},
		{"multicast by its kind", table("drop", rule("in", `{"match": {"op": "==", "left": {"meta": {"key": "pkttype"}}, "right": "multicast"}}, {"accept": null}`)), passes, blocked},
		{"of another family", strings.ReplaceAll(table("drop", ""), "inet", "ip6"), passes, passes},
		{"for what goes out", strings.ReplaceAll(table("drop", ""), `"hook": "input"`, `"hook": "output"`), passes, passes},
	} {
		rules, err := parseNft([]byte(c.json))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if w := judgeRules("", rules, 4500, ""); w.multicast != c.multicast || w.ours != c.ours {
			t.Errorf("%s: multicast %v, our port %v", c.name, w.multicast, w.ours)
		}
	}
	if _, err := parseNft([]byte("Operation not permitted")); err == nil {
		t.Error("no rules are taken for some")
	}
}

func TestIptables(t *testing.T) {
	for _, c := range []struct {
		name            string
		text            string
		multicast, ours verdict
	}{
		{"a real one that drops all but some", testdata(t, "iptables_drop.txt"), passes, blocked},
		{"a real one that is open", testdata(t, "iptables_open.txt"), passes, passes},
		{"our port", "-P INPUT DROP\n-A INPUT -p udp -m udp --dport 4500 -j ACCEPT\n", blocked, passes},
		{"ports and ranges", "-P INPUT DROP\n-A INPUT -p udp -m multiport --dports 53,4000:5000 -j ACCEPT\n", blocked, passes},
		{"new ones", "-P INPUT DROP\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n", passes, passes},
		{"for someone", "-P INPUT DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n", unsure, unsure},
		{"from elsewhere", "-P INPUT ACCEPT\n-A INPUT ! -i lo -j DROP\n", blocked, blocked},
		{"refused at the end", "-P INPUT ACCEPT\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n", blocked, blocked},
		{"another chain", "-P INPUT DROP\n-N x\n-A INPUT -j x\n-A x -d 224.0.0.0/4 -j ACCEPT\n", passes, unsure},
	} {
		rules, err := parseIptables(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if w := judgeRules("", rules, 4500, ""); w.multicast != c.multicast || w.ours != c.ours {
			t.Errorf("%s: multicast %v, our port %v", c.name, w.multicast, w.ours)
		}
	}
	if _, err := parseIptables("iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n"); err == nil {
		t.Error("no rules are taken for some")
	}
}

// A firewall that keeps state lets in answers to our own packets; one that only looks
// at ports may drop them too. Nothing is claimed of one that may do either.
func TestWhichFirewallsDropAnswers(t *testing.T) {
	nft := func(policy, expr string) string {
		return `{"nftables": [{"chain": {"family": "inet", "table": "f", "name": "in", "type": "filter", "hook": "input", "prio": 0, "policy": "` + policy + `"}},
			{"rule": {"family": "inet", "table": "f", "chain": "in", "expr": [` + expr + `]}}]}`
	}
	const notMDNS = `{"match": {"op": "!=", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5353}}, {"drop": null}`
	for name, c := range map[string]struct {
		nft, iptables string
		want          bool
	}{
		"all but one port":             {nft: nft("accept", notMDNS), want: true},
		"all":                          {nft: nft("drop", `{"counter": null}`), want: true},
		"all but what belongs to ours": {nft: nft("drop", `{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}`)},
		"a real one":                   {nft: testdata(t, "nft_drop.json")},
		"a real one, by iptables":      {nft: testdata(t, "nft_iptables.json")},
		"one without rules":            {nft: testdata(t, "nft_empty.json")},
		"iptables, real":               {iptables: testdata(t, "iptables_drop.txt")},
		"iptables, by state":           {iptables: "-P INPUT DROP\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"},
		"iptables, all but one port":   {iptables: "-P INPUT ACCEPT\n-A INPUT -p udp -m udp ! --dport 5353 -j DROP\n", want: true},
		"iptables, what is new":        {iptables: "-P INPUT ACCEPT\n-A INPUT -m conntrack --ctstate NEW,INVALID -j DROP\n"},
	} {
		rules, err := parseNft([]byte(c.nft))
		if c.iptables != "" {
			rules, err = parseIptables(c.iptables)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if w := judgeRules("", rules, 4500, ""); w.deaf != c.want {
			t.Errorf("%s: drops answers: %v", name, w.deaf)
		}
	}
}

func TestUfw(t *testing.T) {
	const defaults = "IPV6=yes\n\n# Set the default input policy\nDEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_OUTPUT_POLICY=\"ACCEPT\"\n"
	for _, c := range []struct {
		name, conf, defaults string
		on, perhaps          bool
	}{
		{"as it comes", "# /etc/ufw/ufw.conf\n#\n\nENABLED=no\n\nLOGLEVEL=low\n", defaults, false, false},
		{"switched on", "ENABLED=yes\n\nLOGLEVEL=low\n", defaults, true, true},
		{"on, and open", "ENABLED=yes\n", strings.ReplaceAll(defaults, "DROP", "ACCEPT"), true, false},
		{"not there", "", "", false, false},
	} {
		w, on := parseUfw(c.conf, c.defaults, 4000)
		if on != c.on || w.perhaps != c.perhaps || on && !strings.Contains(w.open, "4000/udp") {
			t.Errorf("%s: %v %+v", c.name, on, w)
		}
	}
}

func TestFirewalld(t *testing.T) {
	const workstation = `FedoraWorkstation (default, active)
  target: default
  icmp-block-inversion: no
  interfaces: wlp3s0
  sources: 
  services: dhcpv6-client samba-client ssh
  ports: 1025-65535/udp 1025-65535/tcp
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: 
  source-ports: 
  icmp-blocks: 
  rich rules: 
`
	public := strings.ReplaceAll(workstation, "1025-65535/udp 1025-65535/tcp", "")
	for _, c := range []struct {
		name, text      string
		multicast, ours verdict
	}{
		{"workstation", workstation, passes, passes},
		{"public", public, blocked, blocked},
		{"public with mdns", strings.ReplaceAll(public, "samba-client", "mdns"), passes, blocked},
		{"our port of TCP", strings.ReplaceAll(public, "ports: ", "ports: 4000/tcp"), blocked, blocked},
		{"our port", strings.ReplaceAll(public, "  ports: ", "  ports: 4000/udp"), blocked, passes},
		{"trusted", strings.ReplaceAll(public, "target: default", "target: ACCEPT"), passes, passes},
	} {
		w, err := parseFirewalld(c.text, 4000)
		if err != nil || w.multicast != c.multicast || w.ours != c.ours {
			t.Errorf("%s: %+v, %v", c.name, w, err)
		}
	}
	if _, err := parseFirewalld("Authorization failed.\n    Make sure polkit agent is running or run the application as superuser.\n", 1); err == nil {
		t.Error("no zone is taken for one")
	}
}

func TestSocketfilter(t *testing.T) {
	for _, c := range []struct {
		name, global, all, app string
		on                     bool
		multicast, ours        verdict
	}{
		{"off", "Firewall is disabled. (State = 0)\n", "", "", false, 0, 0},
		{"on", "Firewall is enabled. (State = 1)\n", "Firewall has block all state set to disabled.\n", "The application is not part of the firewall\n", true, passes, unsure},
		{"on, older", "Firewall is enabled. (State = 1)\n", "Block all DISABLED! \n", "Incoming connection to the application is permitted\n", true, passes, passes},
		{"blocks all", "Firewall is enabled. (State = 2)\n", "Firewall has block all state set to enabled.\n", "", true, blocked, blocked},
		{"blocks us", "Firewall is enabled. (State = 1)\n", "Block all DISABLED! \n", "Incoming connection to the application is blocked\n", true, blocked, blocked},
	} {
		w, on := parseSocketfilter(c.global, c.all, c.app)
		if on != c.on || w.multicast != c.multicast || w.ours != c.ours {
			t.Errorf("%s: %v %+v", c.name, on, w)
		}
	}
}

func TestDefender(t *testing.T) {
	const profiles = `[{"Name":"Domain","Enabled":1,"Inbound":0},{"Name":"Private","Enabled":1,"Inbound":0},{"Name":"Public","Enabled":1,"Inbound":4}]`
	const home, cafe = `[{"Name":"Home","Category":1}]`, `[{"Name":"Café","Category":0}]`
	const allow = `[{"Enabled":1,"Direction":1,"Action":2,"Profile":2}]`
	for _, c := range []struct {
		name, text string
		on         bool
		ours       verdict
		public     string
	}{
		{"allowed at home", profiles + "\r\n" + home + "\r\n" + allow + "\r\n", true, passes, ""},
		{"allowed at home, in a café", profiles + "\n" + cafe + "\n" + allow, true, blocked, "Café"},
		{"never asked", profiles + "\n" + home + "\n[]", true, blocked, ""},
		{"without a third line", profiles + "\n" + home + "\n", true, blocked, ""},
		{"forbidden", profiles + "\n" + home + "\n" + strings.ReplaceAll(allow, `"Action":2`, `"Action":4`), true, blocked, ""},
		{"a rule that is off", profiles + "\n" + home + "\n" + strings.ReplaceAll(allow, `"Enabled":1`, `"Enabled":2`), true, blocked, ""},
		{"all profiles", profiles + "\n" + cafe + "\n" + strings.ReplaceAll(allow, `"Profile":2`, `"Profile":0`), true, passes, "Café"},
		{"off", strings.ReplaceAll(profiles, `"Enabled":1`, `"Enabled":0`) + "\n" + home + "\n[]", false, passes, ""},
	} {
		w, on, public, err := parseDefender(c.text)
		if err != nil || on != c.on || w.ours != c.ours || strings.Join(public, " ") != c.public {
			t.Errorf("%s: %v %+v %v, %v", c.name, on, w, public, err)
		}
	}
	if _, _, _, err := parseDefender("Get-NetFirewallProfile : Access is denied."); err == nil {
		t.Error("a refusal is taken for rules")
	}
}

func TestWhatIsSaidOfFirewalls(t *testing.T) {
	for _, c := range []struct {
		w     firewall
		level Level
		word  string
	}{
		{firewall{name: "F", multicast: passes, ours: passes}, OK, "lets Starling in"},
		{firewall{name: "F", multicast: blocked, ours: blocked}, Problem, "keeps out all"},
		{firewall{name: "F", multicast: blocked, ours: passes}, Problem, "5353"},
		{firewall{name: "F", multicast: passes, ours: blocked}, Note, "UDP port 4000"},
		{firewall{name: "F", multicast: passes}, Note, "may keep"},
		{firewall{name: "F", perhaps: true}, Note, "can't be seen"},
	} {
		found := c.w.findings(4000)
		if len(found) != 1 || found[0].Level != c.level || !strings.Contains(found[0].What, c.word) {
			t.Errorf("%+v: %+v", c.w, found)
		}
		if (found[0].Do == "") != (c.level == OK) {
			t.Errorf("%+v: what to do is %q", c.w, found[0].Do)
		}
	}
}
