package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"starling/crdt"
)

// texts holds the newest text of each document that the writer has yet to
// write, so that a burst of them costs one.
type texts struct {
	mu      sync.Mutex
	pending map[crdt.DocID]docText
}

type docText struct {
	holds       crdt.Vector // what the text has
	title, body string
}

// put notes a text and reports whether another one waited already.
func (t *texts) put(doc crdt.DocID, text docText) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending == nil {
		t.pending = map[crdt.DocID]docText{}
	}
	_, waits := t.pending[doc]
	t.pending[doc] = text
	return waits
}

func (t *texts) take(doc crdt.DocID) *docText {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.pending[doc]
	delete(t.pending, doc)
	return &text
}

// SetText tells the title and the current text of a document, for lists and
// search, and the changes that it has. It is queued like an entry; of several that wait only the last is
// written. Writing takes time in proportion to the text, so the caller should
// not tell of each key. A failure is logged; an unknown document is one.
func (s *Store) SetText(doc crdt.DocID, holds crdt.Vector, title, text string) {
	if s.texts.put(doc, docText{holds.Clone(), cleanText(title), cleanText(text)}) {
		return
	}
	var taken *docText // kept over a second attempt
	s.writer.add(job{
		size: int64(len(text)) * 2,
		plain: func(t *txn) (refused, failed error) {
			if taken == nil {
				taken = s.texts.take(doc)
			}
			return t.writeText(doc, *taken)
		},
		done: func(err error) {
			if err != nil {
				s.log.Error("store the text of a document", "doc", doc, "error", err)
			}
		},
	})
}

func (t *txn) writeText(doc crdt.DocID, text docText) (refused, failed error) {
	d, err := t.doc(doc)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return ErrNoDocument, nil
	}
	return nil, t.putText(d, text)
}

func (t *txn) putText(d *docState, text docText) error {
	if d.title != text.title {
		t.keep(d)
		d.title, d.dirty = text.title, true
	}
	_, err := t.conn.exec(`INSERT INTO texts (doc, title, body) VALUES (?, ?, ?)
		ON CONFLICT (doc) DO UPDATE SET title = excluded.title, body = excluded.body
		WHERE title <> excluded.title OR body <> excluded.body`, d.num, text.title, text.body)
	if err != nil {
		return err
	}
	return t.indexed(d, text.holds)
}

// cleanText makes a text fit for SQLite, whose functions stop at a NUL.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Hit is a document that a search found.
type Hit struct {
	Doc   crdt.DocID
	Space [32]byte
	Title string
	// Snippet is a piece of the text around what was found, with [MarkOn] and
	// [MarkOff] around each word that matches and … where the text goes on. It
	// is the start of the text, and has no marks, if nothing matches in the
	// first 256 KiB.
	Snippet string
}

// MarkOn and MarkOff stand around what matches in a snippet.
const (
	MarkOn  = "\x02"
	MarkOff = "\x03"
)

// The most of a query that is looked at.
const (
	maxQueryBytes = 1000
	maxQueryWords = 16
)

// Search finds the documents that hold every word of query in title or text,
// words in the title first; the last word may be the start of one. Upper and
// lower case and accents are alike. Any text is a query: signs between words
// mean nothing, and one without words finds nothing. behind is how many
// documents have newer changes than the text that was searched.
func (s *Store) Search(ctx context.Context, query string, limit int) (hits []Hit, behind int, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM unchecked").Scan(&behind)
		if err != nil {
			return explain(err)
		}
		hits, err = find(ctx, tx, query, limit)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	return hits, behind, nil
}

func find(ctx context.Context, tx *sql.Tx, query string, limit int) ([]Hit, error) {
	words := wordsOf(query)
	if len(words) == 0 || limit <= 0 {
		return nil, nil
	}
	const find = `SELECT d.num, d.id, d.space, d.title
		FROM search JOIN documents d ON d.num = search.rowid
		WHERE search MATCH ? AND search.rank MATCH 'bm25(10.0, 1.0)'
		ORDER BY search.rank LIMIT ?`
	var hits []Hit
	var nums []int64
	err := readEach(ctx, tx, find, []any{matchOf(words), limit}, func(rows *sql.Rows) error {
		var h Hit
		var num int64
		var id, space sql.RawBytes
		if err := rows.Scan(&num, &id, &space, &h.Title); err != nil {
			return err
		}
		err := errors.Join(fixed(h.Doc[:], id), fixed(h.Space[:], space))
		hits, nums = append(hits, h), append(nums, num)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Only what is shown pays for its snippet.
	m := newMatcher(words)
	for i, num := range nums {
		if hits[i].Snippet, err = readSnippet(ctx, tx, num, m); err != nil {
			return nil, err
		}
	}
	return hits, nil
}

// readSnippet makes the snippet of a document from the start of its text.
func readSnippet(ctx context.Context, tx *sql.Tx, num int64, m *matcher) (snippet string, err error) {
	const query = "SELECT substr(CAST(body AS BLOB), 1, ?) FROM texts WHERE doc = ?"
	err = readEach(ctx, tx, query, []any{snippetRead + 1, num}, func(rows *sql.Rows) error {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		snippet = m.snippet(whole(body, snippetRead))
		return nil
	})
	return snippet, err
}

// whole returns the letters that are whole in the first limit bytes of a text,
// and whether it goes on.
func whole(text []byte, limit int) (start string, cut bool) {
	if len(text) <= limit {
		return string(text), false
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return string(text[:limit]), true
}

// wordsOf splits what a person typed.
func wordsOf(query string) []string {
	if len(query) > maxQueryBytes {
		query = query[:maxQueryBytes]
	}
	words := strings.FieldsFunc(query, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co)
	})
	return words[:min(len(words), maxQueryWords)]
}

// matchOf turns words into an FTS5 expression
// (sqlite.org/fts5.html#full_text_query_syntax): each in quotes, the last one
// as a prefix.
func matchOf(words []string) string {
	return fmt.Sprintf(`"%s"*`, strings.Join(words, `" "`))
}
