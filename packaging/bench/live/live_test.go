package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMain lets the test program serve as its own two peers.
func TestMain(m *testing.M) {
	peer := flag.Bool("peer", false, "serve calls")
	flag.Parse()
	if *peer {
		exit(serve(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func TestSpread(t *testing.T) {
	var hundred []int64
	for i := range int64(100) {
		hundred = append(hundred, (100-i)*1e6)
	}
	for _, c := range []struct {
		name  string
		nanos []int64
		want  spread
	}{
		{"nothing", nil, spread{}},
		{"one", []int64{3e6}, spread{3, 3, 3, 3}},
		{"an odd number", []int64{9e6, 1e6, 5e6}, spread{5, 9, 9, 9}},
		{"a hundred", hundred, spread{50, 90, 99, 100}},
		{"below a millisecond", []int64{250_000, 750_000}, spread{0.25, 0.75, 0.75, 0.75}},
	} {
		if got := spreadOf(c.nanos); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCases(t *testing.T) {
	all, err := choose(nil)
	if err != nil || len(all) != 6 {
		t.Fatalf("all cases are %v, %v", all, err)
	}
	if n := utf8.RuneCountInString(all[1].text); n != longText {
		t.Errorf("the long text has %d code points", n)
	}
	if one, err := choose([]string{"one_writer_100k"}); err != nil || len(one) != 1 || one[0].at != longText/2 {
		t.Errorf("one case is %v, %v", one, err)
	}
	if _, err := choose([]string{"one"}); err == nil {
		t.Error("an unknown case was found")
	}
}

// Two real peers must meet, pair and pass keys on; the figures of so short a
// run mean nothing.
func TestMeasure(t *testing.T) {
	two, err := meet(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []bench{{name: "empty"}, {name: "short", text: prose(200), at: 100}} {
		m, err := two.measure(options{keys: 20, warm: 5, rate: 200, trace: true}, c)
		if err != nil {
			t.Fatal(err)
		}
		var results, say bytes.Buffer
		m.report(&results, &say)
		checkLines(t, c.name, results.String())
		for _, took := range between(m.typed.Began, m.there.Committed) {
			if took <= 0 || took > patience.Nanoseconds() {
				t.Errorf("%s: a key took %d ns", c.name, took)
			}
		}
	}
	if err := two.end(); err != nil {
		t.Error(err)
	}
}

// Several peers must meet by invitation, write at once and hear one another.
func TestWriters(t *testing.T) {
	s, err := swarmUp(t.TempDir(), 3)
	defer s.kill()
	if err == nil {
		err = s.mesh()
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.sing(options{keys: 25})
	if err != nil {
		t.Fatal(err)
	}
	var results, say bytes.Buffer
	m.report(&results, &say)
	checkLines(t, "writers3", results.String())
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// A newcomer must get all documents, and know at each return that it has them.
func TestMany(t *testing.T) {
	dir := t.TempDir()
	s, err := swarmUp(dir, 1)
	defer func() { s.kill() }()
	if err != nil {
		t.Fatal(err)
	}
	var docs []string
	if err := s.all[0].call("NewDocs", NewDocsArgs{s.space, 40}, &docs); err != nil {
		t.Fatal(err)
	}
	var results, say bytes.Buffer
	if err := s.newMember(options{}, dir, docs, &results, &say); err != nil {
		t.Fatal(err)
	}
	if err := s.unchanged(docs[0], 2, &results, &say); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sync.new_member_10k", "sync.unchanged_10k"} {
		if !strings.Contains(results.String(), name) {
			t.Errorf("no result for %s in %q", name, results.String())
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// checkLines holds results against what `bench report` reads.
func checkLines(t *testing.T, name, results string) {
	t.Helper()
	found := map[string]float64{}
	for line := range strings.Lines(results) {
		var r struct {
			Name, Unit string
			Value      float64
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Unit != "ms" {
			t.Fatalf("%q: %v", line, err)
		}
		found[r.Name] = r.Value
	}
	p50, p99 := found["live."+name+".p50"], found["live."+name+".p99"]
	if p50 <= 0 || p99 < p50 {
		t.Errorf("%s: p50 %v, p99 %v", name, p50, p99)
	}
}
