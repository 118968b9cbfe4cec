//go:build !linux && !darwin && !windows

package store

// machineID is unknown here, so no stop counts as clean.
func machineID() string { return "" }
