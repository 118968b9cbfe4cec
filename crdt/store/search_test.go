package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"starling/crdt"
)

// A search for common words in a long text takes milliseconds, not minutes:
// nothing in it takes the square of the number of matches.
func TestSearchCommonWords(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	const size = 1 << 17
	for i, text := range []string{
		"a ",
		"a b c d e f g h ",
		"as be cd de ef fg gh hi ab ac ad ",
		"a",
		"a b c d e f g h" + strings.Repeat("-", 200),
		"á\u0301b ",
		"कि",
	} {
		doc := crdt.DocID{byte(i)}
		s.Submit(Entry{Doc: doc})
		s.SetText(doc, nil, "Title", strings.Repeat(text, size/len(text)))
	}
	flushHere(t, s)
	for query, want := range map[string]int{
		"a":                            6,
		"a b c d e f g h":              2,
		"a a a a a a a a a a a a a":    3,
		strings.Repeat("b a ", 8):      2,
		"as be cd de ef fg gh hi":      1,
		strings.Repeat("कि", 20):       1,
		"कि" + strings.Repeat(" क", 9): 1,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		hits, _, err := s.Search(ctx, query, 20)
		cancel()
		if err != nil || len(hits) != want {
			t.Errorf("%q: %d hits, want %d, %v", query, len(hits), want, err)
		}
		for _, h := range hits {
			if h.Snippet == "" || len(h.Snippet) > 500 {
				t.Errorf("%q in %x: a snippet of %d bytes", query, h.Doc[0], len(h.Snippet))
			}
		}
	}
}

// The text of a snippet is read no further than 256 KiB.
func TestSearchFarInText(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	s.Submit(Entry{Doc: doc})
	fill := func(n int) string { return strings.Repeat("é", n/2) + " " }
	s.SetText(doc, nil, "Title", "Start "+fill(100<<10)+"near "+fill(100<<10)+fill(100<<10)+"far")
	flushHere(t, s)
	for query, want := range map[string]string{
		"near":  "…" + strings.Repeat("é", 98) + " [near] " + strings.Repeat("é", 99) + "…",
		"far":   "Start " + strings.Repeat("é", 197) + "…",
		"title": "Start " + strings.Repeat("é", 197) + "…",
	} {
		hits, _, err := s.Search(t.Context(), query, 1)
		if err != nil || len(hits) != 1 {
			t.Fatalf("%q: %d hits, %v", query, len(hits), err)
		}
		if got := brackets.Replace(hits[0].Snippet); got != want {
			t.Errorf("%q:\n got %q\nwant %q", query, got, want)
		}
	}
}
