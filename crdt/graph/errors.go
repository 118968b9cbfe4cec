package graph

import "errors"

var (
	// ErrNoHashes says that a hash was not found, but the hashes of some
	// changes are absent: it may be one of those.
	ErrNoHashes = errors.New("the hashes of some changes are absent")
	// ErrDeps says that a change builds on one that is not held.
	ErrDeps = errors.New("a change that it builds on is not held")
	// ErrSeq says that a change is not the next of its actor.
	ErrSeq = errors.New("the change is not the next of its actor")
	// ErrCounters says that operations are numbered no higher than those of
	// the actor, or of a change that they build on.
	ErrCounters = errors.New("the operations are not numbered above earlier ones")
	// ErrHashes says that hashes given are not those of the changes held.
	ErrHashes = errors.New("the hashes are not those of the changes")
	// ErrForm says that a compact form cannot be read.
	ErrForm = errors.New("the compact form of the graph is damaged")
)
