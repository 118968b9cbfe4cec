// Package trust is who may do what, and how a stranger can check it.
//
// A space is founded by one signed statement, whose hash is its ID; further
// signed [Statement]s say who belongs to it and in which role. A [Roster] is a
// set of them, and any two peers with the same set draw the same picture from
// it, in whatever order it came.
//
// A [Head] is a device's signature over an actor's newest change in a document.
// Hash chains reach from there to all the actor's earlier changes, so it
// vouches for them, and for no one else's.
//
// A [Tag] shows a peer that one knows a space's secret, and shows everyone else
// nothing.
package trust
