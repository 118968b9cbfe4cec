package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// maxLine is the longest line, in bytes, that either side writes or reads:
	// room for a text of 48 MB in base64.
	maxLine = 64 << 20
	// maxOp is the longest name of an operation in bytes.
	maxOp = 64
	// wireVersion is raised when an old client could no longer understand us.
	wireVersion = 1
	wireName    = "starling"
)

var (
	errTooLong    = errors.New("more than a line of the control socket can hold")
	errBadRequest = errors.New("not a request")
)

// hello is the server's first line.
type hello struct {
	Hello   string `json:"hello"`
	Version int    `json:"version"`
}

// request is the client's only line. Args is a JSON object or empty.
type request struct {
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args,omitempty"`
}

// response is a value, the end, or an error.
type response struct {
	Value json.RawMessage `json:"value,omitempty"`
	End   bool            `json:"end,omitempty"`
	Error string          `json:"error,omitempty"`
	Kind  string          `json:"kind,omitempty"`
}

// parseRequest reads one line without its newline.
func parseRequest(line []byte) (request, error) {
	var req request
	if err := decode(line, &req); err != nil {
		return request{}, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	if req.Op == "" || len(req.Op) > maxOp {
		return request{}, fmt.Errorf("%w: no operation", errBadRequest)
	}
	return req, nil
}

// decode reads one JSON value that fills line, with no field unknown to v.
func decode(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value in a line")
	}
	return nil
}

// encode writes v as one line, newline included.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if b.Len() > maxLine {
		return nil, errTooLong
	}
	return b.Bytes(), nil
}

// writeLine writes v as one line with a single call of Write.
func writeLine(w io.Writer, v any) error {
	line, err := encode(v)
	if err != nil {
		return err
	}
	_, err = w.Write(line)
	return err
}

// readLine returns the next line without its newline. A line that does not end
// is io.ErrUnexpectedEOF; nothing at all is io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, errTooLong
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
