package crdt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt/format/formattest"
)

// device is a document, changes on their way to it, and a view that lags.
type device struct {
	*Document
	inbox []Change
	view  []rune
	seen  uint64
	caret int // where it wrote last
}

func newDevice(t testing.TB, actor string) *device {
	t.Helper()
	d, err := Open(Config{ID: DocID{1}, Actor: ActorID(actor)})
	if err != nil {
		t.Fatal(err)
	}
	return &device{Document: d}
}

// follow replays patches on the view.
func (d *device) follow(t testing.TB, patches []Patch) {
	t.Helper()
	for _, p := range patches {
		if p.Num <= d.seen {
			continue
		}
		if p.Num != d.seen+1 || p.At < 0 || p.Delete < 0 || p.At+p.Delete > len(d.view) {
			t.Fatalf("patch %+v after %d, on %d code points", p, d.seen, len(d.view))
		}
		d.view = slices.Replace(d.view, p.At, p.At+p.Delete, []rune(p.Insert)...)
		d.seen = p.Num
	}
}

// same holds the text, and the patches replayed, against the engine's text.
func (d *device) same(t testing.TB) {
	t.Helper()
	want, err := d.engine.string()
	if err != nil {
		t.Fatal(err)
	}
	if d.text != want || d.runes != d.engine.length() {
		t.Fatalf("the text is %q and not the engine's %q", d.text, want)
	}
	newer, err := d.Since(d.seen)
	if err != nil {
		t.Fatal(err)
	}
	now := device{view: slices.Clone(d.view), seen: d.seen}
	if now.follow(t, newer); string(now.view) != want {
		t.Fatalf("the patches give %q and not %q", string(now.view), want)
	}
}

// deliver applies n changes of the inbox, chosen by pick among those that are
// ready, in batches of one call each time pick says so.
func (d *device) deliver(t testing.TB, n int, pick func(n int) int) {
	t.Helper()
	var batch []Change
	sent := map[Hash]bool{}
	flush := func() {
		if _, err := d.Apply(batch); err != nil {
			t.Fatal(err)
		}
		batch = nil
		d.same(t)
	}
	for range n {
		at := pick(len(d.inbox))
		for i := range d.inbox { // the next ready one from there on
			c := d.inbox[(at+i)%len(d.inbox)]
			if slices.ContainsFunc(c.Deps, func(h Hash) bool { return !sent[h] && !d.Has(h) }) {
				continue
			}
			sent[c.Hash] = true
			batch = append(batch, c)
			d.inbox = slices.DeleteFunc(d.inbox, func(o Change) bool { return o.Hash == c.Hash })
			break
		}
		if pick(3) == 0 {
			flush()
		}
	}
	flush()
}

var pieces = []string{"a", "a", "aa", "b", "é", "é́🙂", "xyz\n", "a b", ""}

// meeting lets devices write at once, each from a view that lags, and hear of
// each other in any order; pick decides, returning one of 0 to n-1. After each
// delivery every text must be automerge-go's. It returns the devices, all
// caught up.
func meeting(t testing.TB, n, steps int, pick func(n int) int) []*device {
	t.Helper()
	devices := make([]*device, n)
	for i := range devices {
		devices[i] = newDevice(t, fmt.Sprintf("%c-actor", 'z'-7*i))
	}
	first, err := devices[0].Found(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devices[1:] {
		d.inbox = append(d.inbox, first)
		d.deliver(t, 1, pick)
	}
	for range steps {
		d := devices[pick(n)]
		switch k := pick(6); {
		case k == 0 && len(d.inbox) > 0:
			d.deliver(t, 1+pick(len(d.inbox)), pick)
		case k == 1:
			patches, err := d.Since(d.seen)
			if err != nil {
				t.Fatal(err)
			}
			d.follow(t, patches)
		default:
			d.write(t, devices, pick)
		}
	}
	for _, d := range devices {
		d.deliver(t, len(d.inbox), pick)
	}
	for _, d := range devices {
		if d.text != devices[0].text {
			t.Fatalf("%q and %q", d.text, devices[0].text)
		}
	}
	return devices
}

// write edits at random and sends the changes to all others.
func (d *device) write(t testing.TB, devices []*device, pick func(n int) int) {
	t.Helper()
	at := pick(len(d.view) + 1)
	if pick(2) == 0 { // go on
		at = min(d.caret, len(d.view))
	}
	e := Edit{Seen: d.seen, At: at, Delete: max(0, pick(min(len(d.view)-at, 6)+1)-2), Insert: pieces[pick(len(pieces))]}
	out, err := d.Edit(e, time.Unix(0, 0))
	if err != nil {
		t.Fatalf("edit %+v: %v", e, err)
	}
	d.caret = at
	if pick(3) > 0 {
		d.follow(t, out.Patches)
		d.caret += utf8.RuneCountInString(e.Insert)
	}
	d.same(t)
	for _, o := range devices {
		if o == d {
			continue
		}
		for _, c := range out.Changes {
			if pick(2) == 0 { // as from a peer
				if c, err = ParseChange(c.Bytes); err != nil {
					t.Fatal(err)
				}
			}
			o.inbox = append(o.inbox, c)
		}
	}
}

func TestTheOrderGivesTheEnginesText(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 11))
		devices := meeting(t, 2+rng.IntN(3), 150, rng.IntN)
		for i, d := range devices {
			if !d.order.Exact() || d.order.Len() != d.runes {
				t.Fatalf("seed %d: the order of device %d stepped aside", seed, i)
			}
			if patches, err := d.Audit(); err != nil || len(patches) > 0 {
				t.Fatalf("seed %d: %v, %v", seed, patches, err)
			}
		}
		reopen(t, devices[0])
	}
}

// reopen opens what a device holds, from a snapshot and from changes, and has
// it follow on.
func reopen(t *testing.T, d *device) {
	t.Helper()
	chunk, _ := d.Snapshot()
	changes, err := expandAll(chunk)
	if err != nil {
		t.Fatal(err)
	}
	next, err := d.Edit(Edit{Seen: d.log.last(), At: d.runes / 2, Insert: "next"}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{{Actor: "new", Snapshot: chunk}, {Actor: "new", Changes: changes}} {
		again, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		v := &device{Document: again, view: []rune(again.text)}
		if _, err := v.Apply(next.Changes); err != nil {
			t.Fatal(err)
		}
		if v.same(t); !v.unread {
			t.Fatal("the order of a document that was opened is not used")
		}
	}
}

// FuzzOrder lets the input decide who writes what and who hears of it when.
func FuzzOrder(f *testing.F) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 3))
		data := make([]byte, 60*(1+seed))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 2000)]
		steps := len(data) / 4
		pick := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			k := int(data[0])
			data = data[1:]
			return k % n
		}
		meeting(t, 3, steps, pick)
	})
}

// Maps, lists, counters and other texts beside the content don't disturb it.
func TestTheOrderInSessionsOfAutomerge(t *testing.T) {
	for seed := range uint64(15) {
		chunks, err := formattest.Session(seed, 4, 150)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 5))
		d := newDevice(t, "reader")
		d.inbox = parseAll(t, chunks)
		d.deliver(t, len(d.inbox), rng.IntN)
		if !d.order.Exact() {
			t.Fatalf("seed %d: the order stepped aside", seed)
		}
	}
}

// Changes that nobody means, as long as the guard passes them, give the engine's
// text too.
func TestTheOrderInMutatedSessions(t *testing.T) {
	passed, wrote := 0, 0
	for seed := range uint64(40) {
		chunks, err := formattest.Session(seed, 3, 25)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 9))
		for range 60 {
			i := rng.IntN(len(chunks))
			content := slices.Clone(formattest.Content(chunks[i]))
			for range 1 + rng.IntN(2) {
				content[rng.IntN(len(content))] ^= 1 << rng.IntN(8)
			}
			c, err := ParseChange(formattest.Seal(1, content))
			if err != nil {
				continue
			}
			d := newDevice(t, "reader")
			if _, err := d.Apply(parseAll(t, chunks[:i])); err != nil {
				t.Fatal(err)
			}
			out, err := d.Apply([]Change{c})
			if d.same(t); err == nil {
				passed++
				wrote += len(out.Patches)
			}
		}
	}
	if passed < 50 || wrote < 20 {
		t.Errorf("%d mutants passed and did %d things: the test tests little", passed, wrote)
	}
}

func parseAll(t testing.TB, chunks [][]byte) []Change {
	t.Helper()
	changes := make([]Change, 0, len(chunks))
	for _, chunk := range chunks {
		c, err := ParseChange(chunk)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, c)
	}
	return changes
}

// Two write at once in all ways in a text of two letters that one of them has
// just typed: each may go on from the other's very last operation.
func TestWritingAtTheSamePlace(t *testing.T) {
	var edits []Edit
	for at := range 3 {
		for del := range min(2, 3-at) {
			for _, ins := range []string{"x", "yz"} {
				edits = append(edits, Edit{At: at, Delete: del, Insert: ins})
			}
		}
	}
	for i := range 2 * len(edits) * len(edits) {
		devices := []*device{newDevice(t, "a-actor"), newDevice(t, "z-actor")}
		typist, other := devices[i%2], devices[1-i%2]
		first, err := typist.Found(time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		other.inbox = append([]Change{first}, typist.typed(t, 0, 0, "ab")...)
		other.deliver(t, 2, func(int) int { return 0 })
		mine, theirs := edits[i/2%len(edits)], edits[i/2/len(edits)]
		typist.inbox = other.typed(t, theirs.At, theirs.Delete, theirs.Insert)
		other.inbox = typist.typed(t, mine.At, mine.Delete, mine.Insert)
		for _, d := range devices {
			d.deliver(t, 1, func(int) int { return 0 })
			if d.same(t); !d.unread || d.text != devices[0].text {
				t.Fatalf("%+v and %+v: %q, by order %v", mine, theirs, d.text, d.unread)
			}
		}
	}
}
