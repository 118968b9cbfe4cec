package desktop

import (
	"fmt"
	"slices"
	"time"

	"starling/sync/peer"
)

// The roles in a space, as the peer names them.
const (
	roleOwner     = "owner"
	roleEditor    = "editor"
	roleCommenter = "commenter"
	roleViewer    = "viewer"
)

var (
	roles = []string{roleOwner, roleEditor, roleCommenter, roleViewer}
	// roleDeeds say what each of them may do.
	roleDeeds = map[string]string{
		roleOwner: "writes, adds people", roleEditor: "writes", roleCommenter: "reads, no comments yet", roleViewer: "reads",
	}
)

// insiders are those who belong to a space now.
func insiders(s peer.Space) []peer.Member { return membersThat(s, false) }

// outsiders are those who were removed from it, or have left.
func outsiders(s peer.Space) []peer.Member { return membersThat(s, true) }

func membersThat(s peer.Space, gone bool) []peer.Member {
	var all []peer.Member
	for _, m := range s.Members {
		if m.Removed == gone {
			all = append(all, m)
		}
	}
	return all
}

// insider is who a device belongs to in a space.
func insider(s peer.Space, device peer.DeviceID) (peer.Member, bool) {
	for _, m := range s.Members {
		if !m.Removed && hasDevice(m, device) {
			return m, true
		}
	}
	return peer.Member{}, false
}

// removed says whether a device is of somebody who was removed from a space, or
// has left it.
func removed(s peer.Space, device peer.DeviceID) bool {
	return slices.ContainsFunc(outsiders(s), func(m peer.Member) bool { return hasDevice(m, device) })
}

// hasDevice says whether a device is somebody's.
func hasDevice(m peer.Member, device peer.DeviceID) bool {
	return m.ID == device || slices.ContainsFunc(m.Devices, func(d peer.Device) bool { return d.ID == device })
}

// seenOf says whether a device of somebody's is connected, and when one was last
// seen.
func seenOf(peers []peer.PeerInfo, m peer.Member) (connected bool, last time.Time) {
	for _, p := range peers {
		if hasDevice(m, p.ID) {
			connected = connected || p.Connected
			if p.LastSeen.After(last) {
				last = p.LastSeen
			}
		}
	}
	return connected, last
}

// owned says whether we may add people to a space.
func owned(s peer.Space) bool { return s.Role == roleOwner }

// ownerOf is the name of who may.
func ownerOf(s peer.Space) string {
	for _, m := range insiders(s) {
		if m.Role == roleOwner {
			return nameOr(m.Name, "its owner")
		}
	}
	return "its owner"
}

// onlyOwner says whether somebody is the one owner of a space.
func onlyOwner(s peer.Space, person peer.DeviceID) bool {
	owners := 0
	is := false
	for _, m := range insiders(s) {
		if m.Role == roleOwner {
			owners++
			is = is || m.ID == person
		}
	}
	return is && owners == 1
}

// gone says whether we are no longer in a space.
func gone(s peer.Space) bool { return s.ID != (peer.SpaceID{}) && s.Role == "" }

// foreign says whether we have a space in which this device never was, as one has
// whose home was restored from a backup without its key.
func foreign(s peer.Space) bool {
	return gone(s) && !s.Left && s.RemovedBy.ID == (peer.DeviceID{})
}

// readOnlyLine is why the person may not write in a space, "" if they may.
func readOnlyLine(s peer.Space) string {
	const stays = " What it held stays here, to be read and copied."
	switch {
	case s.Role == roleViewer, s.Role == roleCommenter:
		return "You are a " + s.Role + " here: you may read, not write. Ask " + ownerOf(s) + " for the right to."
	case !gone(s):
		return ""
	case s.Left:
		return "You have left this space." + stays
	case foreign(s):
		return "Restored from a backup: this is a new device, which is not in this space yet. Link it with your other device, or have it invited. Until then it can read and copy what is here."
	case s.Revoked:
		return "Another device of yours has revoked this one." + stays
	}
	return nameOr(s.RemovedBy.Name, "Its owner") + " has removed you from this space." + stays
}

// membersLine says how many write in a space, or that we are no longer among
// them.
func membersLine(s peer.Space) string {
	switch n := len(insiders(s)); {
	case s.Left:
		return "left"
	case gone(s):
		return "read only"
	case n > 1:
		return fmt.Sprintf("%d people", n)
	}
	return "only you"
}
