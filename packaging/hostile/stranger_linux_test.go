package hostile

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starling/packaging/lab"
)

// A stranger says everything that the protocol knows, with hostile bytes
// wherever there is room for some, and hears nothing but who we are.
func TestStranger(t *testing.T) {
	v := attacked(t, "Ada")
	doc := v.Line("doc", "new", v.space, "--title", "Safe")
	before := v.Must("doc", "list")
	v.settle(t)
	v.lookedAfter(t, doc, "# Safe\n", func() {
		files := hostileFiles(t)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			insult(t, v, name, files[name])
		}
		nonsense(t, v)
		halves(t, v)
	})
	v.check(t)
	if after := v.Must("doc", "list"); after != before {
		t.Errorf("the documents were %q and are %q", before, after)
	}
}

// insult sends one file as everything that it could be.
func insult(t *testing.T, v *victim, name string, file []byte) {
	t.Helper()
	id, some := make([]byte, 32), bytes.Repeat([]byte{7}, 16)
	actor := bytes.Repeat([]byte{8}, 16)
	entry := []any{actor, uint64(1), id}
	changes := frame(t, kindChanges, fields{1: id, 2: some, 3: [][]byte{file}, 4: []any{
		fields{1: actor, 2: uint64(1), 3: id, 4: id, 5: some, 6: make([]byte, 64)},
	}})
	messages := map[string][]byte{
		"the file itself": file,
		"changes":         changes,
		"roster":          frame(t, kindRoster, fields{1: id, 2: [][]byte{file}}),
		"grant":           frame(t, kindGrant, fields{1: id, 2: [][]byte{id}, 3: [][]byte{file}, 4: true}),
		"key":             frame(t, kindKey, fields{1: id, 2: [][]byte{id}}),
		"redeem":          frame(t, kindRedeem, fields{1: id, 2: make([]byte, 64)}),
		"redeemed":        frame(t, kindRedeemed, fields{1: id, 2: 0}),
		"parts":           frame(t, kindParts, fields{1: id, 2: slices.Repeat([][]byte{some}, 64)}),
		"first":           frame(t, kindFirst, fields{1: id, 2: []any{fields{1: some, 2: []any{entry}}}}),
		"brief":           frame(t, kindBrief, fields{1: 1, 2: [][]byte{file}, 3: make([]byte, 64)}),
		"got":             frame(t, kindGot, fields{1: []uint64{1, 1 << 63}}),
		"resume":          frame(t, kindResume, fields{1: id, 2: []any{fields{1: some, 2: id, 3: uint64(1) << 63}}}),
		"vectors":         frame(t, kindVectors, fields{1: id, 2: []any{fields{1: some, 2: []any{entry}}}, 3: true}),
		"digest":          frame(t, kindDigest, fields{1: id, 2: id, 3: id}),
		"have":            frame(t, kindHave, fields{1: id, 2: some, 3: []any{entry}, 4: true}),
		"presence":        frame(t, kindPresence, fields{1: id, 2: some, 3: 1 << 40, 4: 0, 5: []any{}, 6: true}),
		"reach":           frame(t, kindReach, fields{1: [][]byte{id}}),
		"pair reveal":     frame(t, pairReveal, fields{1: id}),
		"pair confirm":    frame(t, pairConfirm, fields{}),
		"another hello":   frame(t, kindHello, fields{1: version, 2: "Eve", 3: string(file[:4]), 4: some}),
		"unknown":         frame(t, 99, fields{1: file}),
		"CBOR that nests": append(binary.BigEndian.AppendUint32(nil, 4001), append([]byte{kindTags}, bytes.Repeat([]byte{0x81}, 4000)...)...),
		"a long promise":  append(binary.BigEndian.AppendUint32(nil, 9), kindTags, 0xa1, 1, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff),
	}
	for _, what := range slices.Sorted(maps.Keys(messages)) {
		early := newDevice(t, "Eve").dial(t, v)
		early.write(messages[what])
		early.overheard(t, name, what+" before the hello")
		late := newDevice(t, "Eve").dial(t, v).greet(t)
		late.write(messages[what])
		if s, err := late.conn.OpenUniStream(); err == nil {
			_, _ = s.Write(changes) // as a catch-up
			_ = s.Close()
		}
		late.overheard(t, name, what)
	}
}

// overheard fails if the peer tells a stranger more than it may, and hangs up.
func (l *line) overheard(t *testing.T, words ...string) {
	t.Helper()
	for _, kind := range l.heard(20 * time.Millisecond) {
		if !slices.Contains([]byte{kindUnknown, kindHello, kindTags, kindRedeemed, pairNonce, 14}, kind) {
			t.Errorf("%q: a stranger hears message %d", words, kind)
		}
	}
	l.close()
}

// nonsense sends random frames.
func nonsense(t *testing.T, v *victim) {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		l := newDevice(t, "Eve").dial(t, v)
		if rng.IntN(2) == 0 {
			l.greet(t)
		}
		junk := make([]byte, rng.IntN(9000))
		for i := range junk {
			junk[i] = byte(rng.Uint32())
		}
		if rng.IntN(3) > 0 && len(junk) > 5 {
			binary.BigEndian.PutUint32(junk, uint32(rng.IntN(len(junk))))
			junk[4] = byte(rng.IntN(26))
		}
		l.write(junk)
		l.overheard(t, "nonsense")
	}
}

// halves begins frames that never end, on as many streams and connections as
// there may be.
func halves(t *testing.T, v *victim) {
	t.Helper()
	var lines []*line
	begun := append(binary.BigEndian.AppendUint32(nil, 8000), kindTags)
	begun = append(begun, make([]byte, 7000)...)
	for range 60 {
		l := newDevice(t, "Eve").dial(t, v)
		lines = append(lines, l)
		l.greet(t)
		l.write(begun)
		for range 80 {
			at := time.Now().Add(20 * time.Millisecond) // the peer may have no room for more
			if s, err := l.conn.OpenUniStream(); err == nil {
				_ = s.SetWriteDeadline(at)
				_, _ = s.Write(begun)
			}
			if s, err := l.conn.OpenStream(); err == nil {
				_ = s.SetWriteDeadline(at)
				if _, err := s.Write(begun); err != nil {
					break
				}
			}
		}
	}
	silent := newDevice(t, "Eve").dial(t, v)
	silent.write([]byte{0})
	if !silent.ended(lab.Soon) {
		t.Error("one who never introduces itself is not hung up on")
	}
	for _, l := range lines {
		l.close()
	}
}
