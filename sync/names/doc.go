// Package names makes the names that strangers choose safe to show, and tells
// whether a person could take one for another. It is pure: no state, no I/O.
package names
