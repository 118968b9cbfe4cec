package sequence

import "strings"

// Content is kept in pages and never moves, so that runs which are split share
// it and those whose content lies side by side join without a copy. A position is
// a page's number and a place in it. What one actor types goes into one page till
// that is full, so that it lies side by side.
const (
	pageBits = 12
	pageSize = 1 << pageBits
	maxPages = 1 << (32 - pageBits)
)

// pages are the strings that the pages begin: one that is longer than a page goes
// on in the following ones, and each of those has the rest of it.
type pages []string

// text is the content at a position, of size bytes.
func (p pages) text(pos uint32, size int) string {
	from := pos & (pageSize - 1)
	return p[pos>>pageBits][from : int(from)+size]
}

// content is a run's.
func (p pages) content(r *node) string {
	if r.size == 0 {
		return ""
	}
	return p.text(r.pos, int(r.size))
}

// run is how others see a run.
func (p pages) run(r *node) Run {
	out := Run{First: r.first, N: int(r.n), Origin: r.origin, Content: p.content(r), Deleted: r.deleted(), Revived: r.revived()}
	if r.item() {
		out.Item, out.Width = r.more.item, r.more.width
	}
	return out
}

// add gives a string pages and returns its position. No string goes to the end of
// its last page, so that none seems to go on in the next one's.
func (p *pages) add(text string) (pos uint32, ok bool) {
	n := len(*p)
	if n+len(text)/pageSize+1 > maxPages {
		return 0, false
	}
	*p = append(*p, text)
	for from := pageSize; from <= len(text); from += pageSize {
		*p = append(*p, text[from:])
	}
	return uint32(n) << pageBits, true
}

// tail is the page that an actor writes to.
type tail struct {
	text *strings.Builder // nil: there is none yet
	page uint32
}

// write copies text into the pages. It begins a new one rather than fill one up.
func (p *pages) write(t *tail, text string) (pos uint32, ok bool) {
	if len(text) > pageSize/4 {
		return p.add(strings.Clone(text))
	}
	if t.text == nil || t.text.Len()+len(text) >= pageSize {
		at, ok := p.add("")
		if !ok {
			return 0, false
		}
		t.text, t.page = &strings.Builder{}, at>>pageBits
	}
	pos = t.page<<pageBits + uint32(t.text.Len())
	t.text.WriteString(text)
	(*p)[t.page] = t.text.String()
	return pos, true
}
