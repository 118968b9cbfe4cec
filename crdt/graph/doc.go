// Package graph keeps the changes of one document without their operations:
// who made which, when, on top of what, and under which hash.
//
// Changes are named by index, in the order in which they came; whatever a
// change builds on has a smaller index. Most changes follow directly on the
// one before of the same actor, so what they share is kept once for a whole
// [segment] of them, and such a change costs 8 bytes.
//
// Hashes take four times as much and are rarely asked for, so those of old
// changes may be absent: the compact form ([Graph.AppendBinary]) has only those
// of heads, of each actor's last change and of some recent ones. Who looks for
// another one gets [ErrNoHashes], and fills them in from the changes
// themselves ([Graph.SetHashes]).
//
// What a change builds on is told by clocks of seqs ([Past]): trees that share
// what does not differ, one for each segment, worked out when first asked for.
package graph
