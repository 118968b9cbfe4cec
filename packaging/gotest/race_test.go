package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What would make the race detector report what is none (see calculating).
var shared = regexp.MustCompile(`\b(sync\.Map\b|atomic\.Pointer\[|isync\.|sync\.OnceValues?\()`)

func TestUnwatchedPackagesShareNoGenericCode(t *testing.T) {
	args := append([]string{"list", "-f", "{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}\n{{end}}"}, calculating...)
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 10 {
		t.Fatalf("only %d files: %v", len(files), files)
	}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(code) {
			code, _, _ := bytes.Cut(line, []byte("//"))
			if shared.Match(code) {
				t.Errorf("%s has %s", filepath.Base(file), bytes.TrimSpace(line))
			}
		}
	}
}

// Only what nothing but the detector has stopped is tested anew.
func TestDetectorGivesUp(t *testing.T) {
	const events = `{"Action":"run","Package":"starling/a","Test":"TestOne"}
{"Action":"output","Package":"starling/a","Test":"TestOne","Output":"ThreadSanitizer: CHECK failed: tsan_rtl.cpp:346\n"}
{"Action":"fail","Package":"starling/a","Elapsed":1}
{"Action":"output","Package":"starling/b","Output":"WARNING: DATA RACE\n"}
{"Action":"output","Package":"starling/b","Output":"ThreadSanitizer: CHECK failed: tsan_rtl.cpp:346\n"}
{"Action":"fail","Package":"starling/b","Elapsed":1}
{"Action":"output","Package":"starling/c","Test":"TestTwo","Output":"wrong\n"}
{"Action":"fail","Package":"starling/c","Test":"TestTwo"}
{"Action":"output","Package":"starling/c","Output":"ThreadSanitizer: CHECK failed: tsan_rtl.cpp:346\n"}
{"Action":"fail","Package":"starling/c","Elapsed":1}
{"Action":"output","Package":"starling/d","Output":"FAIL\n"}
{"Action":"fail","Package":"starling/d","Elapsed":1}
`
	log := newLog(io.Discard)
	if err := readEvents(strings.NewReader(events), log); err != nil {
		t.Fatal(err)
	}
	if want := []string{"starling/a"}; !slices.Equal(log.gaveUp, want) || len(log.bad) != 4 {
		t.Errorf("%v of %v were given up, want %v", log.gaveUp, log.bad, want)
	}
	got := again([]string{"-race", "-p", "3", "-timeout", "12m", "./sync/peer", "starling/a", "starling/b"}, log.gaveUp)
	if want := []string{"-race", "-p", "3", "-timeout", "12m", "starling/a"}; !slices.Equal(got, want) {
		t.Errorf("they are tested by %v, want %v", got, want)
	}
}
