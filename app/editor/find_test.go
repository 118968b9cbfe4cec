package editor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"starling/app/buffer"
	"starling/app/find"
)

// finder is a stage whose searches run when the test says so.
type finder struct {
	*stage
	found []Found
	work  []func() // and what is done after it
}

func findAt(t testing.TB, marked string) *finder {
	f := &finder{stage: startAt(t, marked)}
	f.config.OnFound = func(now Found) { f.found = append(f.found, now) }
	return f
}

// later makes searches wait for finish.
func (f *finder) later() {
	f.config.Background = func(work, done func()) { f.work = append(f.work, work, done) }
}

func (f *finder) finish() {
	all := f.work
	f.work = nil
	for _, w := range all {
		w()
	}
}

// last is what the person was told last, as current/count.
func (f *finder) last() string {
	if len(f.found) == 0 {
		return "nothing"
	}
	l := f.found[len(f.found)-1]
	if l.Err != nil {
		return "error"
	}
	return fmt.Sprintf("%d/%d", l.Current, l.Count)
}

func TestFind(t *testing.T) {
	f := findAt(t, "|one two one\nThree One")
	for i, c := range []struct {
		act  func()
		want string
		told string
	}{
		{func() { f.Find(find.Query{Text: "one"}) }, "«one|» two one\nThree One", "1/3"},
		{func() { f.FindNext(false) }, "one two «one|»\nThree One", "2/3"},
		{func() { f.do("F3") }, "one two one\nThree «One|»", "3/3"},
		{func() { f.do("Ctrl+G") }, "«one|» two one\nThree One", "1/3"},
		{func() { f.do("Shift+F3") }, "one two one\nThree «One|»", "3/3"},
		{func() { f.do("Ctrl+Shift+G") }, "one two «one|»\nThree One", "2/3"},
		{func() { f.Find(find.Query{Text: "one", Case: true}) }, "one two «one|»\nThree One", "2/2"},
		{func() { f.Find(find.Query{Text: "t\\w+", Regexp: true}) }, "one two one\n«Three|» One", "2/2"},
		{func() { f.Find(find.Query{Text: "none"}) }, "one two one\n«Three|» One", "0/0"},
		{func() { f.FindNext(false) }, "one two one\n«Three|» One", "0/0"},
		{func() { f.Find(find.Query{Text: "(", Regexp: true}) }, "one two one\n«Three|» One", "error"},
		{func() { f.Find(find.Query{}) }, "one two one\n«Three|» One", "0/0"},
		{func() { f.Find(find.Query{Text: "o"}); f.do("Ctrl+Home"); f.FindNext(true) }, "one two one\nThree «O|»ne", "4/4"},
	} {
		if c.act(); f.marked() != c.want || f.last() != c.told {
			t.Errorf("%d: %q and %s, not %q and %s", i, f.marked(), f.last(), c.want, c.told)
		}
	}
}

func TestReplace(t *testing.T) {
	f := findAt(t, "|one two one\nThree One")
	f.Find(find.Query{Text: "one"})
	f.Replace("1")
	if f.marked() != "1 two «one|»\nThree One" {
		t.Error(f.marked())
	}
	f.do("Ctrl+Home")
	f.Replace("1") // nothing is selected: goes to the next
	if f.marked() != "1 two «one|»\nThree One" {
		t.Error(f.marked())
	}
	if n := f.ReplaceAll("xx"); n != 2 || f.Text() != "1 two xx\nThree xx" || f.last() != "0/0" {
		t.Errorf("%d replaced: %q, %s", n, f.Text(), f.last())
	}
	if f.do("Ctrl+Z"); f.Text() != "1 two one\nThree One" {
		t.Errorf("taken back: %q", f.Text())
	}
	f.Find(find.Query{Text: `(\w+) (\w+)`, Regexp: true})
	if n := f.ReplaceAll("$2 $1"); n != 2 || f.Text() != "two 1 one\nOne Three" {
		t.Errorf("%d replaced: %q", n, f.Text())
	}
	f.agree(t)
	f.config.ReadOnly = "no"
	text := f.Text()
	if f.Find(find.Query{Text: "one"}); f.ReplaceAll("x") != 0 || f.Text() != text {
		t.Errorf("replaced in a text to read: %q", f.Text())
	}
	if f.Replace("x"); f.Text() != text {
		t.Errorf("replaced in a text to read: %q", f.Text())
	}
}

// A search is of the text as it was: what it finds is carried past what happened
// since, and the text is searched anew once it rests.
func TestFindWhileOthersWrite(t *testing.T) {
	f := findAt(t, "|one two one")
	f.later()
	f.Find(find.Query{Text: "one"})
	f.Apply([]buffer.Patch{f.doc.put(9, 0, "x")}) // in the second
	f.Apply([]buffer.Patch{f.doc.put(0, 0, "one ")})
	f.finish()
	if got := f.hands.search.ranges; !slices.Equal(got, []find.Range{{From: 4, To: 7}}) {
		t.Fatalf("found %v", got)
	}
	if f.fire(recountTime); len(f.work) != 0 {
		t.Error("searched before the text rested")
	}
	f.clock = f.clock.Add(recountTime)
	for d := range f.timers {
		d := f.timers[d].after
		f.fire(d)
	}
	if f.finish(); f.last() != "2/2" {
		t.Errorf("then %s", f.last())
	}
	// Of two searches the later one counts.
	f.Find(find.Query{Text: "t"})
	f.Find(find.Query{Text: "w"})
	if f.finish(); f.last() != "1/1" || f.buf.Selected() != "w" {
		t.Errorf("%s and %q", f.last(), f.buf.Selected())
	}
	f.Find(find.Query{Text: "t"})
	f.EndFind()
	told := len(f.found)
	if f.finish(); len(f.found) != told || f.finding() {
		t.Error("an ended search goes on")
	}
	if in, current := f.finds(); len(in) != 0 || current != -1 {
		t.Errorf("shows %v", in)
	}
}

// While a query grows, each search begins where the first did.
func TestFindAsOneTypes(t *testing.T) {
	f := findAt(t, "a |b ab abc b")
	for i, c := range []struct {
		query, want string
	}{
		{"b", "a «b|» ab abc b"},
		{"bc", "a b ab a«bc|» b"},
		{"b", "a «b|» ab abc b"},
		{"ab", "a b «ab|» abc b"},
	} {
		if f.Find(find.Query{Text: c.query}); f.marked() != c.want {
			t.Errorf("%d: %q, not %q", i, f.marked(), c.want)
		}
	}
	f.FindNext(false)
	if f.Find(find.Query{Text: "b"}); f.marked() != "a b ab a«b|»c b" {
		t.Errorf("after going on, a further query goes to %q", f.marked())
	}
}

// Keys that come before anything is found are not lost.
func TestFindNextBeforeTheSearchEnds(t *testing.T) {
	f := findAt(t, "|b b b b")
	f.later()
	f.Find(find.Query{Text: "b"})
	f.FindNext(false)
	f.FindNext(false)
	f.FindNext(true)
	f.FindNext(false)
	if f.finish(); f.marked() != "b b «b|» b" {
		t.Errorf("two further is %q", f.marked())
	}
}

// Matches that are carried past patches are those of a search of the new text
// that lie outside of what the patches touched.
func TestMatchesAreCarried(t *testing.T) {
	finder, err := find.Compile(find.Query{Text: "ab", Case: true})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		doc := &fakeDocument{text: []rune(strings.Repeat("ab.", 5))}
		ranges, _ := finder.All(t.Context(), string(doc.text), 0)
		for range 4 {
			at := r.IntN(len(doc.text) + 1)
			p := doc.put(at, min(r.IntN(4), len(doc.text)-at), []string{"", "x", "yz"}[r.IntN(3)])
			ranges = carryRanges(ranges, p)
		}
		now, _ := finder.All(t.Context(), string(doc.text), 0)
		for i, m := range ranges {
			if !slices.Contains(now, m) || i > 0 && ranges[i-1].To > m.From {
				t.Fatalf("seed %d: %v is no match in %q", seed, m, string(doc.text))
			}
		}
	}
}

func TestFindsInView(t *testing.T) {
	f := findAt(t, "|"+strings.Repeat("line\n", 300))
	f.Find(find.Query{Text: "i"})
	in, current := f.finds()
	if len(in) < 10 || len(in) > 40 || current != 0 {
		t.Errorf("%d in view, %d is selected", len(in), current)
	}
	f.FindNext(true)
	if in, current = f.finds(); current != len(in)-1 || in[current].From != 299*5+1 {
		t.Errorf("%v in view, %d is selected", in, current)
	}
}
