// Package sequence keeps the order of a text's elements, so that the place of a
// received operation is known without reading the text.
//
// An Automerge text is a list of elements, each named by the operation that
// inserted it and never forgotten: a deleted one stays as a tombstone. An
// insertion names the element that it goes after, and where several name the
// same one, the greater operation ID comes first: the greater counter, then the
// greater actor by its bytes. So a new element goes right of the one that it
// names and of all greater ones that follow there. This is the order of RGA (Roh
// et al., "Replicated abstract data types", 2011) as Automerge has it; any
// causal order of the same operations gives the same list.
//
// A [Text] holds no letters. It holds runs, elements of one actor with counters
// one after the other that lie side by side, all alive or all deleted, in a
// treap that counts the elements alive. Typing lengthens a run, so that a text
// takes some 60 bytes for each place where somebody began to type or delete, and
// an operation costs in proportion to the logarithm of their number.
//
// A Text understands insertions of one code point and deletions. At anything
// else in the text, such as a mark, a block marker or an element written over,
// it steps aside for good: it must never be wrong, and need not know everything.
// Operations on other objects don't touch it. A change that takes it too long is
// left to others too.
//
// The changes must come in a causal order and have passed package crdt/guard.
package sequence
