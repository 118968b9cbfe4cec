package main

import "strings"

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

// What the race detector prints when it fails at its own bookkeeping, and when it has
// found something.
const (
	gaveUpMark = "ThreadSanitizer: CHECK failed"
	raceMark   = "WARNING: DATA RACE"
)

// detectorGaveUp reports whether a package ended because the race detector failed, as
// it does now and then at a synctest bubble (go.dev/issue/78156), and neither a race
// was found before nor has a test of it said anything: then nothing is known of the package.
func (l *testLog) detectorGaveUp(pkg string) bool {
	found := false
	for id := range l.output {
		if id.pkg == pkg {
			text := l.text(id)
			if strings.Contains(text, raceMark) || strings.Contains(text, "_test.go:") {
				return false
			}
			found = found || strings.Contains(text, gaveUpMark)
		}
	}
	for _, name := range l.failed {
		if strings.HasPrefix(name, pkg+" ") {
			return false
		}
	}
	return found
}

// again are the arguments with which to test anew what the detector gave up: the
// packages in place of all those that args name.
func again(args, packages []string) (out []string) {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "./") && !strings.HasPrefix(arg, module) {
			out = append(out, arg)
		}
	}
	return append(out, packages...)
}

// module begins the path of each package of ours.
const module = "starling"
