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

// Topic is a document, and the space that was named with it: it may be of another one,
// or not be here yet.
type Topic struct {
	Space trust.SpaceID
	Doc   crdt.DocID
}

// asking is what two ask each other for; under mu.
type asking struct {
	ours   map[Topic]chan struct{} // closed when we have been told
	theirs map[Topic]asked
	due    map[Topic]*holders // to be told
}

// asked is a topic of which the peer wants to know.
type asked struct {
	told [32]byte // the sum of what it was told last
	news bool     // there may be more to tell, which nobody has looked at
}

// AskHolders asks the peer who has a document, unless that was done, and returns what
// is closed when it has told. It returns nil while the two have not compared the space.
func (s *Session) AskHolders(space trust.SpaceID, doc crdt.DocID) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spaces[space]; s.over || sp == nil || !sp.synced {
		return nil
	}
	if told, ok := s.asking.ours[Topic{space, doc}]; ok {
		return told
	}
	told := make(chan struct{})
	put(&s.asking.ours, Topic{space, doc}, told)
	s.control = append(s.control, &holders{Space: space, Doc: doc, Ask: true})
	s.nudge()
	return told
}

// put sets what belongs to one of MaxAsked documents; if they are more, one is let go.
func put[V any](in *map[Topic]V, t Topic, v V) {
	if *in == nil {
		*in = make(map[Topic]V)
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
func (s *Session) Asks(t Topic) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.asking.theirs[t]
	return ok
}

// Heard notes that something was heard of who has a document, and reports whether the
// peer has asked for that.
func (s *Session) Heard(of Topic) (asks bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, asks := s.asking.theirs[of]
	if asks {
		a.news = true
		s.asking.theirs[of] = a
	}
	return asks
}

// HeardAll is [Session.Heard] of all documents that the peer has asked for by a space.
func (s *Session) HeardAll(space trust.SpaceID) (asks bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t, a := range s.asking.theirs {
		if t.Space == space {
			a.news, asks = true, true
			s.asking.theirs[t] = a
		}
	}
	return asks
}

// TakeHeard adds of what the peer has asked for: what it has just asked, and what
// something was heard of since it was last taken.
func (s *Session) TakeHeard(into map[Topic]struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t, a := range s.asking.theirs {
		if a.news {
			into[t] = struct{}{}
			s.asking.theirs[t] = asked{told: a.told}
		}
	}
}

// TellHolders tells the peer, if it has asked, which devices have what of a document
// has a digest, unless it knows. Only the latest counts.
func (s *Session) TellHolders(about Topic, digest [32]byte, devices []identity.DeviceID) {
	devices = slices.SortedFunc(slices.Values(devices), identity.DeviceID.Compare)
	devices = devices[:min(len(devices), MaxReach)]
	sum := sha256.New()
	sum.Write(digest[:])
	for _, d := range devices {
		sum.Write(d[:])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, asks := s.asking.theirs[about]
	now := [32]byte(sum.Sum(nil))
	if !asks || now == a.told {
		return
	}
	a.told = now
	s.asking.theirs[about] = a
	put(&s.asking.due, about, &holders{Space: about.Space, Doc: about.Doc, Digest: digest, Devices: devices})
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
	about := Topic{m.Space, m.Doc}
	told := s.asking.ours[about]
	if open && m.Ask {
		put(&s.asking.theirs, about, asked{news: true})
	}
	s.mu.Unlock()
	switch {
	case !open:
	case m.Ask:
		s.host.AskedHolders()
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
