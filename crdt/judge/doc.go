// Package judge asks automerge-go for a second opinion on a document: what are
// its heads, and what is its text.
//
// Starling reads and writes documents with code of its own. Before it throws
// away what it could rebuild from (the changes behind a snapshot), another
// program's code should agree, and automerge-go is that code. But it wraps a C
// library that aborts the whole process on bad bytes, takes gigabytes for some
// of a hundred, and does not exist for each system. So it runs in a child
// process, one at a time, which is this very program started anew with a
// variable in its environment, and which ends with its answer, with its limits,
// or with its parent. A program that asks calls [Main] first thing in main.
//
// automerge-go is linked only with cgo, on Linux and macOS, on amd64 and arm64;
// the build tags of engine_automerge.go say so. Elsewhere [Available] is false.
//
// The child is given, on its standard input, its memory limit, the key and the
// bytes, each behind its length, and the input stays open until its answer has
// come: the end of it tells the child that its parent is gone. Its standard
// output is a verdict or a sentence (see wire.go); its standard error is what
// the C library says as it dies.
package judge
