//go:build race

package format_test

// underRace says that the race detector makes all slower and larger.
const underRace = true
