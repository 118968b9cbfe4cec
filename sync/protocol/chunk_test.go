package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// fakeChange is what the bytes of a change say here: a chunk as Automerge's, but
// with CBOR behind the actor.
type fakeChange struct {
	Actor []byte
	Deps  []crdt.Hash
	fakeRest
}

type fakeRest struct {
	Seq uint64 `cbor:"1,keyasint"`
	Pad []byte `cbor:"2,keyasint"`
}

func (f *fakeChange) chunk() []byte {
	rest, err := encMode.Marshal(f.fakeRest)
	if err != nil {
		panic(err)
	}
	content := binary.AppendUvarint(nil, uint64(len(f.Deps)))
	for _, d := range f.Deps {
		content = append(content, d[:]...)
	}
	content = append(append(binary.AppendUvarint(content, uint64(len(f.Actor))), f.Actor...), rest...)
	chunk := append(bytes.Clone(chunkMagic), 0, 0, 0, 0, changeChunk)
	chunk = append(binary.AppendUvarint(chunk, uint64(len(content))), content...)
	sum := hashOfChunk(chunk)
	copy(chunk[4:], sum[:4])
	return chunk
}

func parseFake(chunk []byte) (f fakeChange, err error) {
	defer func() {
		if recover() != nil {
			err = ErrMalformed
		}
	}()
	_, n := binary.Uvarint(chunk[chunkHead:])
	b := chunk[chunkHead+n:]
	deps, n := binary.Uvarint(b)
	for b = b[n:]; deps > 0; deps-- {
		f.Deps = append(f.Deps, crdt.Hash(b[:32]))
		b = b[32:]
	}
	length, n := binary.Uvarint(b)
	f.Actor = b[n : n+int(length)]
	if err := decMode.Unmarshal(b[n+int(length):], &f.fakeRest); err != nil || f.Seq == 0 || length == 0 {
		return f, fmt.Errorf("a change: %w", ErrMalformed)
	}
	return f, nil
}

// What is left out of a change is restored, whatever it builds on; what is no
// such chunk is not made brief.
func TestChangesInShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f := fakeChange{Actor: make([]byte, 1+rng.IntN(crdt.MaxActorLen)), fakeRest: fakeRest{1 + rng.Uint64N(1000), make([]byte, rng.IntN(300))}}
		for range rng.IntN(4) {
			f.Deps = append(f.Deps, crdt.Hash{byte(rng.IntN(3))})
		}
		last, chunk := crdt.Hash{byte(rng.IntN(3))}, f.chunk()
		short, ok := shortChange(chunk, last, f.Actor)
		if ok != (len(f.Deps) > 0) {
			t.Fatalf("%d dependencies: brief is %v", len(f.Deps), ok)
		}
		if !ok {
			continue
		}
		if again, err := longChange(short, last, f.Actor); err != nil || !bytes.Equal(again, chunk) {
			t.Fatalf("%x and not %x: %v", again, chunk, err)
		}
		if len(f.Deps) == 1 && f.Deps[0] == last && len(short) > len(f.fakeRest.Pad)+12 {
			t.Fatalf("%d bytes for %d", len(short), len(f.fakeRest.Pad))
		}
		if _, ok := shortChange(chunk, last, append([]byte{1}, f.Actor...)); ok {
			t.Fatal("another's change")
		}
		chunk[rng.IntN(chunkHead)] ^= 1 // magic, checksum or type
		if _, ok := shortChange(chunk, last, f.Actor); ok {
			t.Fatal("a chunk that is none")
		}
		if _, ok := shortChange(chunk[:rng.IntN(len(chunk))], last, f.Actor); ok {
			t.Fatal("a part of a chunk")
		}
	}
}

func FuzzLongChange(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3})
	f.Add(append([]byte{1}, make([]byte, 40)...))
	f.Fuzz(func(t *testing.T, short []byte) {
		last, actor := crdt.Hash{1}, []byte("0123456789abcdef")
		chunk, err := longChange(short, last, actor)
		if err != nil {
			return
		}
		if again, ok := shortChange(chunk, last, actor); ok {
			if back, err := longChange(again, last, actor); err != nil || !bytes.Equal(back, chunk) {
				t.Fatalf("%x becomes %x: %v", chunk, back, err)
			}
		}
	})
}

// One who types sends brief words, and gets brief ones back; what another has
// written meanwhile, in between or at the same time, is told in full.
func TestLinesOfKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		l, _ := dial(a, b)
		pass(time.Second)
		type1 := func(n int, hosts ...*fakeHost) int {
			before := l.carried()
			for i := range n {
				hosts[i%len(hosts)].edit(space, docs[0], 40)
				pass(100 * time.Millisecond)
			}
			pass(time.Second)
			same(t, a, b)
			return (l.carried() - before) / n
		}
		type1(1, a)
		if each := type1(50, a); each > 40+6+5+8+64+20 { // the text, its frame, a signature
			t.Errorf("%d bytes a key", each)
		}
		type1(2, a, b)
		if each := type1(50, a, b); each > 40+6+5+8+64+20+32 { // and what it builds on
			t.Errorf("%d bytes a key in turns", each)
		}
		if !a.acked[docs[0]].Equal(b.content()[docs[0]]) || !b.acked[docs[0]].Equal(a.content()[docs[0]]) {
			t.Errorf("acknowledged are %v and %v", a.acked[docs[0]], b.acked[docs[0]])
		}
	})
}

// What can't be of a line ends the session.
func TestLinesThatAreNone(t *testing.T) {
	c := makeChange([]byte("0123456789abcdef"), 1, 1)
	sig := make([]byte, 64)
	tests := map[string]message{
		"a line that was not begun": &brief{2, [][]byte{{0, 1}}, sig},
		"line 0":                    &brief{0, [][]byte{{0, 1}}, sig},
		"no change":                 &brief{1, [][]byte{{9}}, sig},
		"a number too high":         &changes{Doc: docs[0], Changes: [][]byte{c.Bytes}, Heads: []head{{Actor: []byte("a"), Seq: 1, Sig: sig}}, Line: 3},
		"a line of two":             &changes{Doc: docs[0], Changes: [][]byte{c.Bytes}, Heads: make([]head, 2), Line: 2},
		"an answer to none":         &got{[]uint64{1, 1}},
	}
	for name, m := range tests {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			p, space := member(t, h)
			p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{c.Bytes}, Heads: []head{toHead(h.head(c))}, Line: 1})
			p.wantCause("a line", nil)
			if full, ok := m.(*changes); ok {
				full.Space = space
				for i := range full.Heads {
					full.Heads[i] = head{Actor: []byte("a"), Seq: 1, Sig: sig}
				}
			}
			p.send(m)
			p.wantCause(name, ErrMalformed)
		})
	}
}
