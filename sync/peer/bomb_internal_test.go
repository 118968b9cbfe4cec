//go:build !race

package peer

import (
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/protocol"
)

// bomb is a document chunk of more operations than a snapshot has that is sent as it
// is. Noise makes it as large as such a document may well be.
func bomb(t *testing.T) []byte {
	t.Helper()
	noise := make([]byte, 64<<10)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	const ops = maxWholeOps + 1
	chunk, err := format.EncodeDocument(format.DocumentParts{
		Actors: [][]byte{{1}}, Heads: [][32]byte{{1}}, HeadIndexes: []uint32{0},
		UnknownOps: []format.Column{{Spec: 0x71, Data: noise}},
		Changes:    func(yield func(*format.DocChange) error) error { return yield(&format.DocChange{Seq: 1, MaxOp: ops}) },
		Ops: func(yield func(*format.DocOp) error) error {
			text := format.DocOp{ID: format.OpID{Counter: 1}, Key: format.Key{Map: true, Name: "content"}, Action: format.MakeText}
			err := yield(&text)
			for i := uint32(2); err == nil && i <= ops; i++ {
				op := format.DocOp{
					ID: format.OpID{Counter: i}, Obj: text.ID, Insert: true, Action: format.Set,
					Value: format.Value{Type: format.String, Raw: []byte("a")},
				}
				if i > 2 {
					op.Key.Elem = format.OpID{Counter: i - 1}
				}
				err = yield(&op)
			}
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// A snapshot of more than is sent so takes no memory to speak of, and ends the
// session.
func TestASnapshotThatIsABomb(t *testing.T) {
	p, space := alone(t)
	chunk := bomb(t)
	if err := crdt.Within(chunk, sentBounds); !errors.Is(err, crdt.ErrBounds) {
		t.Errorf("one who has it would send it: %v", err)
	}
	pc := protocol.Piece{From: DeviceID{1}, Space: space, Doc: crdt.DocID{1}, Sum: sha256.Sum256(chunk), Size: len(chunk), Bytes: chunk}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, err := p.takePiece(t.Context(), pc)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, protocol.ErrMalformed) || !errors.Is(err, crdt.ErrBounds) {
		t.Errorf("taken: %v", err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
		t.Errorf("%d bytes take %d MB", len(chunk), taken>>20)
	}
}
