//go:build !linux

package main

// alone does nothing: there are no network namespaces here.
func alone() (ran bool, err error) { return false, nil }

// readWire reads nothing.
func readWire() (wire, error) { return wire{}, nil }

// capture hears nothing.
type capture struct{}

func listenToWire() (*capture, error) { return nil, nil }

func (c *capture) close() {}

func (c *capture) after() (data, probes int, err error) { return 0, 0, nil }
