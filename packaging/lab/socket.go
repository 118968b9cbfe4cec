package lab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Edit makes one change as "starlingd edit" does, but over the control socket
// itself, without a process for each. It is committed when nil returns. Unlike
// the command it never opens the store: without a running peer it fails.
func (h *Home) Edit(doc string, at, remove int, insert string) error {
	return h.ask("edit", map[string]any{"doc": doc, "at": at, "delete": remove, "insert": []byte(insert)}, nil)
}

// Text is a document's text, as "starlingd cat" prints it.
func (h *Home) Text(doc string) (string, error) {
	var content struct {
		Text []byte `json:"text"`
	}
	err := h.ask("cat", map[string]any{"doc": doc}, &content)
	return string(content.Text), err
}

// Neighbours is what "starlingd peers" lists, by name.
func (h *Home) Neighbours() (map[string]Neighbour, error) {
	var list []Neighbour
	err := h.ask("peers", nil, &list)
	return named(list), err
}

// answer is any line of the server's.
type answer struct {
	Hello string          `json:"hello"`
	Value json.RawMessage `json:"value"`
	End   bool            `json:"end"`
	Error string          `json:"error"`
}

// ask sends a request, reads its value into a pointer that may be nil, and waits
// for its end; package control tells the protocol.
func (h *Home) ask(op string, args, value any) error {
	path, err := os.ReadFile(filepath.Join(h.Dir, "socket"))
	if err != nil {
		return fmt.Errorf("ask to %s: %w", op, err)
	}
	conn, err := net.Dial("unix", strings.TrimSpace(string(path)))
	if err != nil {
		return fmt.Errorf("ask to %s: %w", op, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(Soon)); err != nil {
		return fmt.Errorf("ask to %s: %w", op, err)
	}
	in := json.NewDecoder(bufio.NewReader(conn))
	var hello answer
	if err := in.Decode(&hello); err != nil {
		return fmt.Errorf("ask to %s: greet: %w", op, err)
	}
	request := map[string]any{"op": op}
	if args != nil {
		request["args"] = args
	}
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		return fmt.Errorf("ask to %s: %w", op, err)
	}
	for {
		var a answer
		if err := in.Decode(&a); err != nil {
			return fmt.Errorf("ask to %s: %w", op, err)
		}
		if a.Error != "" {
			return errors.Join(ErrRefused, fmt.Errorf("ask to %s: %s", op, a.Error))
		}
		if a.End {
			return nil
		}
		if a.Value != nil && value != nil {
			if err := json.Unmarshal(a.Value, value); err != nil {
				return fmt.Errorf("ask to %s: %w", op, err)
			}
		}
	}
}

// ErrRefused says that the peer answered with an error, rather than not at all.
var ErrRefused = errors.New("the peer refused")
