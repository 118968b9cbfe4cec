package main

import (
	"slices"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	const events = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"quiet words\n"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestBad","Output":"    bad_test.go:3: telling words\n"}
{"Action":"fail","Package":"a","Test":"TestBad"}
{"Action":"output","Package":"a","Test":"TestNet","Output":"=== RUN   TestNet\n"}
{"Action":"output","Package":"a","Test":"TestNet","Output":"    net_test.go:9: needs root\n"}
{"Action":"output","Package":"a","Test":"TestNet","Output":"--- SKIP: TestNet (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestNet"}
{"Action":"output","Package":"a","Test":"TestHang","Output":"panic: test timed out\n"}
{"Action":"output","Package":"a","Output":"FAIL\ta\n"}
{"Action":"fail","Package":"a","Elapsed":2}
{"Action":"build-output","ImportPath":"b","Output":"b.go:1: does not compile\n"}
not JSON
{"Action":"skip","Package":"c"}
{"Action":"pass","Package":"d","Elapsed":0.25}
`
	const want = `    bad_test.go:3: telling words
panic: test timed out
FAIL	a
FAIL  a  2.0 s
b.go:1: does not compile
not JSON
ok    d  0.2 s
skipped: a TestNet: net_test.go:9: needs root
failed: a TestBad
failed: a TestHang
`
	var out strings.Builder
	log := newLog(&out)
	if err := readEvents(strings.NewReader(events), log); err != nil {
		t.Fatal(err)
	}
	log.summarise()
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if want := []string{"a TestNet: net_test.go:9: needs root"}; !slices.Equal(log.skipped, want) {
		t.Errorf("skipped is %v, want %v", log.skipped, want)
	}
}

func TestReason(t *testing.T) {
	for text, want := range map[string]string{
		"": "no reason given",
		"=== RUN   TestX\n--- SKIP: TestX (0.00s)\n":                          "no reason given",
		"=== RUN   TestX\n    x_test.go:1: two\n        lines\n--- SKIP: T\n": "x_test.go:1: two lines",
	} {
		if got := reason(text); got != want {
			t.Errorf("reason(%q) is %q, want %q", text, got, want)
		}
	}
}
