package peer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"starling/sync/trust"
)

// crowd makes a space of n members, of whom 500 statements tell, and lists
// strangers beside them. It returns the members' devices.
func crowd(b *testing.B, p *Peer, id SpaceID, n, strangers int) []DeviceID {
	b.Helper()
	name := func(i int) DeviceID { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) }
	all := make([]DeviceID, n)
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	for i := range 500 {
		all[i%n] = name(i % n)
		role := []trust.Role{trust.Editor, trust.Owner}[i/n%2]
		who := fmt.Sprintf("Member %c%c", 'A'+i%n/10, 'A'+i%n%10)
		if _, err := sp.roster.Admit(p.id, trust.Admission{Subject: all[i%n], Name: who, Role: role}, time.Now()); err != nil {
			b.Fatal(err)
		}
		p.personLocked(all[i%n]).name, p.personLocked(all[i%n]).paired = who, true
	}
	n0 := &network{p: p, nearby: make(map[string]*neighbour), links: make(map[DeviceID]*link)}
	for i := range strangers {
		id := name(1000 + i)
		n0.nearby[id.Tag()] = &neighbour{tag: id.Tag(), id: id}
		p.personLocked(id).name = fmt.Sprintf("Stranger %d", i)
	}
	p.net = n0
	b.Cleanup(func() { p.net = nil })
	return all
}

// BenchmarkRefresh50 is what is asked after each piece of news with 50 members and a
// roster of 500 statements, by sessions and by the window, under the peer's lock.
func BenchmarkRefresh50(b *testing.B) {
	p, id := alone(b)
	members := crowd(b, p, id, 50, maxListed)
	for name, do := range map[string]func(){
		"sessions": func() {
			for _, m := range members {
				p.spacesFor(m)
			}
		},
		"shared": func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			for _, m := range members {
				p.sharedLocked(m)
			}
		},
		"people": func() { p.Peers() },
		"spaces": func() {
			if _, err := p.Spaces(b.Context()); err != nil {
				b.Fatal(err)
			}
		},
		"digest": func() { host{&network{p: p}}.RosterDigest(id) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do()
			}
		})
	}
}
