package control

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	for _, test := range []struct {
		line string
		want string // the operation, "" for an error
	}{
		{`{"op":"id"}`, "id"},
		{` {"op":"doc list","args":{"space":"a"}} `, "doc list"},
		{`{"op":""}`, ""},
		{`{}`, ""},
		{``, ""},
		{`null`, ""},
		{`{"op":"id"}{"op":"id"}`, ""},
		{`{"op":"id"} x`, ""},
		{`{"op":"id","more":1}`, ""},
		{`{"op":1}`, ""},
		{`{"op":"` + strings.Repeat("x", maxOp+1) + `"}`, ""},
		{strings.Repeat("[", 100_000), ""},
	} {
		req, err := parseRequest([]byte(test.line))
		if req.Op != test.want || (err == nil) != (test.want != "") {
			t.Errorf("parseRequest(%.60q) = %q, %v; want %q", test.line, req.Op, err, test.want)
		}
		if err != nil && !errors.Is(err, errBadRequest) {
			t.Errorf("parseRequest(%.60q): %v is not errBadRequest", test.line, err)
		}
	}
}

// What the parser takes, printed, is taken again and means the same; and no
// operation's arguments make decoding panic.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"op":"id"}`))
	f.Add([]byte(`{"op":"edit","args":{"doc":"00","at":3,"delete":0,"insert":"aGk="}}`))
	f.Add([]byte(`{"op":"cat","args":{"doc":"\ud800"}} {`))
	f.Fuzz(func(t *testing.T, line []byte) {
		req, err := parseRequest(line)
		if err != nil {
			if !reflect.DeepEqual(req, request{}) {
				t.Fatalf("a request with the error: %v", req)
			}
			return
		}
		if len(req.Args) > 0 {
			var edit EditArgs
			_ = decode(req.Args, &edit)
		}
		printed, err := encode(req)
		if err != nil {
			t.Fatalf("print: %v", err)
		}
		again, err := parseRequest(printed)
		if err != nil {
			t.Fatalf("parse %q again: %v", printed, err)
		}
		reprinted, err := encode(again)
		if err != nil || !bytes.Equal(printed, reprinted) {
			t.Fatalf("printed %q, then %q, %v", printed, reprinted, err)
		}
	})
}

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	r := bufio.NewReader(strings.NewReader("one\n\n" + long + "\nhalf"))
	for _, want := range []string{"one", "", long} {
		if line, err := readLine(r); err != nil || string(line) != want {
			t.Fatalf("readLine = %.20q, %v; want %.20q", line, err, want)
		}
	}
	if _, err := readLine(r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a line that does not end: %v", err)
	}
	if _, err := readLine(r); !errors.Is(err, io.EOF) {
		t.Errorf("after the last line: %v", err)
	}
}

// endless is a line that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestLinesAreLimited(t *testing.T) {
	if _, err := readLine(bufio.NewReader(endless{})); !errors.Is(err, errTooLong) {
		t.Errorf("read an endless line: %v", err)
	}
	if _, err := encode(strings.Repeat("x", maxLine)); !errors.Is(err, errTooLong) {
		t.Errorf("write a line too long: %v", err)
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.name] {
			t.Errorf("kind %q stands twice", k.name)
		}
		seen[k.name] = true
		if got := Kind(k.err); got != k.name {
			t.Errorf("Kind(%v) = %q, want %q", k.err, got, k.name)
		}
		if err := errorOf(response{Error: "text", Kind: k.name}); !errors.Is(err, k.err) || err.Error() != "text" {
			t.Errorf("kind %q came back as %v", k.name, err)
		}
	}
	if err := errorOf(response{Error: "text", Kind: "of a later version"}); err.Error() != "text" {
		t.Errorf("an unknown kind came back as %v", err)
	}
}
