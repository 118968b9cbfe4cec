package trust

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func TestParseGivesWhatWasSigned(t *testing.T) {
	owner, other := device(t), device(t)
	r := found(t, owner)
	full := make([]StatementHash, MaxKnown)
	for i := range full {
		full[i] = StatementHash{byte(i), byte(i >> 8)}
	}
	tests := map[string]*Statement{
		"founding":  r.kept[0].Statement,
		"admission": state(t, owner, r.ID(), other.ID(), Editor, r.kept[0].hash),
		"the most":  state(t, owner, r.ID(), other.ID(), Owner, full...),
	}
	for name, s := range tests {
		again, err := ParseStatement(s.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(s, again) {
			t.Errorf("%s: read as %+v, was %+v", name, again, s)
		}
		if len(s.Bytes()) > MaxStatement {
			t.Errorf("%s: %d bytes", name, len(s.Bytes()))
		}
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	owner := device(t)
	r := found(t, owner)
	raw := state(t, owner, r.ID(), device(t).ID(), Editor, r.kept[0].hash).Bytes()
	for i := range len(raw) * 8 {
		bad := bytes.Clone(raw)
		bad[i/8] ^= 1 << (i % 8)
		if s, err := ParseStatement(bad); err == nil || s != nil {
			t.Fatalf("bit %d flipped: %+v, %v", i, s, err)
		}
	}
	for n := range raw {
		if _, err := ParseStatement(raw[:n]); err == nil {
			t.Fatalf("cut to %d bytes: no error", n)
		}
	}
	if _, err := ParseStatement(append(bytes.Clone(raw), 0)); err == nil {
		t.Error("a byte behind the end: no error")
	}
}

// Someone signs with their own key what they say another has stated.
func TestAnotherKeyDoesNotSign(t *testing.T) {
	owner, thief := device(t), device(t)
	b, err := encMode.Marshal((&Statement{Kind: Found, Author: owner.ID(), Name: "x"}).body())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := encMode.Marshal(signed{Body: b, Sig: thief.Sign(append([]byte(labelStatement), b...))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseStatement(raw); !errors.Is(err, ErrBadSignature) {
		t.Errorf("got %v", err)
	}
}

// Bytes that a lenient reader would take for the same statement, well signed.
func TestThereIsOneForm(t *testing.T) {
	owner := device(t)
	plain := (&Statement{Kind: Found, Author: owner.ID(), Name: "x"}).body()
	fields := map[int]any{
		1: plain.Kind, 2: plain.Space[:], 3: plain.Author[:], 4: []StatementHash{}, 5: plain.Time, 6: plain.Random[:],
		7: plain.Name, 8: plain.Subject[:], 9: plain.Role,
	}
	with := func(key int, value any) []byte {
		t.Helper()
		changed := make(map[int]any)
		for k, v := range fields {
			changed[k] = v
		}
		changed[key] = value
		raw, err := encMode.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := with(7, "x")
	unsorted := append([]byte{good[0]}, good[3:]...)
	unsorted = append(unsorted, good[1:3]...) // key 1 behind the others
	tests := map[string]struct {
		body []byte
		ok   bool
	}{
		"the form itself":           {good, true},
		"an unknown field":          {with(10, 1), false},
		"null for no list":          {with(4, nil), false},
		"a float for the time":      {with(5, 1.5), false},
		"a list for the random":     {with(6, make([]int, 16)), false},
		"a short random":            {with(6, make([]byte, 15)), false},
		"a long random":             {with(6, make([]byte, 17)), false},
		"null for the role":         {with(9, nil), false},
		"null for the name":         {with(7, nil), false},
		"fields in another order":   {unsorted, false},
		"a kind in two bytes":       {append([]byte{good[0], 1, 0x18}, good[2:]...), false},
		"a tag around it":           {append([]byte{0xc1}, good...), false},
		"nothing":                   {nil, false},
		"a map of undefined length": {append(append([]byte{0xbf}, good[1:]...), 0xff), false},
		"a field twice":             {append(append([]byte{good[0] + 1}, good[1:]...), good[1], good[2]), false},
	}
	for name, tt := range tests {
		raw, err := encMode.Marshal(signed{Body: tt.body, Sig: owner.Sign(append([]byte(labelStatement), tt.body...))})
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseStatement(raw)
		if tt.ok != (err == nil) || !tt.ok && (!errors.Is(err, ErrBadStatement) || s != nil) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestLimitsOfAStatement(t *testing.T) {
	owner, other := device(t), device(t)
	space := SpaceID{1}
	known := []StatementHash{{1}}
	many := make([]StatementHash, MaxKnown+1)
	for i := range many {
		many[i] = StatementHash{byte(i >> 8), byte(i)}
	}
	ok := Statement{Kind: Admit, Space: space, Known: known, Name: strings.Repeat("ü", MaxName), Subject: other.ID(), Role: Editor}
	tests := map[string]struct {
		change func(*Statement)
		ok     bool
	}{
		"as it is":                   {func(*Statement) {}, true},
		"an owner":                   {func(s *Statement) { s.Role = Owner }, true},
		"a long name":                {func(s *Statement) { s.Name += "x" }, false},
		"a name that is not UTF-8":   {func(s *Statement) { s.Name = "\xff" }, false},
		"no space":                   {func(s *Statement) { s.Space = SpaceID{} }, false},
		"no subject":                 {func(s *Statement) { s.Subject = Statement{}.Subject }, false},
		"nothing known":              {func(s *Statement) { s.Known = nil }, false},
		"too much known":             {func(s *Statement) { s.Known = many }, false},
		"known out of order":         {func(s *Statement) { s.Known = []StatementHash{{2}, {1}} }, false},
		"known twice":                {func(s *Statement) { s.Known = []StatementHash{{1}, {1}} }, false},
		"no role":                    {func(s *Statement) { s.Role = 0 }, false},
		"a role of a later version":  {func(s *Statement) { s.Role = 5 }, false},
		"no kind":                    {func(s *Statement) { s.Kind = 0 }, false},
		"a kind of a later version":  {func(s *Statement) { s.Kind = 10 }, false},
		"a founding with a space":    {func(s *Statement) { *s = Statement{Kind: Found, Space: space} }, false},
		"a founding that knows":      {func(s *Statement) { *s = Statement{Kind: Found, Known: known} }, false},
		"a founding with a subject":  {func(s *Statement) { *s = Statement{Kind: Found, Subject: other.ID()} }, false},
		"a founding with a role":     {func(s *Statement) { *s = Statement{Kind: Found, Role: Owner} }, false},
		"a founding and no more":     {func(s *Statement) { *s = Statement{Kind: Found} }, true},
		"a time before all calendar": {func(s *Statement) { s.Time = -1 << 63 }, true},
	}
	for name, tt := range tests {
		s := ok
		tt.change(&s)
		got, err := sign(owner, s)
		if tt.ok != (err == nil) || !tt.ok && (got != nil || !errors.Is(err, ErrBadStatement)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseStatement(make([]byte, MaxStatement+1)); !errors.Is(err, ErrBadStatement) {
		t.Errorf("too many bytes: %v", err)
	}
}

func TestSpaceIDsAreWrittenOneWay(t *testing.T) {
	id := SpaceID{0xab, 31: 0x01}
	if again, err := ParseSpaceID(id.String()); err != nil || again != id {
		t.Errorf("%v read as %v, %v", id, again, err)
	}
	for _, bad := range []string{"", "ab", strings.ToUpper(id.String()), id.String() + "00", id.String()[:63] + "g"} {
		if got, err := ParseSpaceID(bad); !errors.Is(err, ErrBadID) || got != (SpaceID{}) {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

// FuzzParseStatement holds that whatever is read is written the same, and that
// nothing else than an error comes of the rest. Signatures stop all but the
// seeds, so the part behind them is tried with a signature of our own, too.
func FuzzParseStatement(f *testing.F) {
	owner := device(f)
	r := found(f, owner)
	f.Add(r.kept[0].Statement.Bytes())
	f.Add(state(f, owner, r.ID(), device(f).ID(), Editor, r.kept[0].hash).Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		check := func(raw []byte) {
			s, err := ParseStatement(raw)
			if err != nil {
				if s != nil {
					t.Fatalf("%+v with %v", s, err)
				}
				return
			}
			b, err := encMode.Marshal(s.body())
			if err != nil {
				t.Fatal(err)
			}
			var outer signed
			if err := cbor.Unmarshal(raw, &outer); err != nil || !bytes.Equal(raw, s.Bytes()) {
				t.Fatalf("%x is kept as %x, %v", raw, s.Bytes(), err)
			}
			if s.evidence() {
				again, err := evidenceAgain(s)
				if err != nil || !bytes.Equal(again, raw) {
					t.Fatalf("%x is written %x, %v", raw, again, err)
				}
				return
			}
			if !bytes.Equal(outer.Body, b) {
				t.Fatalf("%x is written %x, %v", raw, b, err)
			}
		}
		check(raw)
		var outer signed
		var b body
		if cbor.Unmarshal(raw, &outer) != nil || cbor.Unmarshal(outer.Body, &b) != nil {
			return
		}
		b.Author = owner.ID()
		mine, err := encMode.Marshal(b)
		if err != nil {
			return // a name that is not UTF-8
		}
		if raw, err = encMode.Marshal(signed{Body: mine, Sig: owner.Sign(append([]byte(labelStatement), mine...))}); err != nil {
			t.Fatal(err)
		}
		check(raw)
	})
}

// evidenceAgain writes a page or a fork from what was read.
func evidenceAgain(s *Statement) ([]byte, error) {
	if s.Kind == Fork {
		body := forkBody{Kind: Fork, Space: s.Space, Doc: s.Doc, Heads: []forkHead{toForkHead(s.Heads[0]), toForkHead(s.Heads[1])}}
		if s.Parting.Seq != s.Heads[0].Seq {
			body.Parting = &forkParting{Seq: s.Parting.Seq, One: s.Parting.Hashes[0], Other: s.Parting.Hashes[1]}
		}
		again, err := makeEvidence(body)
		if err != nil {
			return nil, err
		}
		return again.raw, nil
	}
	pages, err := makePages(s.Space, s.Lines, MaxPages)
	if err != nil || len(pages) != 1 {
		return nil, fmt.Errorf("%d pages: %w", len(pages), err)
	}
	return pages[0].raw, nil
}
