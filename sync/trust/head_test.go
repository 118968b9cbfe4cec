package trust

import (
	"encoding/hex"
	"errors"
	"testing"

	"starling/sync/identity"
)

// Computed apart from this code:
//
//	python3 -c "from hashlib import sha256 as h; s=bytes(range(32)); d=bytes(range(32,64)); n=bytes(range(64,80)); c=bytes(range(80,96))
//	print(h(b'starling/document/1'+s+d+n).hexdigest()[:32], h(b'starling/actor/1'+d+c+n).hexdigest()[:32])"
func TestIDsThatMayNeverChange(t *testing.T) {
	var space SpaceID
	var dev identity.DeviceID
	var nonce Nonce
	var doc [16]byte
	for i := range 96 {
		switch {
		case i < 32:
			space[i] = byte(i)
		case i < 64:
			dev[i-32] = byte(i)
		case i < 80:
			nonce[i-64] = byte(i)
		default:
			doc[i-80] = byte(i)
		}
	}
	document, actor := DocumentID(space, dev, nonce), ActorID(dev, doc, nonce)
	if got := hex.EncodeToString(document[:]); got != "efd858a08630b720b8f1ad4c83dfe947" {
		t.Errorf("document %s", got)
	}
	if got := hex.EncodeToString(actor[:]); got != "ac40202985c552bd028acf916fc36c68" {
		t.Errorf("actor %s", got)
	}
}

func TestHeads(t *testing.T) {
	id := device(t)
	nonce, err := NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	space, doc, hash := SpaceID{1}, [16]byte{2}, [32]byte{3}
	good := SignHead(id, space, doc, nonce, 7, hash)
	if err := good.Verify(space, doc); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(h *Head, space *SpaceID, doc *[16]byte)
		want   error
	}{
		"actor":            {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Actor[0] ^= 1 }, ErrWrongActor},
		"seq":              {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Seq++ }, ErrBadSignature},
		"hash":             {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Hash[31] ^= 1 }, ErrBadSignature},
		"device":           {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Device[5] ^= 1 }, ErrWrongActor},
		"nonce":            {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Nonce[15] ^= 1 }, ErrWrongActor},
		"signature":        {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Sig[9] ^= 1 }, ErrBadSignature},
		"no signature":     {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Sig = nil }, ErrBadSignature},
		"longer signature": {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Sig = append(h.Sig, 0) }, ErrBadSignature},
		"space":            {func(_ *Head, s *SpaceID, _ *[16]byte) { s[0] ^= 1 }, ErrBadSignature},
		"document":         {func(_ *Head, _ *SpaceID, d *[16]byte) { d[0] ^= 1 }, ErrWrongActor},
		"another's actor": {func(h *Head, _ *SpaceID, d *[16]byte) {
			h.Device = identity.DeviceID{9}
			h.Actor = ActorID(h.Device, *d, h.Nonce)
		}, ErrBadSignature},
		"the actor elsewhere": {func(h *Head, _ *SpaceID, d *[16]byte) {
			d[3] = 4
			h.Actor = ActorID(h.Device, *d, h.Nonce)
		}, ErrBadSignature},
	}
	for name, tt := range tests {
		h, s, d := good, space, doc
		h.Sig = append([]byte(nil), good.Sig...)
		tt.change(&h, &s, &d)
		if err := h.Verify(s, d); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestOnlyTheFounderFounds(t *testing.T) {
	id, other := device(t), device(t)
	nonce, err := NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	space := SpaceID{1}
	doc := DocumentID(space, id.ID(), nonce)
	tests := map[string]struct {
		by    *identity.Identity
		space SpaceID
		nonce Nonce
		want  bool
	}{
		"the founding actor":    {id, space, nonce, true},
		"another device":        {other, space, nonce, false},
		"another actor of his":  {id, space, Nonce{1}, false},
		"the same in another's": {id, SpaceID{2}, nonce, false},
	}
	for name, tt := range tests {
		h := SignHead(tt.by, tt.space, doc, tt.nonce, 1, [32]byte{1})
		if err := h.Verify(tt.space, doc); err != nil {
			t.Fatal(err)
		}
		if got := h.Founds(tt.space, doc); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
