package protocol

import (
	"crypto/sha256"
	"slices"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// Each device acknowledges over its own sessions what it has. One who is not
// connected with it may ask another who has a document, and is told now and whenever
// that changes: the document is named by the digest of its vector, so that what is said
// of it stays true when it is written on.

// MaxAsked is of how many documents a peer is told who has them.
const MaxAsked = 256

// holders, asking, wants to be told of a document who has it. Else it tells which
// devices, of those with which the receiver is not connected, have told the sender
// themselves that they have committed all that has this digest; there may be none.
type holders struct {
	Space   trust.SpaceID       `cbor:"1,keyasint"`
	Doc     crdt.DocID          `cbor:"2,keyasint"`
	Ask     bool                `cbor:"3,keyasint,omitempty"`
	Digest  [32]byte            `cbor:"4,keyasint"`
	Devices []identity.DeviceID `cbor:"5,keyasint,omitempty"`
}

func (*holders) kind() kind { return kindHolders }

func (m *holders) check() error { return atMost("devices", len(m.Devices), MaxReach) }

// topic is a document, and the space that was named with it: it may be of another one.
type topic struct {
	space trust.SpaceID
	doc   crdt.DocID
}

// asking is what two ask each other for; under mu.
type asking struct {
	ours   map[topic]chan struct{} // closed when we have been told
	theirs map[topic][32]byte      // the sum of what they were told last
	due    map[topic]*holders      // to be told
}

// AskHolders asks the peer who has a document, unless that was done, and returns what
// is closed when it has told. It returns nil while the two have not compared the space.
func (s *Session) AskHolders(space trust.SpaceID, doc crdt.DocID) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spaces[space]; s.over || sp == nil || !sp.synced {
		return nil
	}
	if told, ok := s.asking.ours[topic{space, doc}]; ok {
		return told
	}
	told := make(chan struct{})
	put(&s.asking.ours, topic{space, doc}, told)
	s.control = append(s.control, &holders{Space: space, Doc: doc, Ask: true})
	s.nudge()
	return told
}

// put sets what belongs to one of MaxAsked documents; if they are more, one is let go.
func put[V any](in *map[topic]V, t topic, v V) {
	if *in == nil {
		*in = make(map[topic]V)
	}
	if _, ok := (*in)[t]; !ok && len(*in) == MaxAsked {
		for other := range *in {
			delete(*in, other)
			break
		}
	}
	(*in)[t] = v
}

// Asks reports whether the peer has asked who has a document, by that space.
func (s *Session) Asks(space trust.SpaceID, doc crdt.DocID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.asking.theirs[topic{space, doc}]
	return ok
}

// TellHolders tells the peer, if it has asked, which devices have what of a document
// has a digest, unless it knows. Only the latest counts.
func (s *Session) TellHolders(space trust.SpaceID, doc crdt.DocID, digest [32]byte, devices []identity.DeviceID) {
	devices = slices.SortedFunc(slices.Values(devices), identity.DeviceID.Compare)
	devices = devices[:min(len(devices), MaxReach)]
	sum := sha256.New()
	sum.Write(digest[:])
	for _, d := range devices {
		sum.Write(d[:])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	about := topic{space, doc}
	last, asks := s.asking.theirs[about]
	now := [32]byte(sum.Sum(nil))
	if !asks || now == last {
		return
	}
	s.asking.theirs[about] = now
	put(&s.asking.due, about, &holders{Space: space, Doc: doc, Digest: digest, Devices: devices})
	s.nudge()
}

// dueHolders takes what is to be told of who has what; under mu.
func (s *Session) dueHolders() (out []message) {
	for about, m := range s.asking.due {
		if s.spaces[m.Space] != nil {
			out = append(out, m)
		}
		delete(s.asking.due, about)
	}
	return out
}

func (s *Session) onHolders(m *holders) error {
	s.mu.Lock()
	open := s.spaces[m.Space] != nil
	about := topic{m.Space, m.Doc}
	told := s.asking.ours[about]
	if open && m.Ask {
		put(&s.asking.theirs, about, [32]byte{})
	}
	s.mu.Unlock()
	switch {
	case !open:
	case m.Ask:
		s.host.AskedHolders(m.Space, m.Doc)
	case told != nil:
		s.host.Holders(s.peer, m.Space, m.Doc, m.Digest, m.Devices)
		select {
		case <-told:
		default:
			close(told) // by the reader alone
		}
	}
	return nil
}
