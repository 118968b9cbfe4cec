package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"starling/app/control"
)

type (
	authorJSON struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Actor    string `json:"actor"`
		Imported bool   `json:"imported"`
	}
	versionJSON struct {
		ID      string     `json:"id"`
		From    time.Time  `json:"from"`
		To      time.Time  `json:"to"`
		Author  authorJSON `json:"author"`
		Changes int        `json:"changes"`
		Names   []string   `json:"names"`
		Before  string     `json:"before"`
	}
	deedJSON struct {
		Author  authorJSON `json:"author"`
		From    time.Time  `json:"from"`
		To      time.Time  `json:"to"`
		First   uint64     `json:"first"`
		Last    uint64     `json:"last"`
		Message string     `json:"message"`
	}
	pieceJSON struct {
		Fate        string     `json:"fate"`
		Text        string     `json:"text"`
		Inserted    deedJSON   `json:"inserted"`
		BroughtBack []deedJSON `json:"brought_back"`
		Deleted     []deedJSON `json:"deleted"`
	}
	diffJSON struct {
		ID     string      `json:"id"`
		A      string      `json:"a"`
		B      string      `json:"b"`
		Pieces []pieceJSON `json:"pieces"`
	}
	lineJSON struct {
		Last   deedJSON    `json:"last"`
		Pieces []pieceJSON `json:"pieces"`
	}
)

// An imported document has versions at once, since its authors are others.
func TestHistory(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"alone", "served"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			if mode == "served" {
				h.serve("Anna")
			}
			doc := h.must("--name", "Anna", "import", jsFixtures+"updatedText.automerge")
			h.must("edit", doc, "--at", "0", "--insert", "By Anna: ")
			testVersions(h, doc)
			testBlame(h, doc)
			testRestore(h, doc)
			testUndo(h, doc)
			testNoVersion(h, doc)
		})
	}
}

func testVersions(h *host, doc string) {
	t := h.t
	t.Helper()
	var versions []versionJSON
	h.json(&versions, "history", doc)
	if len(versions) < 3 {
		t.Fatalf("history gives %+v", versions)
	}
	first, last := versions[0], versions[len(versions)-1]
	if !first.Author.Imported || first.Author.ID != "" || !strings.HasPrefix(first.Author.Name, "imported ") {
		t.Errorf("an imported version is by %+v", first.Author)
	}
	if last.Author.Name != "Anna" || last.Author.ID != h.must("id") || last.Changes != 2 || last.Names == nil {
		t.Errorf("the last version is %+v", last)
	}
	rows := strings.Split(h.must("history", doc), "\n")
	if len(rows) != len(versions) {
		t.Fatalf("history prints %q", rows)
	}
	for i, row := range rows {
		if fields := strings.Split(row, "\t"); len(fields) != 4 || fields[0] != versions[i].ID || fields[1] != versions[i].To.Format(time.RFC3339) {
			t.Errorf("history prints %q for %+v", row, versions[i])
		}
	}

	text := h.run("cat", doc).out
	if at := h.run("cat", doc, "--at", last.ID[:10]).out; at != text {
		t.Errorf("the last version is %q, the text %q", at, text)
	}
	before := h.run("cat", doc, "--at", last.Before).out
	if "By Anna: "+before != text {
		t.Errorf("before it was %q", before)
	}
	var d diffJSON
	h.json(&d, "diff", doc, last.Before, "now")
	var from, to string
	for _, p := range d.Pieces {
		if p.Fate != "inserted" {
			from += p.Text
		}
		if p.Fate != "deleted" {
			to += p.Text
		}
		if p.Fate == "inserted" && (p.Text != "By Anna: " || p.Inserted.Author.Name != "Anna") {
			t.Errorf("inserted was %+v", p)
		}
	}
	if from != before || to != text || d.A != last.Before || d.B != last.ID {
		t.Errorf("diff gives %+v", d)
	}
	if out := h.must("diff", doc, last.Before, "now"); !strings.HasPrefix(out, "line 1\n+\tAnna\t2") || !strings.HasSuffix(out, "\tBy Anna: ") {
		t.Errorf("diff prints %q", out)
	}
	if out := h.must("diff", doc, "now", last.Before); !strings.Contains(out, "\n-\t") {
		t.Errorf("diff backwards prints %q", out)
	}
	if out := h.must("diff", doc, "now", "now"); out != "" {
		t.Errorf("diff of the same prints %q", out)
	}
}

func testBlame(h *host, doc string) {
	t := h.t
	t.Helper()
	text := h.run("cat", doc).out
	var lines []lineJSON
	h.json(&lines, "blame", doc)
	var all string
	for _, l := range lines {
		for _, p := range l.Pieces {
			all += p.Text
		}
	}
	if all != text || lines[0].Last.Author.Name != "Anna" || len(lines[0].Pieces) < 2 {
		t.Errorf("blame gives %+v of %q", lines, text)
	}
	out := strings.Split(h.must("blame", doc), "\n")
	first, _, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(out[0], "(imported 1), (imported 2), Anna\t") || !strings.HasSuffix(out[0], "\t1\t"+first) ||
		!strings.HasPrefix(out[1], "  Anna ") || !strings.HasSuffix(out[1], `"By Anna: "`) || !strings.HasPrefix(out[2], "  (imported ") {
		t.Errorf("blame prints %q", out)
	}
}

func testRestore(h *host, doc string) {
	t := h.t
	t.Helper()
	var versions []versionJSON
	h.json(&versions, "history", doc)
	last := versions[len(versions)-1]
	text, before := h.run("cat", doc).out, h.run("cat", doc, "--at", last.Before).out
	if out := h.must("name-version", doc, last.Before, "first draft"); out != "" {
		t.Errorf("name-version prints %q", out)
	}
	if out := h.must("history", doc); !strings.Contains(out, "first draft") {
		t.Errorf("after it was named, history prints %q", out)
	}
	if out := h.must("restore-version", doc, "first draft"); out != "" {
		t.Errorf("restore-version prints %q", out)
	}
	if got := h.run("cat", doc).out; got != before {
		t.Errorf("restored is %q, want %q", got, before)
	}
	if got := h.run("cat", doc, "--at", last.ID).out; got != text {
		t.Errorf("the version before has become %q", got)
	}
	h.must("undo", doc)
	if got := h.run("cat", doc).out; got != text {
		t.Errorf("after undo the text is %q, want %q", got, text)
	}
}

func testUndo(h *host, doc string) {
	t := h.t
	t.Helper()
	text := h.run("cat", doc).out
	h.must("edit", doc, "--at", "3", "--delete", "5", "--insert", "ANNA!")
	edited := h.run("cat", doc).out
	h.must("undo", doc)
	if got := h.run("cat", doc).out; got != text {
		t.Errorf("undo gives %q, want %q", got, text)
	}
	h.must("redo", doc)
	if got := h.run("cat", doc).out; got != edited {
		t.Errorf("redo gives %q, want %q", got, edited)
	}
	if r := h.run("redo", doc); r.code != 1 || !strings.Contains(r.err, "nothing to redo") {
		t.Errorf("redo without an undo: exit %d, %q", r.code, r.err)
	}
	for range 20 {
		if r := h.run("undo", doc); r.code != 0 {
			if !strings.Contains(r.err, "to undo") {
				t.Errorf("undo: exit %d, %q", r.code, r.err)
			}
			if got, want := h.run("cat", doc).out, fixtureText(t, "updatedText"); got != want {
				t.Errorf("with all undone the text is %q, want what others wrote, %q", got, want)
			}
			return
		}
	}
	t.Error("undo has no end")
}

func testNoVersion(h *host, doc string) {
	t := h.t
	t.Helper()
	for _, args := range []string{
		"cat DOC --at zzzz", "diff DOC zzzz now", "diff DOC now zzzz", "blame DOC --at zzzz",
		"restore-version DOC zzzz", "name-version DOC zzzz name",
	} {
		r := h.run(strings.Fields(strings.ReplaceAll(args, "DOC", doc))...)
		if r.code != 1 || r.out != "" || !strings.Contains(r.err, "starlingd history DOC") {
			t.Errorf("%s: exit %d, %q, %q", args, r.code, r.out, r.err)
		}
	}
	for _, command := range []string{"history", "blame", "undo", "redo"} {
		if r := h.run(command, "xyz"); r.code != 1 || r.out != "" || !strings.Contains(r.err, "starlingd doc list") {
			t.Errorf("%s of no document: exit %d, %q, %q", command, r.code, r.out, r.err)
		}
	}
	if r := h.run("name-version", doc, "now", "now"); r.code != 1 || !strings.Contains(r.err, "choose another") {
		t.Errorf("a version called now: exit %d, %q", r.code, r.err)
	}
}

// A name stays with its version unless it is to move.
func TestVersionNamesStay(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	doc := h.must("doc", "new", h.must("space", "new", "Notes"))
	h.must("edit", doc, "--at", "0", "--insert", "one")
	h.must("name-version", doc, "now", "draft")
	h.must("name-version", doc, "draft", "draft")
	h.must("edit", doc, "--at", "0", "--insert", "two ")
	if r := h.run("name-version", doc, "now", "draft"); r.code != 1 || !strings.Contains(r.err, "--move") {
		t.Errorf("another version is named so: exit %d, %q", r.code, r.err)
	}
	if got := h.must("cat", doc, "--at", "draft"); got != "one" {
		t.Errorf("the draft is %q", got)
	}
	h.must("name-version", doc, "now", "draft", "--move")
	if got := h.must("cat", doc, "--at", "draft"); got != "two one" {
		t.Errorf("after it was moved, the draft is %q", got)
	}
}

func TestBlameTellsWhoWroteFirst(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	by := func(name string) control.Deed { return control.Deed{Author: control.Author{Name: name}, To: at} }
	got := blame([]control.Line{
		{Last: by("Bob"), Pieces: []control.Piece{{Text: "back\n", Inserted: by("Ada"), BroughtBack: []control.Deed{by("Bob")}}}},
		{Last: by("Bob"), Pieces: []control.Piece{{Text: "own", Inserted: by("Bob")}}},
	})
	want := []string{
		"Ada, brought back by Bob\t2026-11-22T12:00:00Z\t1\tback",
		"Bob                     \t2026-11-22T12:00:00Z\t2\town",
	}
	if !slices.Equal(got, want) {
		t.Errorf("blame is %q, want %q", got, want)
	}
}

// Who presses Enter behind another's line has not written that line.
func TestBlameGivesALineToWhoWroteItsLetters(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	by := func(name string, minute int) control.Deed {
		return control.Deed{Author: control.Author{Name: name}, To: at.Add(time.Duration(minute) * time.Minute)}
	}
	piece := func(name string, minute int, text string) control.Piece {
		return control.Piece{Text: text, Inserted: by(name, minute)}
	}
	got := blame([]control.Line{
		{Last: by("Dai", 2), Pieces: []control.Piece{piece("Anna", 1, "Anna wrote this line."), piece("Dai", 2, "\n")}},
		{Last: by("Dai", 2), Pieces: []control.Piece{piece("Dai", 2, "\n")}},
		{Last: by("Dai", 5), Pieces: []control.Piece{
			piece("Anna", 1, "one "), piece("Dai", 5, "two three "), piece("Anna", 1, "four"), piece("Bob", 3, "\n"),
		}},
	})
	want := []string{
		"Anna     \t2026-11-22T12:01:00Z\t1\tAnna wrote this line.",
		"Dai      \t2026-11-22T12:02:00Z\t2\t",
		"Dai, Anna\t2026-11-22T12:05:00Z\t3\tone two three four",
		"  Anna   \t2026-11-22T12:01:00Z\t \t\"one \"",
		"  Dai    \t2026-11-22T12:05:00Z\t \t\"two three \"",
		"  Anna   \t2026-11-22T12:01:00Z\t \t\"four\"",
	}
	if !slices.Equal(got, want) {
		t.Errorf("blame is %q, want %q", got, want)
	}
}

func TestVerdictsAreShort(t *testing.T) {
	t.Parallel()
	many := slices.Repeat([]string{strings.Repeat("wrong ", 50)}, 20)
	for _, v := range []control.Verified{
		{ID: strings.Repeat("a", 32), Title: strings.Repeat("é", 200), Problems: many, Notes: many},
		{ID: strings.Repeat("a", 32), Title: strings.Repeat("é", 200), Notes: many},
	} {
		got := verdict(v)
		if n := len([]rune(got)); n > 220 {
			t.Errorf("%d characters: %s", n, got)
		}
		if len(v.Problems) > 0 && !strings.Contains(got, "20 problems: connect to") {
			t.Errorf("says nothing of what to do: %s", got)
		}
	}
}

func TestTellsDifferences(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	by := func(name string) control.Deed { return control.Deed{Author: control.Author{Name: name}, To: at} }
	got := difference([]control.Piece{
		{Fate: "same", Text: "one\nThe "},
		{Fate: "deleted", Text: "slow", Inserted: by("Bo"), Deleted: []control.Deed{by("Anna"), by("Bo"), by("Anna")}},
		{Fate: "inserted", Text: "quick\nfox\n", Inserted: by("Anna")},
		{Fate: "same", Text: "jumps"},
		{Fate: "inserted", Text: "\x1b[31m", Inserted: by("Zoë"), BroughtBack: []control.Deed{by("Bo")}},
	})
	want := []string{
		`line 2, after "The "`,
		"-\tAnna, Bo               \t2026-11-22T12:00:00Z\tslow",
		"+\tAnna                   \t2026-11-22T12:00:00Z\tquick⏎",
		"+\t                       \t                    \tfox⏎",
		`line 4, after "jumps"`,
		"+\tZoë, brought back by Bo\t2026-11-22T12:00:00Z\t\ufffd[31m",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("the difference is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestVisibleTextCommandsNothing(t *testing.T) {
	t.Parallel()
	got := visible("a\tb\x1b[2J\u202e👩‍👧 é\u00a0\r")
	if want := "a b\ufffd[2J\ufffd👩‍👧 é\u00a0\ufffd"; got != want {
		t.Errorf("visible = %q, want %q", got, want)
	}
}
