package memory

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode"

	"starling/crdt"
	"starling/crdt/store"
)

// docText is what was last told of a document, and how: folded.
type docText struct{ title, body string }

// SetText tells the title and the current text of a document, and what it has.
func (s *Store) SetText(doc crdt.DocID, holds crdt.Vector, title, text string) {
	holds = holds.Clone()
	s.writer.add(job{run: func(t *txn) error {
		d := t.own(doc)
		if d == nil {
			return store.ErrNoDocument
		}
		d.putText(store.Text{Holds: holds, Title: title, Body: text})
		return nil
	}})
}

func (d *document) putText(t store.Text) {
	d.title = cleanText(t.Title)
	d.text = &docText{d.title, cleanText(t.Body)}
	if t.Holds.Covers(d.vector()) {
		d.unindexed = false
	}
}

// Unindexed lists the documents with changes that their text lacks, the one
// changed last first, without those that are behind.
func (s *Store) Unindexed(ctx context.Context) ([]crdt.DocID, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("list documents that the search lacks changes of: %w", err)
	}
	return idsOf(i.list(
		func(d *document) bool { return d.unindexed && d.behind == nil },
		func(a, b *document) int { return cmp.Or(b.updated.Compare(a.updated), cmp.Compare(b.num, a.num)) },
	)), nil
}

// Search finds the documents that hold every word of query; the last word may be
// the start of one. A snippet is the whole text.
func (s *Store) Search(ctx context.Context, query string, limit int) (hits []store.Hit, behind int, err error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	behind = len(i.list(func(d *document) bool { return d.behind != nil }, byNum))
	words := wordsOf(query[:min(len(query), 1000)])
	if len(words) == 0 || limit <= 0 {
		return nil, behind, nil
	}
	found := i.list(
		func(d *document) bool { return d.text != nil && matches(words, d.text.title+" "+d.text.body) },
		func(a, b *document) int {
			return cmp.Or(cmp.Compare(inTitle(words, b), inTitle(words, a)), byNum(a, b))
		},
	)
	for _, d := range found[:min(limit, len(found))] {
		hits = append(hits, store.Hit{Doc: d.id, Space: d.space, Title: d.title, Snippet: marked(words, d.text.body)})
	}
	return hits, behind, nil
}

func inTitle(words []string, d *document) int {
	if matches(words, d.text.title) {
		return 1
	}
	return 0
}

// matches reports whether a text has all words.
func matches(words []string, text string) bool {
	of := wordsOf(text)
	for i, want := range words {
		found := false
		for _, word := range of {
			found = found || word == want || i == len(words)-1 && strings.HasPrefix(word, want)
		}
		if !found {
			return false
		}
	}
	return true
}

// marked is a text with marks around each word that matches.
func marked(words []string, text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := strings.IndexFunc(text, outside)
		switch {
		case n < 0:
			n = len(text)
		case n == 0:
			r := []rune(text[:min(len(text), 4)])[0]
			b.WriteRune(r)
			text = text[len(string(r)):]
			continue
		}
		word := text[:n]
		text = text[n:]
		hit := false
		for i := range words {
			hit = hit || matches(words[i:i+1], word) && (i == len(words)-1 || fold(word) == words[i])
		}
		if hit {
			word = store.MarkOn + word + store.MarkOff
		}
		b.WriteString(word)
	}
	return b.String()
}

func wordsOf(s string) []string { return strings.FieldsFunc(fold(s), outside) }

func outside(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co) }

const (
	accented = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
	plain    = "aaaaaaceeeeiiiinooooouuuuyy"
)

// fold makes upper and lower case, and Latin-1's accents, alike.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		for i, a := range []rune(accented) {
			if r == a {
				return rune(plain[i])
			}
		}
		return r
	}, s)
}
