// Package simulation holds tests only: whole peers, with all that they are made
// of, on a network and disks that are simulated in virtual time.
//
// Each seed is a story of its own. People write in several documents, come and
// go, lose power, connections and each other; disks are full or slow; and meanwhile
// they are admitted, given other roles, linked and removed. Homes are copied, and
// put back to an earlier image, so that one actor numbers changes twice. Now and then
// somebody is asked whom a document has reached, and that is held against the disks
// of those. At the end all faults end, and within a bounded time everyone who still
// belongs must hold the same rosters and the same documents, with all that anyone was
// told is saved, of a fork both texts; then everyone leaves, and no goroutine may be
// left. Which stories have which faults stands in seeds_test.go.
//
// A seed fixes the story and the network's whims, not the order in which
// goroutines run, so a rare failure may take a few runs to come again. One that
// fails prints who is in it, what has happened, and how to tell it again:
//
//	go test ./sync/simulation -run '^TestSeeds$/^all$/^few-417$' -count 20
package simulation
