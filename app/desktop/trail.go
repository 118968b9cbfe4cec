package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"starling/crdt"
)

const (
	// trailFile lies in the home and holds where one was.
	trailFile = "places.json"
	// trailPause is the least time between two writings of it.
	trailPause = 3 * time.Second
	// trailMost is of how many documents the place is kept: those that were open
	// last.
	trailMost = 500
	// hintLength is how much of the text before and behind a place is kept, in
	// code points, to find it again in a text that has changed.
	hintLength = 32
	// hintReach is how far from where it was it is looked for, in bytes.
	hintReach = 1 << 20
)

// spot is where in a document one was: the caret, in code points, and the text
// around it.
type spot struct {
	Doc           string
	Caret         int
	Before, After string
	View          *view `json:",omitempty"` // nil if there was none
}

// view is what one saw of a text: the first row started Above code points before
// the caret, or behind it, below 0. In a view of another size that row says
// little.
type view struct {
	Above         int
	Width, Height int
}

// spotAt describes a place of a text.
func spotAt(text string, caret int) spot {
	at := len(slice(text, 0, caret))
	from, to := at, at
	for range hintLength {
		_, before := utf8.DecodeLastRuneInString(text[:from])
		_, after := utf8.DecodeRuneInString(text[to:])
		from, to = from-before, to+after
	}
	return spot{Caret: caret, Before: text[from:at], After: text[at:to]}
}

// in finds the place in what has become of the text: where both what was before
// and what was behind it are, nearest to where it was, or else one of the two.
func (s spot) in(text string) int {
	at := len(slice(text, 0, max(s.Caret, 0)))
	found := -1
	for _, hint := range [][2]string{{s.Before, s.After}, {s.Before, ""}, {"", s.After}} {
		if hint[0]+hint[1] != "" || s.Before+s.After == "" {
			found = nearest(text, hint[0]+hint[1], at-len(hint[0]))
		}
		if found >= 0 {
			found += len(hint[0])
			break
		}
	}
	if found < 0 {
		found = at
	}
	return utf8.RuneCountInString(text[:found])
}

// nearest is the place of a part in a text that is nearest to a place, all in
// bytes; -1 if it is not within reach.
func nearest(text, part string, at int) int {
	at = min(max(at, 0), len(text))
	low, high := max(at-hintReach, 0), min(at+len(part)+hintReach, len(text))
	before := strings.LastIndex(text[low:min(at+len(part), len(text))], part)
	if before >= 0 {
		before += low
	}
	after := strings.Index(text[at:high], part)
	if after >= 0 {
		after += at
	}
	if before < 0 || after >= 0 && after-at < at-before {
		return after
	}
	return before
}

// trail remembers where in which document one was, and which was open, beyond
// the program's end. Any goroutine may use it; only run touches the disk.
type trail struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex
	kept  trailed
	here  func() spot // where one is now, nil if nothing has changed
	dirty bool
}

// trailed is what the file holds.
type trailed struct {
	Open  string // the document that was open last
	Spots []spot // the latest last
}

// readTrail reads it from a home. err says why it is empty, if that is worth
// saying.
func readTrail(home string, log *slog.Logger) (*trail, error) {
	t := &trail{path: filepath.Join(home, trailFile), log: log}
	data, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &t.kept)
	}
	if err != nil {
		t.kept = trailed{}
		return t, fmt.Errorf("read %s: %w", trailFile, err)
	}
	t.kept.Spots = t.kept.Spots[max(len(t.kept.Spots)-trailMost, 0):]
	return t, nil
}

// note remembers that one is in a document; here tells where. It is called once
// at most, soon, on another goroutine.
func (t *trail) note(doc crdt.DocID, here func() spot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept.Open, t.dirty = doc.String(), true
	t.here = func() spot {
		s := here()
		s.Doc = doc.String()
		return s
	}
}

// leave remembers where one was in a document that is put away.
func (t *trail) leave(doc crdt.DocID, s spot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Doc = doc.String()
	t.here, t.dirty = nil, true
	t.put(s)
}

func (t *trail) put(s spot) {
	t.kept.Spots = slices.DeleteFunc(t.kept.Spots, func(o spot) bool { return o.Doc == s.Doc })
	t.kept.Spots = append(t.kept.Spots, s)
	t.kept.Spots = slices.Delete(t.kept.Spots, 0, max(len(t.kept.Spots)-trailMost, 0))
}

// of is where one was in a document.
func (t *trail) of(doc crdt.DocID) (spot, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.kept.Spots, func(s spot) bool { return s.Doc == doc.String() })
	if i < 0 {
		return spot{}, false
	}
	return t.kept.Spots[i], true
}

// opened says whether a document is the one that was open last.
func (t *trail) opened(doc crdt.DocID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept.Open == doc.String()
}

// run writes what has changed, calmly, until the context ends, and then once
// more.
func (t *trail) run(ctx context.Context) {
	ticker := time.NewTicker(trailPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			t.write()
			return
		case <-ticker.C:
			t.write()
		}
	}
}

// write brings the file up to date.
func (t *trail) write() {
	t.mu.Lock()
	here, dirty, open := t.here, t.dirty, t.kept.Open
	t.here, t.dirty = nil, false
	t.mu.Unlock()
	if !dirty {
		return
	}
	var now spot
	if here != nil {
		now = here() // reads a text, which may be long
	}
	t.mu.Lock()
	if here != nil && t.kept.Open == open {
		t.put(now)
	}
	data, err := json.Marshal(t.kept)
	t.mu.Unlock()
	if err == nil {
		err = replaceFile(t.path, append(data, '\n'))
	}
	if err != nil {
		t.log.Warn("where you are is not kept", "err", err)
	}
}
