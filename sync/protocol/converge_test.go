package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

var docs = []crdt.DocID{{1}, {2}, {3}}

// Whatever is where when two meet, both have it afterwards, and nothing travels
// twice.
func TestTwoMeet(t *testing.T) {
	type step struct{ host, doc, edits int }
	tests := map[string][]step{
		"nothing":                   nil,
		"one has a document":        {{0, 0, 3}},
		"the other has it":          {{1, 0, 3}},
		"each has its own":          {{0, 0, 2}, {1, 1, 2}},
		"both wrote in one":         {{0, 0, 40}, {1, 0, 60}},
		"all of it":                 {{0, 0, 40}, {1, 0, 60}, {1, 1, 1}, {0, 2, 1}},
		"thousands of changes":      {{0, 0, 5000}},
		"more than a message holds": {{0, 0, 3}, {1, 0, MaxChanges + 10}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hosts := []*fakeHost{newFakeHost(t, 1), newFakeHost(t, 2)}
				space := found(1, hosts...)
				for _, st := range steps {
					for range st.edits {
						hosts[st.host].editFast(space, docs[st.doc])
					}
				}
				pass(time.Second)
				a, b := dial(hosts[0], hosts[1])
				pass(5 * time.Second)
				same(t, hosts...)
				if hosts[0].twice+hosts[1].twice > 0 {
					t.Errorf("%d and %d changes came twice", hosts[0].twice, hosts[1].twice)
				}
				if !a.session.Shares(space) || !b.session.Shares(space) {
					t.Error("the space is not open")
				}
				if len(steps) == 0 && a.bulks > 0 {
					t.Errorf("%d streams for nothing", a.bulks)
				}
				// From here on it goes live, and not by the store.
				bulks := a.bulks
				hosts[0].edit(space, docs[0], 0)
				hosts[1].edit(space, docs[1], 0)
				pass(time.Second)
				same(t, hosts...)
				if a.bulks != bulks {
					t.Errorf("%d streams opened for two live changes", a.bulks-bulks)
				}
				// What one has committed the other knows.
				for i, h := range hosts {
					for id, v := range hosts[1-i].content() {
						if !h.acked[id].Equal(v) {
							t.Errorf("host %d thinks that of %v the other has %v, it has %v", h.id[0], id, h.acked[id], v)
						}
					}
				}
			})
		})
	}
}

// editFast is edit for long histories: each change builds on the last one only.
func (h *fakeHost) editFast(space [32]byte, id crdt.DocID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.doc(space, id)
	var deps []crdt.Hash
	if n := len(d.changes); n > 0 {
		deps = []crdt.Hash{d.changes[n-1].Hash}
	}
	c := makeChange(d.actor[:], d.held[crdt.ActorID(d.actor[:])].Seq+1, 20, deps...)
	d.take(c)
	d.committed++
	d.heads = append(d.heads, h.head(c))
}

// Two or three peers write while they catch up with each other, while what is
// sent is under way, while disks are slow and connections break. In the end all
// hold the same.
func TestNothingIsLost(t *testing.T) {
	seeds := 150
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { writeAtRandom(t, rand.New(rand.NewPCG(uint64(seed), 9))) })
		})
	}
}

func writeAtRandom(t *testing.T, rng *rand.Rand) {
	hosts := []*fakeHost{newFakeHost(t, 1), newFakeHost(t, 2), newFakeHost(t, 3)}[:2+rng.IntN(2)]
	space := found(1, hosts...)
	for _, h := range hosts {
		h.disk = time.Duration(rng.IntN(3)) * time.Duration(rng.IntN(20)) * time.Millisecond
		h.read = time.Duration(rng.IntN(3)) * time.Duration(rng.IntN(30)) * time.Millisecond
		if rng.IntN(3) == 0 { // its room for what waits is small
			lost := rand.New(rand.NewPCG(rng.Uint64(), 1))
			h.forget = func() bool { return lost.IntN(3) == 0 }
		}
	}
	links := make(map[[2]int]*fakeLink)
	connect := func(i, j int) {
		if l := links[[2]int{i, j}]; l != nil {
			select {
			case <-l.done:
			default:
				return
			}
		}
		links[[2]int{i, j}], _ = dial(hosts[i], hosts[j], func(w *wire) {
			w.delay = time.Duration(rng.IntN(30)) * time.Millisecond
			w.room = 200 << rng.IntN(10)
		})
	}
	pairs := [][2]int{{0, 1}, {1, 2}, {0, 2}}[:2*len(hosts)-3]
	for range 20 + rng.IntN(150) {
		p := pairs[rng.IntN(len(pairs))]
		switch n := rng.IntN(20); {
		case n == 0:
			connect(p[0], p[1])
		case n == 1 && links[p] != nil:
			links[p].stop()
		case n < 6:
			pass(time.Duration(rng.IntN(40)) * time.Millisecond)
		case n == 6:
			synctest.Wait()
		default:
			hosts[rng.IntN(len(hosts))].edit(space, docs[rng.IntN(len(docs))], rng.IntN(300))
		}
	}
	for _, p := range pairs {
		connect(p[0], p[1])
	}
	pass(time.Minute)
	same(t, hosts...)
	for _, h := range hosts {
		for id, d := range h.docs {
			if d.committed != len(d.changes) || len(d.waiting) > 0 {
				t.Errorf("document %v: %d waiting, %d of %d committed", id, len(d.waiting), d.committed, len(d.changes))
			}
		}
	}
}

// Who receives a long history piece by piece gets a head for each span of it
// that has one, and no more than that; changes and heads go out each once.
func TestHeadsOfALongHistory(t *testing.T) {
	const changeCount = 5 * headSpan
	var heads []trust.Head
	for seq := uint64(16); seq <= changeCount; seq += 16 {
		heads = append(heads, trust.Head{Actor: "a", Seq: seq, Sig: make([]byte, 64)})
	}
	var out bytes.Buffer
	b := &batcher{
		open:  func() bool { return true },
		lane:  &lane{open: func() (io.WriteCloser, error) { return nopCloser{&out}, nil }},
		heads: heads, top: map[crdt.ActorID]uint64{"a": changeCount},
		reached: crdt.Vector{}, covered: crdt.Vector{}, sent: crdt.Vector{},
	}
	commit := Commit{Heads: heads}
	for seq := uint64(1); seq <= changeCount; seq++ {
		c := crdt.Change{Actor: "a", Seq: seq, Bytes: make([]byte, 100)}
		commit.Changes = append(commit.Changes, c)
		if err := b.add(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.flush(true); err != nil {
		t.Fatal(err)
	}
	p := packer{d: &docState{space: &spaceState{}, sent: crdt.Vector{}, told: crdt.Vector{}}}
	if p.gapBefore(commit) {
		t.Fatal("a gap")
	}
	p.pack(commit)
	live := p.finish()
	r := bufio.NewReader(&out)
	var stored []message
	for {
		m, err := readFrame(r, unlimited)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, m)
	}
	for name, messages := range map[string][]message{"from the store": stored, "live": asMessages(live)} {
		changed, last := 0, uint64(0)
		var seqs []uint64
		for _, m := range of[*changes](messages) {
			changed += len(m.Changes)
			for _, h := range m.Heads {
				seqs = append(seqs, h.Seq)
			}
		}
		slices.Sort(seqs)
		for _, seq := range seqs {
			if seq-last > headSpan || seq == last {
				t.Errorf("%s: head %d after %d", name, seq, last)
			}
			last = seq
		}
		if changed != changeCount || last != changeCount || len(seqs) > 16 {
			t.Errorf("%s: %d changes, %d heads up to %d", name, changed, len(seqs), last)
		}
	}
}

func asMessages(all []*changes) (out []message) {
	for _, m := range all {
		out = append(out, m)
	}
	return out
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
