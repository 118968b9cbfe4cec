package main

import (
	"fmt"
	"io"
	"maps"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`. Events of the
// build carry ImportPath instead of Package.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64 // seconds
}

// testLog turns events into what a person wants to read.
type testLog struct {
	out io.Writer
	// output keeps what each test that still runs has printed; an empty test
	// name stands for the package.
	output  map[testID]*strings.Builder
	skipped []string
	failed  []string
	// bad are the packages that failed, and gaveUp those of them in which nothing but
	// the race detector did; see race.go.
	bad, gaveUp []string
}

type testID struct{ pkg, test string }

func newLog(out io.Writer) *testLog {
	return &testLog{out: out, output: map[testID]*strings.Builder{}}
}

func (l *testLog) take(e event) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(l.out, e.Output)
	case "output":
		if l.output[id] == nil {
			l.output[id] = &strings.Builder{}
		}
		l.output[id].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			l.endPackage(e)
		} else {
			l.endTest(e)
		}
		delete(l.output, id)
	}
}

func (l *testLog) endTest(e event) {
	text := l.text(testID{e.Package, e.Test})
	switch e.Action {
	case "fail":
		l.failed = append(l.failed, e.Package+" "+e.Test)
		fmt.Fprint(l.out, text)
	case "skip":
		l.skipped = append(l.skipped, e.Package+" "+e.Test+": "+reason(text))
	}
}

// endPackage prints a package's result. A package that fails may leave tests
// without an end, because it panicked or ran out of time; what these printed
// is the most telling part.
func (l *testLog) endPackage(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(l.out, "ok    %s  %.1f s\n", e.Package, e.Elapsed)
	case "fail":
		l.bad = append(l.bad, e.Package)
		if l.detectorGaveUp(e.Package) {
			l.gaveUp = append(l.gaveUp, e.Package)
			for id := range l.output {
				if id.pkg == e.Package {
					fmt.Fprint(l.out, l.text(id))
				}
			}
			fmt.Fprintf(l.out, "STOP  %s  %.1f s: the race detector has failed, not a test\n", e.Package, e.Elapsed)
			maps.DeleteFunc(l.output, func(id testID, _ *strings.Builder) bool { return id.pkg == e.Package })
			return
		}
		for id := range l.output {
			if id.pkg == e.Package && id.test != "" {
				l.failed = append(l.failed, e.Package+" "+id.test)
				fmt.Fprint(l.out, l.text(id))
				delete(l.output, id)
			}
		}
		fmt.Fprint(l.out, l.text(testID{e.Package, ""}))
		fmt.Fprintf(l.out, "FAIL  %s  %.1f s\n", e.Package, e.Elapsed)
	}
}

func (l *testLog) text(id testID) string {
	if l.output[id] == nil {
		return ""
	}
	return l.output[id].String()
}

// summarise prints what was skipped and what failed.
func (l *testLog) summarise() {
	for _, name := range l.skipped {
		fmt.Fprintln(l.out, "skipped:", name)
	}
	for _, name := range l.failed {
		fmt.Fprintln(l.out, "failed:", name)
	}
}

// reason is what a skipped test gave as such, without go test's own lines.
func reason(text string) string {
	var said []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
