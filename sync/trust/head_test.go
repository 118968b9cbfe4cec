package trust

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
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
	good := SignHead(id, space, doc, nonce, 7, hash, nil)
	if err := good.Verify(space, doc); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(h *Head, space *SpaceID, doc *[16]byte)
		want   error
	}{
		"actor":            {func(h *Head, _ *SpaceID, _ *[16]byte) { h.Actor = "x" + h.Actor[1:] }, ErrWrongActor},
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
			h.Actor = actorOf(h.Device, *d, h.Nonce)
		}, ErrBadSignature},
		"the actor elsewhere": {func(h *Head, _ *SpaceID, d *[16]byte) {
			d[3] = 4
			h.Actor = actorOf(h.Device, *d, h.Nonce)
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

func actorOf(device identity.DeviceID, doc [16]byte, nonce Nonce) string {
	a := ActorID(device, doc, nonce)
	return string(a[:])
}

// Only the founder's word, with the nonce that is in the document's ID, brings
// a foreign actor into it; and no head of one kind passes for one of the other.
func TestImportHeads(t *testing.T) {
	founder, other := device(t), device(t)
	nonce, err := NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	space, hash := SpaceID{1}, [32]byte{3}
	doc := DocumentID(space, founder.ID(), nonce)
	good := SignImportHead(founder, space, doc, nonce, "foreign actor", 7, hash, nil)
	if err := good.Verify(space, doc); err != nil {
		t.Fatal(err)
	}
	if good.Founds(space, doc) {
		t.Error("an import head founds")
	}
	tests := map[string]struct {
		head Head
		want error
	}{
		"one byte":       {SignImportHead(founder, space, doc, nonce, "a", 1, hash, nil), nil},
		"64 bytes":       {SignImportHead(founder, space, doc, nonce, strings.Repeat("a", 64), 1, hash, nil), nil},
		"65 bytes":       {SignImportHead(founder, space, doc, nonce, strings.Repeat("a", 65), 1, hash, nil), ErrWrongActor},
		"no actor":       {SignImportHead(founder, space, doc, nonce, "", 1, hash, nil), ErrWrongActor},
		"another device": {SignImportHead(other, space, doc, nonce, "a", 1, hash, nil), ErrWrongActor},
		"another nonce":  {SignImportHead(founder, space, doc, Nonce{1}, "a", 1, hash, nil), ErrWrongActor},
		"another space":  {SignImportHead(founder, SpaceID{2}, doc, nonce, "a", 1, hash, nil), ErrBadSignature},
		"the own actor": {
			SignImportHead(founder, space, doc, nonce, actorOf(founder.ID(), doc, nonce), 1, hash, nil), ErrWrongActor,
		},
	}
	change := func(name string, do func(h *Head), want error) {
		h := good
		do(&h)
		tests[name] = struct {
			head Head
			want error
		}{h, want}
	}
	change("a longer actor", func(h *Head) { h.Actor += "x" }, ErrBadSignature)
	change("seq", func(h *Head) { h.Seq++ }, ErrBadSignature)
	change("hash", func(h *Head) { h.Hash[0] ^= 1 }, ErrBadSignature)
	change("as a device's own", func(h *Head) { h.Import = false }, ErrWrongActor)
	own := SignHead(founder, space, doc, nonce, 7, hash, nil)
	own.Import = true
	tests["a device's own as imported"] = struct {
		head Head
		want error
	}{own, ErrWrongActor}
	for name, tt := range tests {
		if err := tt.head.Verify(space, doc); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// An import head's bytes never equal those of a head of a device's own, also
// with an actor of 16 bytes.
func TestImportHeadsHaveALabelOfTheirOwn(t *testing.T) {
	h := Head{Actor: strings.Repeat("a", 16), Seq: 1}
	m := h
	m.Import = true
	if bytes.Equal(h.message(SpaceID{}, [16]byte{}), m.message(SpaceID{}, [16]byte{})) {
		t.Error("one message for both kinds")
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
		h := SignHead(tt.by, tt.space, doc, tt.nonce, 1, [32]byte{1}, nil)
		if err := h.Verify(tt.space, doc); err != nil {
			t.Fatal(err)
		}
		if got := h.Founds(tt.space, doc); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
		h.Device, h.Nonce, h.Actor = id.ID(), nonce, h.Actor[:15]+"x"
		if h.Founds(tt.space, doc) {
			t.Errorf("%s: another actor founds with the founder's name and nonce", name)
		}
	}
}
