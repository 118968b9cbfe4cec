package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// testText stores a document with its text: it is found and listed, and the search
// lacks nothing of it as long as nothing else comes.
func testText(t *testing.T, open Open) {
	s := opened(t, open)
	a, b := NewAuthor("a", 1), NewAuthor("b", 2)
	unindexed := func(want ...crdt.DocID) {
		t.Helper()
		got, err := s.Unindexed(t.Context())
		ok(t, err)
		equal(t, "documents that the search lacks changes of", got, want)
	}
	first := store.Entry{
		Doc: ID(1), Space: Key(1), Changes: a.Take(2),
		Text: &store.Text{Holds: crdt.Vector{"a": a.Tip}, Title: "Birds\x00", Body: "a starling sings"},
	}
	must(t, s, first)
	unindexed()
	d, err := s.Document(t.Context(), ID(1))
	ok(t, err)
	equal(t, "title", d.Title, "Birds\uFFFD")
	hits, _, err := s.Search(t.Context(), "starling", 9)
	ok(t, err)
	equal(t, "hits", len(hits), 1)

	// Something has come that the text lacks.
	second := store.Entry{Doc: ID(1), Space: Key(1), Changes: b.Take(1), Text: first.Text}
	must(t, s, second)
	unindexed(ID(1))
	third := store.Entry{
		Doc: ID(1), Space: Key(1), Changes: b.Take(1),
		Text: &store.Text{Holds: crdt.Vector{"a": a.Tip, "b": b.Tip}, Title: "Birds", Body: "a finch sings"},
	}
	must(t, s, third)
	unindexed()
	hits, _, err = s.Search(t.Context(), "starling", 9)
	ok(t, err)
	equal(t, "hits", len(hits), 0)
}

func testSearch(t *testing.T, open Open) {
	s := opened(t, open)
	texts := []struct{ title, text string }{
		{"Birds", "The starling sings in the café, says Zoë."},
		{"Starlings in winter", "They flock at dusk."},
		{"日本語", "鳥 が 歌う"},
		{"Nothing", "o'clock \"quoted\" NEAR(a b) -minus star*"},
	}
	for i, text := range texts {
		must(t, s, store.Entry{Doc: ID(i), Space: Key(i)})
		s.SetText(ID(i), nil, "old", "old words")
		s.SetText(ID(i), nil, text.title, text.text)
	}
	s.SetText(ID(99), nil, "unknown", "starling") // passed over
	ok(t, s.Flush(t.Context()))
	tests := []struct {
		query string
		limit int
		want  []int
	}{
		{"starling", 9, []int{1, 0}},
		{"starling", 1, []int{1}},
		{"STAR", 9, []int{1, 3, 0}},
		{"sings cafe", 9, []int{0}},
		{"zoe", 9, []int{0}},
		{"cafe starl", 9, []int{0}},
		{"star sings", 9, nil}, // only the last word may be a start
		{"鳥", 9, []int{2}},
		{"old", 9, nil},
		{"near(a", 9, []int{3}},
		{"", 9, nil},
		{"starling", 0, nil},
	}
	for _, test := range tests {
		hits, _, err := s.Search(t.Context(), test.query, test.limit)
		ok(t, err)
		var got []int
		for _, h := range hits {
			i := slices.IndexFunc(texts, func(x struct{ title, text string }) bool { return x.title == h.Title })
			got = append(got, i)
			if h.Doc != ID(i) || h.Space != Key(i) {
				t.Errorf("%q: %+v", test.query, h)
			}
		}
		slices.Sort(got)
		slices.Sort(test.want)
		equal(t, fmt.Sprintf("hits of %q", test.query), got, test.want)
	}
	hits, _, err := s.Search(t.Context(), "starling", 9)
	ok(t, err)
	if hits[0].Doc != ID(1) || !strings.Contains(hits[1].Snippet, store.MarkOn+"starling"+store.MarkOff) {
		t.Errorf("title first, with a snippet: %q", hits)
	}
}

func testHostileSearch(t *testing.T, open Open) {
	s := opened(t, open)
	must(t, s, store.Entry{Doc: ID(1)})
	s.SetText(ID(1), nil, "T\x00\xff", "one two\x00three \xc3\x28 four")
	ok(t, s.Flush(t.Context()))
	for _, q := range []string{
		`"`, `""`, `"one`, `one"`, `*`, `one*`, `^one`, `one AND`, `AND`, `OR OR`, `NOT one`, `NEAR(`, `NEAR(one two, 5)`,
		`title:one`, `{title body}: one`, `one + two`, `(one`, `one)`, `-one`, `'; DROP TABLE changes; --`,
		"one\x00two", "\xff\xfe", "\u200b", "🙂", `\`, `%`, `_`, strings.Repeat("one ", 5000), strings.Repeat("x", 1<<16),
		strings.Repeat(`"`, 999), "e\u0301", "\u0301", strings.Repeat("é", 700),
	} {
		if _, _, err := s.Search(t.Context(), q, 10); err != nil {
			t.Errorf("%.40q: %v", q, err)
		}
	}
	for _, q := range []string{"three", "four", `"one" two`, "one\x00two", strings.Repeat("one ", 5000)} {
		if hits, _, err := s.Search(t.Context(), q, 10); err != nil || len(hits) != 1 {
			t.Errorf("%.40q: %d hits, %v", q, len(hits), err)
		}
	}
}

func testRecords(t *testing.T, open Open) {
	home := t.TempDir()
	s := open(t, home)
	ctx := t.Context()
	at := time.Unix(1700000000, 123456789)
	spaces := []store.Space{
		{ID: Key(2), Name: "Two", Secrets: [][]byte{{1, 2}, {5}, {4}}, Joined: at},
		{ID: Key(1), Name: "One", Secrets: [][]byte{{3}}, Joined: at.Add(time.Second), Left: true},
		{ID: Key(0), Name: "None", Joined: at.Add(time.Minute)},
	}
	for _, sp := range spaces {
		ok(t, s.PutSpace(ctx, store.Space{ID: sp.ID, Name: "before", Secrets: [][]byte{{9}, {8}, {7}, {6}}}))
		ok(t, s.PutSpace(ctx, sp))
	}
	statements := []store.Statement{{Hash: Key(5), Bytes: []byte("a")}, {Hash: Key(4), Bytes: []byte("b")}}
	ok(t, s.PutStatements(ctx, Key(1), statements[:1]))
	ok(t, s.PutStatements(ctx, Key(1), statements))
	people := []store.Person{
		{Device: Key(1), Name: "Ann", Colour: "#112233", Paired: true, Address: "[::1]:4", Typed: "host:4", Seen: at, Consent: []byte("yes"), Same: true},
		{Device: Key(2)},
	}
	for _, p := range slices.Backward(people) {
		ok(t, s.PutPerson(ctx, store.Person{Device: p.Device, Name: "before", Consent: []byte{1}, Same: true}))
		ok(t, s.PutPerson(ctx, p))
	}
	ok(t, s.Set(ctx, "k", []byte("v")))
	ok(t, s.Set(ctx, "empty", []byte{}))
	ok(t, s.Set(ctx, "gone", []byte("v")))
	ok(t, s.Set(ctx, "gone", nil))
	asides := []store.Aside{
		{Kind: "message", Doc: ID(1), Device: Key(3), Reason: "too long", Bytes: []byte("x"), At: at},
		{Kind: "change", Reason: "other", Bytes: []byte("x")},
	}
	for _, a := range append(asides, asides[0]) {
		ok(t, s.SetAside(ctx, a))
	}

	check := func() {
		t.Helper()
		gotSpaces, err := s.Spaces(ctx)
		ok(t, err)
		equal(t, "spaces", gotSpaces, spaces)
		gotStatements, err := s.Statements(ctx, Key(1))
		ok(t, err)
		equal(t, "statements", gotStatements, statements)
		none, err := s.Statements(ctx, Key(2))
		ok(t, err)
		equal(t, "statements of another space", none, []store.Statement{})
		gotPeople, err := s.People(ctx)
		ok(t, err)
		equal(t, "people", gotPeople, people)
		gotAsides, err := s.Asides(ctx)
		ok(t, err)
		equal(t, "things set aside", gotAsides, asides)
		for key, want := range map[string][]byte{"k": []byte("v"), "empty": {}, "gone": nil, "never": nil} {
			got, err := s.Get(ctx, key)
			ok(t, err)
			if string(got) != string(want) || (got == nil) != (want == nil) {
				t.Errorf("setting %q: %q, want %q", key, got, want)
			}
		}
	}
	check()
	ok(t, s.Close())
	s = open(t, home)
	check()
	ok(t, s.Close())
}
