package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"starling/sync/peer"
)

type testID string

func (id testID) String() string { return string(id) }

func TestOnly(t *testing.T) {
	missing := errors.New("missing")
	all := []candidate[testID]{{"aa11", "Notes"}, {"aa12", "Plan"}, {"b0", "Plan"}, {"c0", "aa"}, {"d0", ""}, {"e0", "e"}, {"f0", "b0"}}
	for _, test := range []struct {
		arg  string
		want testID
		err  error
	}{
		{"aa11", "aa11", nil},
		{"AA12", "aa12", nil},
		{"b", "b0", nil},
		{"B0", "b0", nil}, // the whole ID, by which another one is called
		{"b0", "b0", nil},
		{"Notes", "aa11", nil},
		{"e", "e0", nil}, // by its name and its start
		{"aa1", "", peer.ErrAmbiguous},
		{"Plan", "", peer.ErrAmbiguous},
		{"aa", "", peer.ErrAmbiguous}, // one's name, others' start
		{"notes", "", missing},
		{"Note", "", missing},
		{"a1", "", missing},
		{"b01", "", missing},
		{"", "", missing},
	} {
		if id, err := only(all, test.arg, missing); id != test.want || !errors.Is(err, test.err) {
			t.Errorf("only(%q) = %q, %v; want %q, %v", test.arg, id, err, test.want, test.err)
		}
	}
}

// Of several all are told, as far as there is room, and nothing in a name breaks the
// line.
func TestSeveralAreTold(t *testing.T) {
	var all []candidate[testID]
	for n := range maxTold + 2 {
		all = append(all, candidate[testID]{testID(fmt.Sprintf("%d123456789abcdef", n)), "two\nlines"})
	}
	_, err := only(all, "two\nlines", peer.ErrNoSpace)
	if got := fmt.Sprint(err); strings.Count(got, `123456789ab "two\nlines"`) != maxTold || !strings.HasSuffix(got, " and 2 more") {
		t.Errorf("it is %s", got)
	}
	_, err = only(all[:2], "two\nlines", peer.ErrNoSpace)
	if want := `it may be any of these; give more of the ID: 0123456789ab "two\nlines", 1123456789ab "two\nlines"`; fmt.Sprint(err) != want {
		t.Errorf("it is %v, want %s", err, want)
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
