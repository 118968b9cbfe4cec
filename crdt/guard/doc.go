// Package guard says whether a change fits the changes that it builds on.
//
// Automerge programs trust their input. An operation on an object that does
// not exist, an element key in a map or a sequence number that skips aborts
// automerge-go or, worse, is kept and makes a document that cannot be loaded
// from its own file. So every change is held against the document before it is
// applied: its place among the changes is asked of package graph, what its
// operations name of package opset. The guard keeps nothing of its own.
//
// The verdict of [Check] depends on the change, its ancestors and its [Rules]
// alone, so all peers agree on it, in whatever order changes reach them.
// Three answers are not verdicts on the change but news about what is held
// here: [ErrMissingDeps] and graph.ErrNoHashes, which pass, and [ErrForked],
// which says that this actor has numbered two changes alike; a document can
// hold only one of them.
//
// These rules hold for every change, in this order:
//
//  1. It has no columns that are unknown: automerge-go forgets them, and the
//     change would come back from a file with another hash. Unless it is
//     foreign it has no more than [MaxOps] operations; if it is, none is
//     numbered above [MaxForeignOp].
//  2. Its dependencies are held.
//  3. Its actor's change before it is an ancestor, and was numbered one less.
//  4. Its first operation is numbered one above the greatest of its ancestors;
//     in a foreign change, above all of them.
//  5. What an operation names (object, element, predecessors) is the work of
//     an ancestor or of an earlier operation of the same change, is of the
//     right kind, and lies in the same object and under the same key. A key of
//     a map is not empty, unless the change is foreign.
//  6. The parts of an operation that its action does not use are empty, since
//     automerge-go does not keep them.
//  7. An element of a text is a string that is not empty, a map (a block
//     marker of other Automerge programs) or a mark. Elsewhere values of
//     types that are not yet known pass, since automerge-go keeps them.
//     An element of a text, and nothing else in a list or text, may be set
//     without predecessors: so a deleted character comes back.
//  8. The end of a mark follows directly on its beginning, in the same change
//     and the same text, and lies behind it: later Automerge programs do not
//     load a document where this is otherwise. Foreign changes need not keep
//     this rule.
//  9. The document's text is there to stay. See below; foreign changes need
//     not keep this rule.
//  10. A commenter's change writes only under the root's keys "comment/" and
//     "suggestion/" with something behind: makes one that nobody else has made in
//     its past, writes over values that its person wrote there, and writes in
//     objects that lie in one which its person made there.
//
// # The document's text
//
// The text of a document lies under the root's key "content" or, if the
// document was founded with a file that has its text elsewhere, under the key
// that the string under the root's "starling.text" names. No change that is
// not foreign may write to the root's key "content", to "starling.text" or to
// the key that "starling.text" names in the change's past, except for the
// founding change, which is the first of the founder's actor:
//
//   - if it builds on nothing, it may make a text under "content", once;
//   - if it builds on the file, it may set "starling.text", once, to a root
//     key under which a text stands, and which it does not write itself;
//   - if it builds on a file with nothing under "content" and "starling.text",
//     it may make a text under "content", once, where its actor is known to be
//     the founder.
//
// Who the founder is follows from the document's ID, and so is no matter of
// opinion: the ID is a hash of the founder's device and a nonce, every head
// carries both for its actor, and heads of foreign changes carry the
// founder's. So whoever holds a first change of a document, foreign or not,
// knows the founder's actor and gives it as [Rules.Founder]. Then every change
// that is neither foreign nor the founding one must build on the founding
// one, lest somebody write to the text's key as if they did not know of it.
// While the founder is not given, any actor's first change counts as the
// founding one, but "starling.text" may not be written over.
package guard
