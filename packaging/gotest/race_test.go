package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
