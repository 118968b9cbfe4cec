package lab

import (
	"encoding/json"
	"time"
)

// Peer is a home that is being served.
type Peer struct {
	*Process
	// Listen is where it listens, host:port.
	Listen []string
}

// Serve starts a peer and waits until it is ready.
func (h *Home) Serve(args ...string) *Peer {
	h.T.Helper()
	p := h.StartServe(args...)
	var ready struct {
		Listen []string `json:"listen"`
	}
	line := p.Out.Next(h.T)
	if err := json.Unmarshal([]byte(line), &ready); err != nil || len(ready.Listen) == 0 {
		h.T.Fatalf("%s: serve said %q, %v", h.Name, line, err)
	}
	return &Peer{p, ready.Listen}
}

// StartServe starts a peer and does not wait.
func (h *Home) StartServe(args ...string) *Process {
	h.T.Helper()
	return h.Start(append([]string{"--name", h.Name, "--json", "serve"}, args...)...)
}

// Neighbour is a row of "peers --json".
type Neighbour struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Nearby    bool       `json:"nearby"`
	Known     bool       `json:"known"`
	Connected bool       `json:"connected"`
	Address   string     `json:"address"`
	LastSeen  *time.Time `json:"last_seen"`
}

// Peers is what "peers" says, by name.
func (h *Home) Peers() map[string]Neighbour {
	h.T.Helper()
	var list []Neighbour
	h.JSON(&list, "peers")
	return named(list)
}

func named(list []Neighbour) map[string]Neighbour {
	byName := map[string]Neighbour{}
	for _, n := range list {
		byName[n.Name] = n
	}
	return byName
}

// ConnectedTo reports whether the peer here is connected to all of these.
func (h *Home) ConnectedTo(others ...*Home) bool {
	h.T.Helper()
	peers := h.Peers()
	for _, o := range others {
		if !peers[o.Name].Connected {
			return false
		}
	}
	return true
}

// Pairing is a row of "pair --list --json".
type Pairing struct {
	Code      string `json:"code"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	Incoming  bool   `json:"incoming"`
	Confirmed bool   `json:"confirmed"`
}

// Request waits until another's request with this code appears here.
func (h *Home) Request(code string) Pairing {
	h.T.Helper()
	var found Pairing
	Eventually(h.T, h.Name+" is asked to pair", func() bool {
		var list []Pairing
		h.JSON(&list, "pair", "--list")
		for _, p := range list {
			if p.Code == code && p.Incoming {
				found = p
			}
		}
		return found.Code != ""
	})
	return found
}

// Pair makes two people known to each other by the commands that people use, a
// sharing a space unless it is "".
func Pair(a, b *Home, space string) {
	a.T.Helper()
	args := []string{"pair", b.ID()}
	if space != "" {
		args = append(args, "--space", space)
	}
	compare(a, b, args)
}

// Link makes b another device of a's person.
func Link(a, b *Home) {
	a.T.Helper()
	compare(a, b, []string{"device", "link", b.ID()}, "--mine")
}

// compare starts a pairing on a, and confirms its code on both sides, on b with how.
func compare(a, b *Home, args []string, how ...string) {
	a.T.Helper()
	p := a.Start(args...)
	code := p.Out.Next(a.T)
	if r := b.Request(code); r.ID != a.ID() || r.Name != a.Name || r.Confirmed {
		a.T.Fatalf("%s's request is %+v", a.Name, r)
	}
	a.Must("pair", "--confirm", code)
	b.Must(append([]string{"pair", "--confirm", code}, how...)...)
	if exit := p.Wait(); exit != 0 {
		a.T.Fatalf("%s's %q ended with %d: %q", a.Name, args, exit, p.Err.All())
	}
}
