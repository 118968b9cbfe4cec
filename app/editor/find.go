package editor

import (
	"context"
	"sort"
	"time"

	"starling/app/buffer"
	"starling/app/find"
)

const (
	// maxFound is how many matches are marked and counted.
	maxFound = 50_000
	// recountTime is how long the text rests before it is searched anew.
	recountTime = 120 * time.Millisecond
)

// Found says how a search stands.
type Found struct {
	// Count is how many matches there are, at least that many if More is set;
	// Current is which of them is selected, from 1, or 0 for none.
	Count, Current int
	More           bool
	// Err is why there can't be any, a sentence for a person.
	Err error
}

// search is what the person looks for. The text is searched elsewhere, as it
// was at one moment; what came back is carried past all that happened since.
type search struct {
	finder *find.Finder // nil: nothing is looked for
	err    error
	ranges []find.Range
	more   bool
	// fresh says that ranges are all matches of the text as it stands.
	fresh bool

	// origin is where the search began, and found says that the selection is
	// the match nearest to it: while the query is still being typed, each search
	// begins there.
	origin int
	found  bool
	// next is how many matches further the person went before any was known.
	next int

	watching bool
	// since are the patches since the text was given away, if a search is going
	// on, which cancel ends.
	since  []buffer.Patch
	cancel context.CancelFunc
	// changed is when the text did last; stop ends the waiting for its rest.
	changed time.Time
	stop    func()
}

// findings are the commands that find.
func findings() []action {
	return []action{
		{ShowFind, "Find", passed, nil},
		{"find.next", "Find next", looks, again(false)},
		{"find.previous", "Find previous", looks, again(true)},
		{ShowReplace, "Replace", passed, nil},
		{ShowLine, "Go to line", passed, nil},
	}
}

// again goes to another match, or asks what to look for.
func again(back bool) func(e *Editor) bool {
	return func(e *Editor) bool {
		if !e.finding() {
			return e.passCommand(ShowFind)
		}
		e.FindNext(back)
		return true
	}
}

func (e *Editor) finding() bool { return e.hands.search.finder != nil }

// Find marks all matches of a query, selects the first from the caret on, and
// tells [Config.OnFound]. An empty text ends the search.
func (e *Editor) Find(q find.Query) {
	s := &e.hands.search
	origin, _ := e.buf.Selection()
	if s.found && e.selected() >= 0 {
		origin = s.origin
	}
	e.EndFind()
	if q.Text == "" {
		e.tellFound()
		return
	}
	s.origin = origin
	if s.finder, s.err = find.Compile(q); s.err != nil {
		s.finder = nil
		e.tellFound()
		return
	}
	if !s.watching {
		s.watching = true
		e.buf.Observe(e.findingPatch)
	}
	e.seek(true)
}

// EndFind ends the search and takes its marks away. The selection stays.
func (e *Editor) EndFind() {
	s := &e.hands.search
	s.rest()
	*s = search{watching: s.watching}
	e.update()
}

// rest ends what goes on by itself.
func (s *search) rest() {
	if s.cancel != nil {
		s.cancel()
	}
	if s.stop != nil {
		s.stop()
	}
	s.cancel, s.stop, s.since = nil, nil, nil
}

// seek searches the text as it is now. With show, it then goes to a match.
func (e *Editor) seek(show bool) {
	s := &e.hands.search
	s.rest()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	text, finder := e.buf.Text(), s.finder
	var ranges []find.Range
	var err error
	e.background(func() {
		ranges, err = finder.All(ctx, text, maxFound+1)
	}, func() {
		defer cancel()
		if ctx.Err() == nil { // no other search has begun since
			e.sought(ranges, err, show)
		}
	})
}

// sought takes what a search found.
func (e *Editor) sought(ranges []find.Range, err error, show bool) {
	s := &e.hands.search
	s.ranges, s.err = ranges, err
	if s.more = len(ranges) > maxFound; s.more {
		s.ranges = ranges[:maxFound]
	}
	s.fresh = len(s.since) == 0
	for _, p := range s.since {
		s.ranges = carryRanges(s.ranges, p)
	}
	s.cancel, s.since = nil, nil
	if !s.fresh {
		e.recountSoon()
	}
	next := s.next
	s.next = 0
	if len(s.ranges) == 0 || !show && next == 0 {
		e.update()
		e.tellFound()
		return
	}
	if show {
		s.found = true
		e.showMatch(s.at(s.origin))
	}
	for ; next > 0; next-- {
		e.FindNext(false)
	}
	for ; next < 0; next++ {
		e.FindNext(true)
	}
}

// findingPatch carries the matches past a patch.
func (e *Editor) findingPatch(p buffer.Patch) {
	s := &e.hands.search
	if s.finder == nil {
		return
	}
	s.fresh = false
	s.origin = p.Shift(s.origin, true)
	s.ranges = carryRanges(s.ranges, p)
	if s.cancel != nil {
		s.since = append(s.since, p)
		return
	}
	e.recountSoon()
}

// recountSoon searches again once the text has rested.
func (e *Editor) recountSoon() {
	s := &e.hands.search
	s.changed = e.now()
	if s.stop == nil {
		s.stop = e.after(recountTime, e.recount)
	}
}

func (e *Editor) recount() {
	s := &e.hands.search
	s.stop = nil
	if rest := recountTime - e.now().Sub(s.changed); rest > 0 {
		s.stop = e.after(rest, e.recount)
		return
	}
	e.seek(false)
}

// carryRanges moves ranges past a patch, and leaves out those that it changed.
func carryRanges(ranges []find.Range, p buffer.Patch) []find.Range {
	end, by := p.At+p.Delete, p.Inserted-p.Delete
	first := sort.Search(len(ranges), func(i int) bool { return ranges[i].To > p.At })
	last := first
	for last < len(ranges) && ranges[last].From < end || last < len(ranges) && ranges[last].From < p.At {
		last++
	}
	for i := last; i < len(ranges); i++ {
		ranges[i].From += by
		ranges[i].To += by
	}
	if first == last {
		return ranges
	}
	return append(ranges[:first], ranges[last:]...)
}

// at is the number of the first match that begins at a place or behind it, and
// the very first behind the last.
func (s *search) at(place int) int {
	i := sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].From >= place })
	if i == len(s.ranges) {
		return 0
	}
	return i
}

// selected is the number of the match that is selected, or -1.
func (e *Editor) selected() int {
	s := &e.hands.search
	from, to := e.buf.Selection()
	i := sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].From >= from })
	if i < len(s.ranges) && s.ranges[i] == (find.Range{From: from, To: to}) {
		return i
	}
	return -1
}

// FindNext selects the next match behind the selection or before it, around the
// ends of the text.
func (e *Editor) FindNext(back bool) {
	s := &e.hands.search
	if len(s.ranges) == 0 {
		if s.cancel != nil { // the search goes on
			s.next++
			if back {
				s.next -= 2
			}
		}
		return
	}
	s.found = false
	from, to := e.buf.Selection()
	i := e.selected()
	switch {
	case i >= 0 && back:
		i--
	case i >= 0:
		i++
	case back:
		i = sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].To > from }) - 1
	default:
		i = s.at(to)
	}
	e.showMatch((i + len(s.ranges)) % len(s.ranges))
}

// showMatch selects a match and brings it into view.
func (e *Editor) showMatch(i int) {
	r := e.hands.search.ranges[i]
	e.Select(r.From, r.To)
	e.tellFound()
}

// Replace puts a text in the place of the match that is selected, and goes on to
// the next one. With a regular expression $1 is what its first group matched.
func (e *Editor) Replace(with string) {
	i := e.selected()
	if i < 0 {
		e.FindNext(false)
		return
	}
	if e.refuse() {
		return
	}
	s := &e.hands.search
	r := s.ranges[i]
	text := s.finder.Replacement(e.buf.Slice(r.From, r.To), with)
	e.edit(e.here(func() error { return e.replace(r.From, r.To, text) }))
	if len(s.ranges) == 0 {
		e.tellFound()
		return
	}
	e.FindNext(false)
}

// ReplaceAll puts a text in the place of all matches, as one action, and
// returns how many there were.
func (e *Editor) ReplaceAll(with string) int {
	s := &e.hands.search
	if !e.finding() || e.refuse() {
		return 0
	}
	n := 0
	e.edit(func() error {
		splices, err := s.replacements(e.buf.Text(), with)
		if n = len(splices); err != nil || n == 0 {
			return err
		}
		caret := past(splices, e.buf.Caret())
		s.ranges = nil // there will be others, and none to carry past so many patches
		return e.buf.Replace(splices, caret, caret)
	})
	e.seek(false)
	return n
}

// replacements are the splices that put with in the place of all matches.
func (s *search) replacements(text, with string) ([]buffer.Splice, error) {
	ranges := s.ranges
	if !s.fresh || s.more {
		var err error
		if ranges, err = s.finder.All(context.Background(), text, 0); err != nil {
			return nil, err
		}
	}
	splices := make([]buffer.Splice, len(ranges))
	at, offset := 0, 0 // code points and bytes read
	for i, r := range ranges {
		from := offset + buffer.ByteAt(text[offset:], r.From-at)
		to := from + buffer.ByteAt(text[from:], r.To-r.From)
		at, offset = r.To, to
		splices[i] = buffer.Splice{At: r.From, Delete: r.To - r.From, Insert: s.finder.Replacement(text[from:to], with)}
	}
	return splices, nil
}

func (e *Editor) tellFound() {
	if e.config.OnFound == nil {
		return
	}
	s := &e.hands.search
	e.config.OnFound(Found{Count: len(s.ranges), Current: e.selected() + 1, More: s.more, Err: s.err})
}

// finds are the matches in view, and which of them is the selected one, or -1.
// They are good until the text changes.
func (e *Editor) finds() (in []find.Range, current int) {
	all := e.hands.search.ranges
	if len(all) == 0 || len(e.view.lines) == 0 {
		return nil, -1
	}
	start, end := e.view.lines[0].start, e.view.lines[len(e.view.lines)-1].end()
	first := sort.Search(len(all), func(i int) bool { return all[i].To > start })
	last := first + sort.Search(len(all)-first, func(i int) bool { return all[first+i].From >= end })
	if current = e.selected() - first; current < 0 || current >= last-first {
		current = -1
	}
	return all[first:last], current
}

// matches draws what is behind the matches in view.
func (p *page) matches() {
	in, _ := p.e.finds()
	for _, r := range in {
		p.tint(r.From, r.To, p.e.config.Theme.Found)
	}
}
