package history

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"starling/crdt/graph"
	"starling/crdt/opid"
)

// book is a graph that is filled by name: each change has one operation.
type book struct {
	t     *testing.T
	names *opid.Actors
	g     *graph.Graph
}

func newBook(t *testing.T) *book {
	names := threeActors()
	return &book{t, names, graph.New(names)}
}

// add notes a change of an actor at a time, on top of some others or else of all.
func (b *book) add(actor uint32, at int64, message string, deps ...int) int {
	b.t.Helper()
	if deps == nil {
		deps = b.g.Heads()
	}
	c := graph.Change{Actor: actor, Seq: b.g.Last(actor) + 1, First: 1, Time: at, Message: message}
	for _, d := range deps {
		c.Deps, c.First = append(c.Deps, uint32(d)), max(c.First, b.g.MaxOp(d)+1)
	}
	c.Last = c.First
	i, err := b.g.AddMeta(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

func (b *book) list(o Options) string {
	var out []string
	for _, v := range Versions(b.g, b.names, o) {
		_, first := b.g.Author(v.First)
		_, last := b.g.Author(v.Last)
		out = append(out, fmt.Sprintf("%s %d-%d (%d)", b.names.Name(v.Actor), first, last, v.Changes))
	}
	return strings.Join(out, ", ")
}

// Changes are grouped by the pauses of their actor.
func TestVersions(t *testing.T) {
	aside := func(m string) bool { return m == "aside" }
	tests := []struct {
		name string
		do   func(*book)
		o    Options
		want string
	}{
		{"none", func(*book) {}, Options{}, ""},
		{"a pause of five minutes and one of more", func(b *book) {
			b.add(ann, 0, "")
			b.add(ann, 300, "")
			b.add(ann, 601, "")
		}, Options{}, "ann 1-2 (2), ann 3-3 (1)"},
		{"half an hour at most", func(b *book) {
			for at := range int64(10) {
				b.add(ann, at*250, "")
			}
		}, Options{}, "ann 1-8 (8), ann 9-10 (2)"},
		{"some changes at most", func(b *book) {
			for range 5 {
				b.add(ann, 0, "")
			}
		}, Options{Most: 2}, "ann 1-2 (2), ann 3-4 (2), ann 5-5 (1)"},
		{"a clock set back", func(b *book) {
			b.add(ann, 1000, "")
			b.add(ann, 990, "")
			b.add(ann, 100, "")
		}, Options{}, "ann 1-2 (2), ann 3-3 (1)"},
		{"two who write at once", func(b *book) {
			for at := range int64(4) {
				b.add(ann, at, "")
				b.add(ben, at, "")
			}
		}, Options{}, "ann 1-4 (4), ben 1-4 (4)"},
		{"what belongs to none", func(b *book) {
			b.add(ann, 0, "")
			b.add(ann, 1, "aside")
			b.add(ann, 2, "")
			b.add(ann, 3, "aside")
		}, Options{Aside: aside}, "ann 1-3 (2)"},
		{"a shorter pause", func(b *book) {
			b.add(ann, 0, "")
			b.add(ann, 11, "")
		}, Options{Pause: 10 * time.Second}, "ann 1-1 (1), ann 2-2 (1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBook(t)
			tt.do(b)
			if got := b.list(tt.o); got != tt.want {
				t.Errorf("the versions are %q, not %q", got, tt.want)
			}
		})
	}
}

// Every state that somebody was in and went on from is found by its ID, by one
// who lists nothing too; nothing else is.
func TestFind(t *testing.T) {
	b := newBook(t)
	first := b.add(ann, 0, "")
	left := b.add(ann, 1, "", first)
	right := b.add(ben, 1, "", first)
	b.add(cleo, 2, "", left, right)
	last := b.add(ann, 3, "")
	other := b.add(ben, 3, "", right)
	listed := Versions(b.g, b.names, Options{})
	for _, heads := range [][]int{{}, {first}, {left}, {right}, {left, right}, {last, other}} {
		want := IDOf(b.g, b.names, heads)
		got, err := Find(b.g, b.names, listed, want.String()[:12])
		if err != nil || fmt.Sprint(got) != fmt.Sprint(heads) {
			t.Errorf("%v is found as %v, %v", heads, got, err)
		}
		if len(heads) == 2 && IDOf(b.g, b.names, []int{heads[1], heads[0]}) != want {
			t.Errorf("the order of heads makes another ID")
		}
	}
	short := listed[0].ID.String()[:3]
	if got, err := Find(b.g, b.names, listed, short); err != nil || got[0] != listed[0].Last {
		t.Errorf("a short prefix of a listed ID: %v, %v", got, err)
	}
	unlisted := IDOf(b.g, b.names, []int{first}).String()
	for _, bad := range []string{"", unlisted[:7], "0123456789abcdef", unlisted + "0", "xyz"} {
		if got, err := Find(b.g, b.names, listed, bad); !errors.Is(err, ErrNoVersion) {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
	twice := append(listed, listed[0])
	twice[len(listed)].Last = first
	if _, err := Find(b.g, b.names, twice, short); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("two of one prefix: %v", err)
	}
}
