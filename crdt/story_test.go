package crdt_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starling/crdt"
)

var update = flag.Bool("update", false, "write the golden files anew")

// story is what three people write on one morning, first together and then
// apart: Ann a letter, Ben and Cleo in it.
func story(t *testing.T) []*person {
	people := group(t, "ann", "ben", "cleo")
	ann, ben, cleo := people[0], people[1], people[2]
	at := func(p *person, clock string) {
		when, err := time.Parse(time.DateTime, "2026-05-01 "+clock+":00")
		if err != nil {
			t.Fatal(err)
		}
		p.clock = when.UTC()
	}
	share := func() {
		for range 2 {
			for _, p := range people {
				for _, from := range people {
					p.takeFrom(t, from)
				}
			}
		}
	}
	replace := func(p *person, old, with string) {
		before, _, ok := strings.Cut(p.text(t), old)
		if !ok {
			t.Fatalf("%s looks for %q in %q", p.name, old, p.text(t))
		}
		p.splice(t, len([]rune(before)), len([]rune(old)), with)
	}
	at(people[0], "09:00")
	ann.keys(t, "Dear Dora,\nthe roof leaks.\nYours, Ann\n")
	share()
	at(ben, "09:02")
	replace(ben, "leaks", "leaks again")
	share()
	at(ann, "09:03")
	replace(ann, ".\n", ".\nBring a bucket.\n")
	share()
	// Now Ben and Cleo are apart.
	at(ben, "09:30")
	replace(ben, "Bring a bucket.\n", "")
	replace(ben, "Dear", "My dear")
	at(cleo, "09:40")
	replace(cleo, "a bucket", "two buckets")
	out, err := cleo.NameVersion("with buckets", cleo.Now(), cleo.clock)
	cleo.did(t, out, err)
	share()
	// Ben takes back what he did first, not knowing that it's half gone.
	at(ben, "10:00")
	replace(ben, "Yours, Ann", "Yours, Ann and Ben")
	at(ben, "10:01")
	ben.undo(t)
	ben.undo(t)
	ben.undo(t)
	share()
	return people
}

// The story's history, authors and differences read as the files say.
func TestStory(t *testing.T) {
	people := story(t)
	ben := people[1]
	versions := ben.History()
	golden(t, "history", func(b *strings.Builder) {
		for _, v := range versions {
			fmt.Fprintf(b, "%.8s  %-8s %s-%s  %2d changes", v.ID, string(v.Author), clock(v.From), clock(v.To), v.Changes)
			if len(v.Names) > 0 {
				fmt.Fprintf(b, "  %q", v.Names)
			}
			b.WriteString("\n")
		}
	})
	golden(t, "texts", func(b *strings.Builder) {
		for _, v := range versions {
			text, err := ben.TextAt(v)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(b, "== %.8s %s\n%s", v.ID, string(v.Author), text)
		}
	})
	golden(t, "blame", func(b *strings.Builder) {
		lines, err := ben.Blame(ben.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			fmt.Fprintf(b, "last by %s\n", deed(l.Last))
			for _, q := range l.Pieces {
				fmt.Fprintf(b, "    %s\n", piece(q))
			}
		}
	})
	golden(t, "diffs", func(b *strings.Builder) {
		for _, v := range versions {
			before, err := ben.FindVersion(v.Before.String())
			if err != nil {
				t.Fatal(err)
			}
			pieces, err := ben.Diff(before, v)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(b, "== %.8s %s\n", v.ID, string(v.Author))
			for _, q := range pieces {
				fmt.Fprintf(b, "    %-8s %s\n", q.Fate, piece(q))
			}
		}
	})
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05") }

func deed(d crdt.Deed) string {
	s := fmt.Sprintf("%s %s", string(d.Actor), clock(d.To))
	if verb, _, ok := strings.Cut(d.Message, " "); ok {
		s += " (" + verb + ")"
	}
	return s
}

func piece(q crdt.Piece) string {
	s := fmt.Sprintf("%q by %s", q.Text, deed(q.Inserted))
	for _, d := range q.BroughtBack {
		s += ", brought back by " + deed(d)
	}
	for _, d := range q.Deleted {
		s += ", deleted by " + deed(d)
	}
	return s
}

func golden(t *testing.T, name string, write func(*strings.Builder)) {
	t.Helper()
	var b strings.Builder
	write(&b)
	path := filepath.Join("testdata", "story", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s is\n%s\nand should be\n%s", name, b.String(), want)
	}
}
