// Package trust is who may do what, and how a stranger can check it.
//
// A space is founded by one signed statement, whose hash is its ID; further
// [Statement]s say who belongs to it and in which role, whose devices are whose,
// who was removed, who is invited, and which of two changes of one number
// counts. Each names by hash those that its author knew. A [Roster] is a set of
// them, and any two peers with the same set draw the same picture from it, in
// whatever order it came.
//
// A person is named by its first device in the space; links, which the new
// device has consented to, add others. If two members turn out to be one person,
// a link makes one the other's device, always towards the greater role.
//
// A removal voids what the removed one stated without its author knowing of it,
// and what rests on that; a demotion voids what the person may no longer state.
// Of two that cross, the author nearer the founder stays, then the smaller ID.
// None may leave the space without an owner, or a person without a device.
//
// A [Head] is a device's signature over an actor's newest change in a document.
// Hash chains reach from there to all the actor's earlier changes, so it
// vouches for them, and for no one else's. It names the roster that its device
// knew, so that everyone judges it alike, however late they hear of a removal:
// that draws a [Line] for each document and actor, in pages, and [Standing] says
// what a head is worth by both. Of two admissions that cross, to writing and to
// less, the lesser holds, and what was signed without knowing of it counts only as
// what lies beyond a line.
//
// A [Tag] shows a peer that one knows a space's secret, and shows everyone else
// nothing. A [Ticket] is an invitation as a link.
package trust
