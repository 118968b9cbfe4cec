package peer

import (
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
)

// committed passes on what was committed; on the store's goroutine, in order.
// from are the devices that sent the changes, in their order; one stands for all,
// and the zero one for us.
func (p *Peer) committed(e store.Entry, heads []store.Head, from ...DeviceID) {
	p.holdings.touch(e.Space, e.Doc)
	sessions := p.sessions()
	for _, c := range commits(e, heads, from) {
		c.Also = p.alsoHave(e.Space, c.From)
		for _, s := range sessions {
			s.Push(c)
		}
	}
}

// commits splits an entry where the sender changes: who waited for another's
// change is taken together with it. A session leaves it to the sender to tell
// those that it reaches, so without one all would be told all of it once more.
// Each head goes with its change, and those over earlier ones with the last.
func commits(e store.Entry, heads []store.Head, from []DeviceID) (out []protocol.Commit) {
	if len(from) != len(e.Changes) {
		return []protocol.Commit{commitOf(e, e.Changes, heads, from[0])}
	}
	for n := 0; n < len(from); {
		end := n + 1
		for end < len(from) && from[end] == from[n] {
			end++
		}
		var with []store.Head
		heads = slices.DeleteFunc(slices.Clone(heads), func(h store.Head) bool {
			is := end == len(from) || slices.ContainsFunc(e.Changes[n:end], func(c crdt.Change) bool {
				return c.Actor == h.Actor && c.Seq == h.Seq
			})
			if is {
				with = append(with, h)
			}
			return is
		})
		out = append(out, commitOf(e, e.Changes[n:end], with, from[n]))
		n = end
	}
	return out
}

func commitOf(e store.Entry, changes []crdt.Change, heads []store.Head, from DeviceID) protocol.Commit {
	c := protocol.Commit{Space: e.Space, Doc: e.Doc, Changes: changes, From: from}
	for _, h := range heads {
		c.Heads = append(c.Heads, toTrustHead(h))
	}
	return c
}
