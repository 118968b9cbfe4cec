// Package guard stands between other devices and the C library that keeps a
// document: it says whether a change fits the changes that it builds on.
//
// automerge-go trusts its input. An operation on an object that does not
// exist, an element key in a map or a sequence number that skips aborts the
// process or, worse, is kept and makes a document that cannot be loaded from
// its own file. So an [Index] remembers of every applied change just what is
// needed to judge the next: per change 48 bytes and a share of a clock; per
// operation nothing, except where the kind of operation changes from one to
// the next of the same actor.
//
// The verdict of [Index.Check] depends on the change and its ancestors alone,
// so all peers agree on it, in whatever order changes reach them. Two answers
// are not verdicts on the change but news about what is held here:
// [ErrMissingDeps], which passes, and [ErrForked], which says that this actor
// has numbered two changes alike; automerge-go can hold only one of them.
//
// These rules hold for every change, in this order:
//
//  1. It has no columns that are unknown: automerge-go forgets them, and the
//     change would come back from a file with another hash.
//  2. Its dependencies are held.
//  3. Its actor's change before it is an ancestor, and was numbered one less.
//  4. Its first operation is numbered one above the greatest of its ancestors.
//  5. What an operation names (object, element, predecessors) is the work of
//     an ancestor or of an earlier operation of the same change, is of the
//     right kind, and lies in the same object and under the same key.
//  6. The parts of an operation that its action does not use are empty, since
//     automerge-go does not keep them.
//  7. An element of a text is a string that is not empty, a map (a block
//     marker of other Automerge programs) or a mark. Elsewhere values of
//     types that are not yet known pass, since automerge-go keeps them.
//  8. The root's key "content" is written once: by a makeText in a change
//     without dependencies that is its actor's first.
package guard
