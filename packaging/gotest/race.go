package main

// calculating are packages of others that work on memory of their own, which no two
// goroutines use at a time: a database translated from C, and the arithmetic of keys.
// The race detector would make these ten times as slow, and so the tests twice, and
// has nothing to find there.
//
// None may use a type of sync or sync/atomic that has parameters, nor [sync.Map],
// which is made of one: the program would hold that one's code once, perhaps as it is
// compiled here, and the detector would miss in all other packages what it orders and
// report races that are none.
var calculating = []string{
	"modernc.org/sqlite/lib",
	"golang.org/x/crypto/scrypt",
	"crypto/internal/fips140/edwards25519/...",
}

// unwatched are the flags for go test by which these are compiled as without -race.
func unwatched() (flags []string) {
	for _, pkg := range calculating {
		flags = append(flags, "-gcflags="+pkg+"=-race=false")
	}
	return flags
}

// raceOptions is the variable GORACE, such that no process waits a second before it
// exits, as it does else; a test may start dozens.
func raceOptions(set string) string { return "GORACE=atexit_sleep_ms=0 " + set }
