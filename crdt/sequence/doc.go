// Package sequence keeps the order and the content of one text or list.
//
// Its elements are named by the operations that inserted them and never
// forgotten: a deleted one stays, with who deleted it, and may come back. An
// insertion names the element that it goes after, and where several name the same
// one, the greater operation comes first. So a new element goes right of the one
// that it names and of all greater ones that follow there. This is the order of
// RGA (Roh et al., "Replicated abstract data types", 2011) as Automerge has it;
// any causal order of the same operations gives the same sequence.
//
// A plain element is one code point, written by its insertion. Any number of
// operations may have deleted that value. Automerge lets an element come back by
// setting it again; that is a further value, which may be deleted too, and the
// element shows while any of its values is not deleted. Whatever else an element
// may be, its owner keeps as an [Item].
//
// The elements are held in runs: neighbours of one actor, inserted one after the
// other, and of one fate. They lie in a treap that sums up how many code points
// show, and the least first element; the second finds in O(log n) how many greater
// elements an insertion has to pass, however many there are. An index by actor
// and counter finds an element. So every operation on one element costs in
// proportion to the logarithm of the number of runs, and memory follows the runs:
// some 100 bytes each, and the characters' own bytes.
//
// The operations must come in a causal order. What names elements that are not
// there is refused with an error and changes nothing.
package sequence
