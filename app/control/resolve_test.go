package control

import (
	"errors"
	"testing"

	"starling/sync/peer"
)

type testID string

func (id testID) String() string { return string(id) }

func TestOnly(t *testing.T) {
	missing := errors.New("missing")
	ids := []testID{"aa11", "aa12", "b0"}
	for _, test := range []struct {
		start string
		want  testID
		err   error
	}{
		{"aa11", "aa11", nil},
		{"AA12", "aa12", nil},
		{"b", "b0", nil},
		{"aa1", "", peer.ErrAmbiguous},
		{"a1", "", missing},
		{"b01", "", missing},
		{"", "", missing},
	} {
		if id, err := only(ids, test.start, missing); id != test.want || !errors.Is(err, test.err) {
			t.Errorf("only(%q) = %q, %v; want %q, %v", test.start, id, err, test.want, test.err)
		}
	}
}

func TestCleanCode(t *testing.T) {
	for s, want := range map[string]string{
		"417293": "417293", "417 293": "417293", "417-293": "417293", " 000 001 ": "000001",
		"417\u00a0293": "417293",
		"":             "", "41729": "", "4172930": "", "41729a": "", "٤١٧٢٩٣": "", "+17293": "",
	} {
		code, ok := cleanCode(s)
		if ok != (want != "") || ok && code != want {
			t.Errorf("cleanCode(%q) = %q, %v; want %q", s, code, ok, want)
		}
	}
}
