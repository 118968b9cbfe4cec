package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func spellNeighbours(all []neighbour) string {
	var words []string
	for _, n := range all {
		words = append(words, n.addr.String()+[]string{"?", "-", "+"}[n.state])
	}
	return strings.Join(words, " ")
}

func TestNeighbours(t *testing.T) {
	for _, c := range []struct {
		name string
		got  []neighbour
		want string
	}{
		{"ip neigh", parseNeigh(testdata(t, "neigh.txt")), "10.9.0.9- 10.9.0.8- 10.9.0.7+"},
		{"ip neigh, IPv6", parseNeigh("fe80::1 dev wlan0 lladdr 02:00:00:00:00:01 router STALE\nnonsense\n"), "fe80::1+"},
		{"/proc/net/arp", parseProcARP(testdata(t, "arp.txt")), "10.9.0.9- 10.9.0.8- 10.9.0.7+"},
		{
			"arp -an on macOS", parseARP(`? (192.168.1.1) at 10:7b:44:0:11:22 on en0 ifscope [ethernet]
? (192.168.1.23) at (incomplete) on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
`), "192.168.1.1+ 192.168.1.23- 224.0.0.251+",
		},
		{
			"arp -a on Windows", parseARP(`
Interface: 192.168.1.5 --- 0xb
  Internet Address      Physical Address      Type
  192.168.1.1           10-7b-44-00-11-22     dynamic   
  192.168.1.255         ff-ff-ff-ff-ff-ff     static    
  224.0.0.251           01-00-5e-00-00-fb     static    
`), "192.168.1.1+",
		},
	} {
		if got := spellNeighbours(c.got); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPort5353(t *testing.T) {
	inodes := parseProcUDP(`   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
  331: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   108        0 22213 2 0000000000000000 0         
  331: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 99120 2 0000000000000000 0         
 1642: 0100007F:C82E 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9316472 2 000000005250a336 0       
`)
	if !slices.Equal(inodes, []string{"22213", "99120"}) {
		t.Errorf("/proc/net/udp: %v", inodes)
	}
	if got := fmt.Sprint(parseLsof("p312\ncmDNSResponder\nf6\nf7\np4711\ncstarling\nf12\n")); got != "[{mDNSResponder 312} {starling 4711}]" {
		t.Errorf("lsof: %v", got)
	}
	pids := parseNetstat(`
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  UDP    0.0.0.0:5353           *:*                                    1932
  UDP    0.0.0.0:5353           *:*                                    1932
  UDP    0.0.0.0:5355           *:*                                    2044
  UDP    [::]:5353              *:*                                    6120
`)
	if !slices.Equal(pids, []int{1932, 6120}) {
		t.Errorf("netstat: %v", pids)
	}
	for text, want := range map[string]string{
		"\"svchost.exe\",\"1932\",\"Services\",\"0\",\"9.876 K\"\r\n":        "svchost",
		"INFO: No tasks are running which match the specified criteria.\r\n": "",
		"\"": "",
	} {
		if got := parseTasklist(text); got != want {
			t.Errorf("tasklist: %q, want %q", got, want)
		}
	}
}

// FuzzParsers gives anything to all that reads what others print.
func FuzzParsers(f *testing.F) {
	for _, name := range []string{"neigh.txt", "arp.txt", "nft_drop.json", "nft_iptables.json", "iptables_drop.txt"} {
		f.Add(testdata(f, name))
	}
	f.Add("? (192.168.1.1) at 10:7b:44:0:11:22 on en0\np1\ncx\n\"a.exe\",")
	f.Add("x\n  target: default\n  ports: 1-2/udp\n")
	f.Add("[{\"Name\":\"Public\",\"Enabled\":1}]\n[{\"Name\":\"x\",\"Category\":0}]\n[]")
	f.Fuzz(func(t *testing.T, text string) {
		for _, all := range [][]neighbour{parseNeigh(text), parseProcARP(text), parseARP(text)} {
			for _, n := range all {
				if !n.addr.IsValid() {
					t.Fatal("an address that is none")
				}
			}
		}
		parseProcUDP(text)
		parseLsof(text)
		parseNetstat(text)
		parseTasklist(text)
		if rules, err := parseNft([]byte(text)); err == nil {
			judgeRules("", rules, 4000, "")
		}
		if rules, err := parseIptables(text); err == nil {
			judgeRules("", rules, 4000, "")
		}
		if w, err := parseFirewalld(text, 4000); err == nil {
			w.findings(4000)
		}
		_, _, _, _ = parseDefender(text)
		parseUfw(text, text, 4000)
		parseSocketfilter(text, text, text)
	})
}
