// Package history reads a document's past out of its present: which versions
// there were, the text of each, who wrote and deleted what, and which steps take
// a part of it back. It writes nothing.
//
// All of it stands in the books that a document keeps anyway: the graph says who
// made which change on top of what, and each run of the text keeps who inserted
// it, who brought it back and who deleted it. A version is therefore no copy but
// the name of some changes, its heads; it has everything that they build on. It
// means the same to every peer that holds these changes, whatever arrives later
// and in whatever order.
//
// What is one operation's or one change's is told for stretches of elements at a
// time, so that the cost follows runs and changes and not characters.
package history
