//go:build !linux

package main

// alone does nothing: there are no network namespaces here.
func alone() (ran bool, err error) { return false, nil }

// readWire reads nothing.
func readWire() (wire, error) { return wire{}, nil }
