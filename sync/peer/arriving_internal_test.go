package peer

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// coming is a snapshot that a test sends in pieces.
type coming struct {
	pc protocol.Piece
	of []byte
}

func comes(from byte, doc int, size int) coming {
	chunk := make([]byte, size)
	for i := range chunk {
		chunk[i] = byte(i + doc)
	}
	pc := protocol.Piece{From: DeviceID{from}, Space: SpaceID{1}, Doc: crdt.DocID{byte(doc), byte(doc >> 8)}, Size: size}
	pc.Sum = sha256.Sum256(chunk)
	return coming{pc, chunk}
}

func (c coming) piece(from, to int) protocol.Piece {
	pc := c.pc
	pc.Offset, pc.Bytes = from, c.of[from:to]
	return pc
}

func (c coming) by(from byte) coming {
	c.pc.From = DeviceID{from}
	return c
}

const big = maxArrivingBytes / 4

// Pieces that never become whole take nobody's room but their sender's.
func TestPiecesThatNeverBecomeWhole(t *testing.T) {
	fill := map[string]func(a *arriving, now time.Time){
		"many": func(a *arriving, now time.Time) {
			for n := range 2 * maxArriving {
				a.add(comes(1, n, 100).piece(0, 1), now)
			}
		},
		"large": func(a *arriving, now time.Time) {
			for n := range 8 {
				a.add(comes(1, n, big).piece(0, 1), now)
			}
		},
		"of the same document": func(a *arriving, now time.Time) {
			of := comes(1, 999, big)
			of.pc.Sum[0]++
			a.add(of.piece(0, 1), now)
		},
	}
	for name, begin := range fill {
		t.Run(name, func(t *testing.T) {
			var a arriving
			now := noon
			begin(&a, now)
			good := comes(2, 999, big)
			if got := a.add(good.piece(0, big/2), now); got.lost || len(got.changed) == 0 {
				t.Fatalf("the first piece: %+v", got)
			}
			begin(&a, now.Add(time.Second))
			if got := a.add(good.piece(big/2, big), now); string(got.whole) != string(good.of) || got.mixed {
				t.Errorf("%d bytes came, mixed %v, lost %v", len(got.whole), got.mixed, got.lost)
			}
			sum := 0
			for _, d := range a.parts {
				sum += d.size
			}
			if len(a.parts) > maxArriving || sum > maxArrivingBytes {
				t.Errorf("%d are kept, of %d bytes", len(a.parts), sum)
			}
		})
	}
}

// What there is no room for is asked for when it has come to its end, and what has
// stopped gives way in the end.
func TestNoRoomForASnapshot(t *testing.T) {
	var a arriving
	for n := range maxArriving {
		a.add(comes(1, n, 100).piece(0, 1), noon)
	}
	one := comes(1, 999, 100)
	if got := a.add(one.piece(0, 50), noon); got.lost || got.whole != nil {
		t.Errorf("the first piece: %+v", got)
	}
	if got := a.add(one.piece(50, 100), noon); !got.lost {
		t.Errorf("the last piece: %+v", got)
	}
	later := noon.Add(staleArriving + time.Second)
	if got := a.add(one.piece(0, 50), later); len(got.changed) != 2 {
		t.Errorf("when the others have stopped: %+v", got)
	}
	if got := a.add(one.piece(50, 100), later); got.whole == nil {
		t.Errorf("its last piece: %+v", got)
	}
	if got := a.add(one.by(2).piece(0, 100), later); got.lost != true || got.whole != nil {
		t.Errorf("another one brings it while it is checked: %+v", got)
	}
}

// A snapshot goes on where it stopped, also from another peer, and that one is not
// to blame for its beginning.
func TestASnapshotGoesOn(t *testing.T) {
	var a arriving
	for n := range 3 * maxLeft {
		a.add(comes(1, n, 100).piece(0, 50), noon.Add(time.Duration(n)))
	}
	if got := a.pieces(SpaceID{1}); len(got) > 0 {
		t.Errorf("%d pieces go on while their sender is there", len(got))
	}
	if gone := a.leave(DeviceID{1}); len(gone) != 2*maxLeft {
		t.Errorf("%d are forgotten", len(gone))
	}
	held := a.pieces(SpaceID{1})
	if len(held) != maxLeft {
		t.Fatalf("%d are kept", len(held))
	}
	for _, pc := range held {
		n := int(pc.Doc[0])
		if n < 2*maxLeft || pc.Offset != 50 {
			t.Errorf("document %d from byte %d", n, pc.Offset)
		}
		from := byte(1 + n%2)
		got := a.add(comes(from, n, 100).piece(50, 100), noon)
		if got.whole == nil || got.mixed != (from == 2) {
			t.Errorf("document %d of %d: %+v", n, from, got)
		}
	}
	again := comes(3, 999, 100)
	a.add(again.piece(0, 50), noon)
	a.add(again.piece(0, 30), noon) // the sender begins again
	a.add(again.piece(30, 50), noon)
	if got := a.add(again.piece(50, 100), noon); got.whole == nil {
		t.Errorf("sent again from its beginning: %+v", got)
	}
}

// Through a whole peer: the honest one's document comes, whatever another one began,
// and who went on with another's beginning is asked again and not blamed.
func TestTakePieceBesideAnothers(t *testing.T) {
	p, space := alone(t)
	from, theirs := alone(t)
	d := begin(t, from, theirs, "text")
	chunk, _, err := d.text().Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	take := func(by byte, of []byte, sum [32]byte, offset int) (crdt.Vector, error) {
		return p.takePiece(t.Context(), protocol.Piece{
			From: DeviceID{by}, Space: space, Doc: d.id, Sum: sum, Size: len(chunk), Offset: offset, Bytes: of,
		})
	}
	sum := sha256.Sum256(chunk)
	if _, err := take(1, make([]byte, 10), sum, 0); err != nil {
		t.Fatal(err)
	}
	p.arriving.leave(DeviceID{1})
	want, err := take(2, chunk[10:], sum, 10)
	if want == nil || !errors.Is(err, protocol.ErrLetGo) {
		t.Errorf("another's beginning: %v, %v", want, err)
	}
	if _, ok := p.Arriving(d.id); ok {
		t.Error("it still arrives")
	}
	if _, err := take(2, make([]byte, len(chunk)), sum, 0); !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("a snapshot of its own that is wrong: %v", err)
	}
	if _, err := take(1, make([]byte, 10), [32]byte{1}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := take(2, chunk[:10], sum, 0); err != nil {
		t.Fatal(err)
	}
	if n := len(p.AllArriving(space)); n != 1 {
		t.Errorf("one document arrives as %d", n)
	}
	take(2, chunk[10:], sum, 10) // without heads, so that it waits or is refused
	p.arriving.leave(DeviceID{1})
	if held := p.arriving.pieces(space); len(held) != 1 || held[0].Sum != [32]byte{1} {
		t.Errorf("what the other began is %v", held)
	}
}
