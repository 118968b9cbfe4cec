// Package simulation holds tests only: whole peers, with all that they are made
// of, on a network and disks that are simulated in virtual time.
//
// Each seed is a story of its own. People write in several documents, come and
// go, lose power, connections and each other; disks are full or slow; and meanwhile
// they are admitted, given other roles, linked and removed. At the
// end all faults end, and within a bounded time everyone who still belongs must
// hold the same rosters and the same documents, with all that anyone was told is
// saved; then everyone leaves, and no goroutine may be left.
//
// A seed fixes the story and the network's whims, not the order in which
// goroutines run, so a rare failure may take a few runs to come again:
//
//	go test ./sync/simulation -run 'TestSeeds/all/^417$' -count 20
package simulation
