// Package memory is a store in memory, for simulations: it keeps what package
// store promises, and can lose power, be full or be slow, at once and in virtual
// time.
//
// A [Disk] outlives the [Store] that is open on it, as a home does its process.
// Everything stored is one immutable image. The writer makes the next one out of
// copies of what it touches, and a commit is the change of a pointer; so readers
// wait for nobody, a failed transaction has never been, and what a power cut
// leaves is the image of the last flush.
//
// Nothing can be damaged here, and a search knows the accents of Latin-1 alone.
package memory
