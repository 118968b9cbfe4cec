package lab

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Change is a line of "watch".
type Change struct {
	Time   int64  `json:"time"`
	Author string `json:"author"`
	At     int    `json:"at"`
	Delete int    `json:"delete"`
	Insert string `json:"insert"`
}

// Watch starts a watch and waits until it is in force.
func (h *Home) Watch(doc string) *Process {
	h.T.Helper()
	w := h.Start("watch", doc)
	if line := w.Err.Next(h.T); line != "watching" {
		h.T.Fatalf("%s: watch said %q", h.Name, line)
	}
	return w
}

// Replay makes the text to which the lines of a watch lead that began at text.
func Replay(text string, lines []string) (string, error) {
	runes := []rune(text)
	for i, line := range lines {
		var c Change
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return "", fmt.Errorf("line %d of watch, %q: %w", i, line, err)
		}
		if c.At < 0 || c.Delete < 0 || c.At+c.Delete > len(runes) {
			return "", fmt.Errorf("line %d of watch, %q, is outside of %d code points", i, line, len(runes))
		}
		runes = slices.Replace(runes, c.At, c.At+c.Delete, []rune(c.Insert)...)
	}
	return string(runes), nil
}
