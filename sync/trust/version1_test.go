package trust

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"starling/sync/identity"
)

// testdata/version1.txt was written by the code of version 1: three statements
// of one roster, three heads, and the roster's digest.
func TestVersionOneStands(t *testing.T) {
	data, err := os.ReadFile("testdata/version1.txt")
	if err != nil {
		t.Fatal(err)
	}
	var r *Roster
	heads := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		switch f[0] {
		case "statement":
			s, err := ParseStatement(unhex(t, f[1]))
			if err != nil {
				t.Fatal(err)
			}
			if s.hash.String() != f[2] {
				t.Errorf("hash %v, was %s", s.hash, f[2])
			}
			if s.Kind == Found {
				r = NewRoster(SpaceID(s.hash))
			}
			if fresh := add(t, r, s); len(fresh) != 1 {
				t.Error("it is not kept")
			}
		case "head":
			seq, err := strconv.ParseUint(f[4], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			h := Head{
				Actor: string(unhex(t, f[3])), Seq: seq, Hash: [32]byte(unhex(t, f[5])),
				Device: identity.DeviceID(unhex(t, f[6])), Nonce: Nonce(unhex(t, f[7])), Sig: unhex(t, f[8]),
				Import: f[9] == "true",
			}
			doc := [16]byte(unhex(t, f[2]))
			if err := h.Verify(SpaceID(unhex(t, f[1])), doc); err != nil {
				t.Error(err)
			}
			st := r.Standing(h, doc)
			if !st.Known || st.Role != Owner || st.Line != NoLine {
				t.Errorf("standing %+v", st)
			}
			heads++
		case "digest":
			if got := fmt.Sprintf("%x", r.Digest()); got != f[1] {
				t.Errorf("digest %s, was %s", got, f[1])
			}
		}
	}
	if ms := r.Members(); heads != 3 || len(ms) != 2 || ms[0].Role != Owner || ms[1].Role != Owner {
		t.Errorf("%d heads, members %+v", heads, ms)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
