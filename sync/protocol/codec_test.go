package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/identity"
	"starling/sync/trust"
)

// samples are messages of every kind.
func samples() []message {
	space, doc := trust.SpaceID{1, 31: 2}, crdt.DocID{3, 15: 4}
	entries := []entry{{Actor: []byte("actor"), Seq: 7, Hash: crdt.Hash{1}}, {Actor: []byte{0}, Seq: math.MaxUint64}}
	return []message{
		&unknown{99},
		&hello{Version, "Ada ü", "#aabbcc", [16]byte{5}, 1234567890, true},
		&tags{[]trust.Tag{{1}, {2}}},
		&roster{space, [][]byte{{1, 2}, {3}}},
		&grant{space, []trust.Secret{{9}}, [][]byte{{1}}, true},
		&digest{space, [32]byte{1}, [32]byte{2}},
		&vectors{space, []docVector{{doc, entries}, {crdt.DocID{1}, nil}}, true},
		&changes{space, doc, [][]byte{{1, 2, 3}}, []head{
			{Actor: []byte{1}, Seq: 2, Device: identity.DeviceID{3}, Sig: make([]byte, 64)},
			{Actor: bytes.Repeat([]byte{4}, crdt.MaxActorLen), Seq: 5, Sig: make([]byte, 64), Import: true, Roster: [][32]byte{{6}}},
		}, 7},
		&snapshot{space, doc, [32]byte{1}, 9, 2, []byte{1, 2}, []headRun{
			{[]byte("a"), identity.DeviceID{1}, trust.Nonce{2}, true, [][32]byte{{3}}, []uint64{4, 5}, make([]byte, 128)},
		}},
		&resume{space, []pieceHeld{{doc, [32]byte{1}, 7}}},
		&brief{3, [][]byte{{1}}, make([]byte, 64)},
		&got{[]uint64{1, 2}},
		&have{space, doc, entries, true},
		&presence{
			space, doc,
			anchor{Actor: []byte("a"), Counter: 3},
			&anchor{Actor: []byte{0}, Counter: math.MaxUint32, After: true},
			[]byte("a"), math.MaxUint64, true, true,
			&anchor{Actor: []byte("b"), Counter: 9},
		},
		&presence{Space: space, Doc: doc, Caret: anchor{Actor: []byte{}, After: true}},
		&reach{[]identity.DeviceID{{1}}},
		&holders{Space: space, Doc: doc, Ask: true},
		&holders{Space: space, Doc: doc, Digest: [32]byte{1}, Devices: []identity.DeviceID{{1}}},
		&parts{space, slices.Repeat([][16]byte{{1}}, Parts)},
		&first{space, []docVector{{doc, entries}}},
		&pairRequest{[32]byte{1}, true},
		&pairNonce{[32]byte{2}},
		&pairReveal{[32]byte{3}},
		&pairConfirm{},
		&pairConfirm{make([]byte, consentLen)},
		&pairReject{},
		&pairReject{3600},
		&redeem{[32]byte{4}, make([]byte, 64)},
		&redeemed{[32]byte{4}, 3},
		&key{space, []trust.Secret{{9}, {8}}},
		&claim{identity.DeviceID{1}, identity.DeviceID{2}, make([]byte, consentLen)},
		&claim{identity.DeviceID{1}, identity.DeviceID{2}, nil},
	}
}

func unlimited() int { return math.MaxInt }

func TestMessagesAreReadAsTheyAreWritten(t *testing.T) {
	var stream bytes.Buffer
	if err := writeMessages(&stream, samples()...); err != nil {
		t.Fatal(err)
	}
	seen := make(map[kind]bool)
	r := bufio.NewReader(&stream)
	for _, want := range samples() {
		got, err := readFrame(r, unlimited)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v is read as %+v, %v", want, got, err)
		}
		seen[got.kind()] = true
	}
	if _, err := readFrame(r, unlimited); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	for k := range kind(math.MaxUint8) {
		if (newMessage(k) != nil) != seen[k] {
			t.Errorf("kind %d has no sample", k)
		}
	}
}

func TestAFrameThatIsCutShort(t *testing.T) {
	frame, err := appendFrame(nil, samples()[1])
	if err != nil {
		t.Fatal(err)
	}
	for n := range frame {
		_, err := readFrame(bufio.NewReader(bytes.NewReader(frame[:n])), unlimited)
		if want := io.ErrUnexpectedEOF; n == 0 && !errors.Is(err, io.EOF) || n > 0 && !errors.Is(err, want) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// Whatever its limits allow fits into a message's frame.
func TestTheLargestMessagesFit(t *testing.T) {
	entries := make([]entry, MaxActors)
	heads := make([]head, MaxHeads)
	for i := range entries {
		entries[i] = entry{Actor: make([]byte, crdt.MaxActorLen), Seq: math.MaxUint64}
	}
	for i := range heads {
		heads[i] = head{Actor: make([]byte, crdt.MaxActorLen), Seq: math.MaxUint64, Sig: make([]byte, 64), Import: true}
		heads[i].Roster = make([][32]byte, trust.MaxHeadRoster)
	}
	documents := make([]docVector, MaxVectors)
	documents[0].Vector = entries
	statements := make([][]byte, MaxStatements)
	for i := range statements {
		statements[i] = make([]byte, maxPage/MaxStatements)
	}
	small := make([][]byte, MaxChanges)
	for i := range small {
		small[i] = make([]byte, batchSize/MaxChanges)
	}
	// As many actors as there are heads, and a piece of full length with the last.
	apart := make([]headRun, MaxSnapshotHeads)
	for i := range apart {
		apart[i] = headRun{
			Actor: make([]byte, crdt.MaxActorLen), Import: true, Roster: make([][32]byte, trust.MaxHeadRoster),
			Seqs: []uint64{math.MaxUint64}, Sigs: make([]byte, 64),
		}
	}
	far := anchor{Actor: make([]byte, crdt.MaxActorLen), Counter: math.MaxUint32, After: true}
	tests := map[string]message{
		"hello":        &hello{math.MaxUint32, strings.Repeat("😀", MaxName), "#123456", [16]byte{}, math.MaxInt64, true},
		"tags":         &tags{make([]trust.Tag, MaxTags)},
		"roster":       &roster{Statements: statements},
		"grant":        &grant{Secrets: make([]trust.Secret, maxSecrets), Statements: statements, Last: true},
		"vectors":      &vectors{Documents: documents, Last: true},
		"one change":   &changes{Changes: [][]byte{make([]byte, format.MaxChunk)}, Heads: heads},
		"many changes": &changes{Changes: small, Heads: heads},
		"have":         &have{Vector: entries, Want: true},
		"presence":     &presence{Caret: far, End: &far, Actor: far.Actor, Seq: math.MaxUint64, Typing: true, Gone: true, Top: &far},
		"brief":        &brief{math.MaxUint64, small, make([]byte, 64)},
		"got":          &got{slices.Repeat([]uint64{math.MaxUint64}, 2*MaxLines)},
		"parts":        &parts{Sums: make([][16]byte, Parts)},
		"first":        &first{Documents: slices.Repeat([]docVector{{Vector: entries[:MaxFirstActors]}}, MaxFirst)},
		"snapshot":     &snapshot{Size: MaxSnapshot, Offset: MaxSnapshot - pieceSize, Bytes: make([]byte, pieceSize), Heads: apart},
		"one run":      &snapshot{Size: 1, Heads: []headRun{{Actor: []byte("a"), Seqs: make([]uint64, MaxSnapshotHeads), Sigs: make([]byte, 64*MaxSnapshotHeads)}}},
		"reach":        &reach{make([]identity.DeviceID, MaxReach)},
	}
	for name, m := range tests {
		frame, err := appendFrame(nil, m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		limit := func() int { return MaxFrame }
		if name == "hello" || name == "tags" {
			limit = func() int { return maxSmallFrame }
		}
		if _, err := readFrame(bufio.NewReader(bytes.NewReader(frame)), limit); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMessagesOverTheirLimits(t *testing.T) {
	one := entry{Actor: []byte("a"), Seq: 1}
	many := make([]entry, MaxActors+1)
	half := make([]entry, MaxActors/2+1)
	for i := range many {
		many[i] = one
	}
	copy(half, many)
	sig := make([]byte, 64)
	tests := map[string]struct {
		m    message
		want error
	}{
		"tags":                         {&tags{make([]trust.Tag, MaxTags+1)}, ErrLimit},
		"statements":                   {&roster{Statements: make([][]byte, MaxStatements+1)}, ErrLimit},
		"a statement":                  {&grant{Secrets: []trust.Secret{{}}, Statements: [][]byte{make([]byte, maxStatement+1)}}, ErrLimit},
		"too many bytes of statements": {&roster{Statements: slices.Repeat([][]byte{make([]byte, maxStatement)}, 10)}, ErrLimit},
		"a grant without secrets":      {&grant{}, ErrMalformed},
		"a grant of many secrets":      {&grant{Secrets: make([]trust.Secret, maxSecrets+1)}, ErrLimit},
		"a key without secrets":        {&key{}, ErrMalformed},
		"a key of many secrets":        {&key{Secrets: make([]trust.Secret, maxSecrets+1)}, ErrLimit},
		"a redemption unsigned":        {&redeem{Sig: make([]byte, 63)}, ErrMalformed},
		"half a consent":               {&pairConfirm{make([]byte, consentLen-1)}, ErrMalformed},
		"a pause of a day":             {&pairReject{86400}, ErrLimit},
		"documents":                    {&vectors{Documents: make([]docVector, MaxVectors+1)}, ErrLimit},
		"actors":                       {&have{Vector: many}, ErrLimit},
		"actors of a page":             {&vectors{Documents: []docVector{{Vector: half}, {Vector: half}}}, ErrLimit},
		"an actor without a name":      {&have{Vector: []entry{{Seq: 1}}}, ErrMalformed},
		"an actor's long name":         {&have{Vector: []entry{{Actor: make([]byte, crdt.MaxActorLen+1), Seq: 1}}}, ErrMalformed},
		"no seq":                       {&vectors{Documents: []docVector{{Vector: []entry{{Actor: []byte("a")}}}}}, ErrMalformed},
		"changes":                      {&changes{Changes: make([][]byte, MaxChanges+1)}, ErrLimit},
		"heads":                        {&changes{Heads: make([]head, MaxHeads+1)}, ErrMalformed}, // the first is none
		"a head's signature":           {&changes{Heads: []head{{Actor: []byte("a"), Seq: 1, Sig: sig[1:]}}}, ErrMalformed},
		"a head's seq":                 {&changes{Heads: []head{{Actor: []byte("a"), Sig: sig}}}, ErrMalformed},
		"a head's actor":               {&changes{Heads: []head{{Actor: make([]byte, crdt.MaxActorLen+1), Seq: 1, Sig: sig}}}, ErrMalformed},
		"a head of nobody":             {&changes{Heads: []head{{Seq: 1, Sig: sig}}}, ErrMalformed},
		"parts":                        {&parts{Sums: make([][16]byte, Parts-1)}, ErrMalformed},
		"documents on a screen":        {&first{Documents: make([]docVector, MaxFirst+1)}, ErrLimit},
		"their actors":                 {&first{Documents: []docVector{{Vector: many[:MaxFirstActors+1]}}}, ErrLimit},
		"a head's roster":              {&changes{Heads: []head{{Actor: []byte("a"), Seq: 1, Sig: sig, Roster: make([][32]byte, trust.MaxHeadRoster+1)}}}, ErrLimit},
		"nothing of a line":            {&brief{Line: 1, Sig: sig}, ErrMalformed},
		"a line's signature":           {&brief{Line: 1, Changes: [][]byte{{1}}, Sig: sig[1:]}, ErrMalformed},
		"a piece beyond the end":       {&snapshot{Size: 3, Offset: 2, Bytes: []byte{1, 2}}, ErrLimit},
		"a snapshot's size":            {&snapshot{Size: MaxSnapshot + 1}, ErrLimit},
		"a snapshot's heads":           {&snapshot{Size: 1, Heads: []headRun{{Actor: []byte("a"), Seqs: []uint64{1}, Sigs: sig[1:]}}}, ErrMalformed},
		"pieces":                       {&resume{Pieces: make([]pieceHeld, MaxPieces+1)}, ErrLimit},
		"half a word of a line":        {&got{[]uint64{1}}, ErrMalformed},
		"lines":                        {&got{make([]uint64, 2*MaxLines+2)}, ErrLimit},
		"devices":                      {&reach{make([]identity.DeviceID, MaxReach+1)}, ErrLimit},
		"a caret at nobody's":          {&presence{Caret: anchor{Counter: 1}}, ErrMalformed},
		"a caret at nothing":           {&presence{Caret: anchor{Actor: []byte("a")}}, ErrMalformed},
		"a caret's long name":          {&presence{Caret: anchor{Actor: make([]byte, crdt.MaxActorLen+1), Counter: 1}}, ErrMalformed},
		"a caret's counter":            {&presence{Caret: anchor{Actor: []byte("a"), Counter: math.MaxUint32 + 1}}, ErrMalformed},
		"an end at nothing":            {&presence{End: &anchor{Actor: []byte("a")}}, ErrMalformed},
		"a view from nothing":          {&presence{Top: &anchor{Actor: []byte("a")}}, ErrMalformed},
		"a view's counter":             {&presence{Top: &anchor{Actor: []byte("a"), Counter: math.MaxUint32 + 1}}, ErrMalformed},
		"a long name of one here":      {&presence{Actor: make([]byte, crdt.MaxActorLen+1)}, ErrMalformed},
		"nobody's last change":         {&presence{Seq: 1}, ErrMalformed},
		"a name that is not text":      {&hello{Version: Version, Name: "\xff"}, ErrLimit},
	}
	for name, tt := range tests {
		if err := tt.m.check(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// FuzzDecode holds for every kind: what is read is written and read again as the
// same, and takes no more memory than its limits allow.
func FuzzDecode(f *testing.F) {
	for _, m := range samples() {
		body, err := encMode.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(m.kind()), body)
	}
	f.Fuzz(func(t *testing.T, k byte, body []byte) {
		m := newMessage(kind(k))
		if m == nil || len(body) >= maxBody(kind(k)) {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := decode(kind(k), body, m)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > uint64(40*len(body)+2<<20) {
			t.Errorf("%d bytes for %d", grown, len(body))
		}
		if err != nil {
			return
		}
		first, err := encMode.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again := newMessage(kind(k))
		if err := decode(kind(k), first, again); err != nil {
			t.Fatalf("%+v is not read again: %v", m, err)
		}
		second, err := encMode.Marshal(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%x is written again as %x, %v", first, second, err)
		}
	})
}

// FuzzReadFrame holds that a reader takes whole frames and nothing else.
func FuzzReadFrame(f *testing.F) {
	var stream bytes.Buffer
	if err := writeMessages(&stream, samples()...); err != nil {
		f.Fatal(err)
	}
	f.Add(stream.Bytes())
	f.Add(stream.Bytes()[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bufio.NewReader(bytes.NewReader(raw))
		for {
			m, err := readFrame(r, func() int { return maxSmallFrame })
			if _, later := errors.AsType[unknownKind](err); later {
				continue
			}
			if (m == nil) != (err != nil) {
				t.Fatalf("%v with %v", m, err)
			}
			if err != nil {
				return
			}
		}
	})
}
