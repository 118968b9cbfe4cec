package protocol

import "time"

// Version is the protocol's. The limits below are part of it: a peer that needs
// more room needs a new version.
const Version = 1

// Limits of what one peer may name.
const (
	// MaxStrangerFrame is the largest frame, in bytes, from a device with
	// which nothing is shared.
	MaxStrangerFrame = 8 << 10
	// MaxFrame is the largest frame from a member of a space of ours. The
	// largest change must fit into it.
	MaxFrame = 5 << 20
	// MaxTags is how many spaces two peers can recognise on one connection.
	MaxTags = 128
	// MaxStatements is how many statements one roster message holds.
	MaxStatements = 256
	// MaxVectors is how many documents one page of vectors holds.
	MaxVectors = 512
	// MaxDocuments is how many documents a space holds.
	MaxDocuments = 100_000
	// MaxActors is how many actors one vector may name.
	MaxActors = 4096
	// MaxChanges and MaxHeads are how many stand in one message of changes.
	MaxChanges = 4096
	MaxHeads   = 4096
	// MaxReach is how many devices a peer names as connected with it.
	MaxReach = 1024
	// MaxName and MaxColour are in code points.
	MaxName   = 64
	MaxColour = 7
)

const (
	// batchSize is how many bytes of changes a catch-up puts in one message.
	batchSize = 256 << 10
	// maxQueued is how many bytes of live changes wait for a slow peer before
	// they are dropped and read from the store when it has caught up.
	maxQueued = 4 << 20
	// maxCatchUps is how many documents are caught up with at a time.
	maxCatchUps = 4
)

const (
	// helloTimeout ends a session whose peer does not introduce itself.
	helloTimeout = 5 * time.Second
	// PairingTimeout is how long two people have to compare the code.
	PairingTimeout = 2 * time.Minute
	// ackInterval and presenceInterval are the least between two batches.
	ackInterval      = 200 * time.Millisecond
	presenceInterval = time.Second / 30
	// relayCheck is when a change that another was to pass on is looked after.
	relayCheck = time.Second
	// wantInterval is the least between two requests for what is missing.
	wantInterval = time.Second
)
