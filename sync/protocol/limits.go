package protocol

import (
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// Version is the protocol's. The limits below are part of it: a peer that needs
// more room needs a new version.
const Version = 2

// Limits of what one peer may name.
const (
	// maxSmallFrame is the largest frame, in bytes, of most kinds.
	maxSmallFrame = 8 << 10
	// maxStrangerBytes is how much a stranger may say in all.
	maxStrangerBytes = 4 << 10
	// MaxFrame is the largest frame from a member of a space of ours. The
	// largest change must fit into it.
	MaxFrame = 5 << 20
	// MaxTags is how many spaces two peers can recognise on one connection.
	MaxTags = 128
	// MaxStatements is how many statements one roster message holds.
	MaxStatements = 256
	// MaxVectors is how many documents one page of vectors holds. All pages of a
	// space name at most MaxDocuments of them with MaxEntries actors in all.
	MaxVectors   = 512
	MaxDocuments = 100_000
	MaxEntries   = 1 << 20
	// MaxActors is how many actors one vector in a message names, and all those
	// in one page of vectors together. A document may have more: its vector then
	// goes out in parts.
	MaxActors = 4096
	// MaxChanges and MaxHeads are how many stand in one message of changes.
	MaxChanges = 4096
	MaxHeads   = 1024
	// MaxFirst is how many documents can be on a screen, and MaxFirstActors how
	// many actors are named of each.
	MaxFirst       = 16
	MaxFirstActors = 256
	// MaxLines is how many lines a peer may begin; see brief.
	MaxLines = 1024
	// MaxSnapshot is how many bytes a snapshot has that is sent as it is, and
	// MaxSnapshotHeads how many heads go with it, in one array; MaxPieces is of how many a peer
	// has a piece.
	MaxSnapshot      = 8 << 20
	MaxSnapshotHeads = maxArray
	MaxPieces        = 64
	// MaxPlaces is in how many documents a peer may be at a time.
	MaxPlaces = 256
	// MaxReach is how many devices a peer names as connected with it.
	MaxReach = 1024
	// MaxName and MaxColour are in code points.
	MaxName   = 64
	MaxColour = 7
)

const (
	// maxArray is how many elements any array in a message has; the limits above
	// are no larger.
	maxArray = 4096
	// batchSize is how many bytes of changes a catch-up puts in one message.
	batchSize = 256 << 10
	// maxTaking is how many small messages of one stream are taken at a time, and
	// smallMessage how many bytes these have at most.
	maxTaking    = 16
	smallMessage = 16 << 10
	// maxReading is how many bytes of catch-ups of one peer are in memory.
	maxReading = 2 * MaxFrame
	// laneSize is after how many bytes of catching up a stream is ended, at the
	// next document.
	laneSize = 4 << 20
	// pieceSize is how many bytes of a snapshot one message has: what a connection
	// that breaks loses at most.
	pieceSize = 64 << 10
	// maxQueued is how many bytes of live changes wait for a slow peer before
	// they are dropped and read from the store when it has caught up.
	maxQueued = 4 << 20
	// queueCost is what a waiting change takes beside its bytes.
	queueCost = 256
	// maxCatchUps is how many documents are caught up with at a time, and how
	// many streams of the peer's are read at a time.
	maxCatchUps = 4
)

const (
	// strangerTime is how long a stranger may stay; one who compares a code is
	// looked at again after strangerCheck.
	strangerTime  = 10 * time.Second
	strangerCheck = time.Second
	// revealTime is how long one who asked to pair has to open its nonce, which
	// takes it one message and no person.
	revealTime = 5 * time.Second
	// paceMessages and paceBytes are how much a peer may say a second on the
	// control stream, and burst how many seconds' worth at once.
	paceMessages = 5000
	paceBytes    = 16 << 20
	burst        = 4
	// helloTimeout ends a session whose peer does not introduce itself.
	helloTimeout = 5 * time.Second
	// partingTimeout is how long one who speaks another version has to read ours.
	partingTimeout = 500 * time.Millisecond
	// PairingTimeout is how long two people have to compare the code.
	PairingTimeout = 2 * time.Minute
	// ackInterval and presenceInterval are the least between two batches. Half of
	// the acknowledgements that the protocol allows, five a second, tell a person
	// as well whom the text has reached, and cost half. One that has a packet of its
	// own, which the other end acknowledges by another, waits for ackAlone; that is
	// less than relayCheck.
	ackInterval      = 400 * time.Millisecond
	ackAlone         = 700 * time.Millisecond
	presenceInterval = time.Second / 30
	// relayCheck is when a change that another was to pass on is looked after.
	// It takes longer where that has brought nothing new, up to maxPatience.
	relayCheck  = time.Second
	maxPatience = 8 * time.Second
	// wantDelay is how long what is missing may be on its way on another stream
	// or from another peer before it is asked for. wantInterval is the least
	// between two requests for a document; it doubles up to maxWantInterval
	// while they bring nothing.
	wantDelay       = 200 * time.Millisecond
	wantInterval    = time.Second
	maxWantInterval = time.Minute
	// retryDelay is after what time a catch-up that failed is tried again. It
	// doubles up to maxRetryDelay.
	retryDelay    = time.Second
	maxRetryDelay = time.Minute
)

// maxBody is the largest frame of a kind, whoever sends it: more than its other
// limits leave room for, and so little that decoding takes no memory worth
// speaking of. A later version's kinds are passed over in any length.
func maxBody(k kind) int {
	switch k {
	case kindChanges, kindBrief, kindSnapshot:
		return MaxFrame
	case kindGot:
		return 2*9*MaxLines + 1024
	case kindRoster, kindGrant:
		return MaxStatements*(trust.MaxStatement+4) + 1024
	case kindVectors:
		return (MaxActors+MaxVectors)*entrySize + 1024
	case kindHave:
		return MaxActors*entrySize + 1024
	case kindFirst:
		return MaxFirst*(MaxFirstActors+1)*entrySize + 1024
	case kindPresence: // of the names in it there are four at most, with room to spare
		return 3*crdt.MaxActorLen + 1024
	case kindReach, kindHolders:
		return MaxReach*40 + 1024
	case kindHello, kindTags, kindDigest, kindParts, kindUnknown,
		kindPairRequest, kindPairNonce, kindPairReveal, kindPairConfirm, kindPairReject,
		kindRedeem, kindRedeemed, kindKey, kindClaim:
		return maxSmallFrame
	default:
		return MaxFrame
	}
}

// entrySize is more bytes than an entry of a vector takes, or a document beside
// its entries.
const entrySize = 116

// headSize is more bytes than a head takes.
const headSize = 256
