// Package opid names operations and actors inside one open document.
//
// An operation of an Automerge document is named by a counter and its actor's
// bytes. Within one open document actors are numbered in the order in which
// they are met, so that a name takes 8 bytes; the numbers mean nothing outside
// it.
package opid
