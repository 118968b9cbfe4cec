package trust

import (
	"encoding/hex"
	"slices"
	"testing"

	"starling/sync/identity"
)

// Computed apart from this code:
//
//	python3 -c "import hmac; print(hmac.new(bytes(range(32)), b'starling/space/1'+bytes(range(32,64))+bytes(range(64,96)), 'sha256').hexdigest())"
func TestTagThatMayNeverChange(t *testing.T) {
	var secret Secret
	var exporter [32]byte
	var sender identity.DeviceID
	for i := range 32 {
		secret[i], exporter[i], sender[i] = byte(i), byte(32+i), byte(64+i)
	}
	tag := secret.Tag(exporter, sender)
	if got := hex.EncodeToString(tag[:]); got != "8405958b37c710992bf4869dd87af5e6c2c6e8608cc626b22a14d2a7a87d1794" {
		t.Errorf("got %s", got)
	}
}

func TestTagsAreRecognisedByThoseWhoShareTheSecret(t *testing.T) {
	secret, err := NewSecret()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSecret()
	if err != nil {
		t.Fatal(err)
	}
	a, b, connection := device(t).ID(), device(t).ID(), [32]byte{1}
	shown := secret.Tag(connection, a)
	if shown != secret.Tag(connection, a) {
		t.Error("the other side does not recognise it")
	}
	for name, tag := range map[string]Tag{
		"of another space":      other.Tag(connection, a),
		"on another connection": secret.Tag([32]byte{2}, a),
		"sent back":             secret.Tag(connection, b),
	} {
		if tag == shown {
			t.Errorf("the tag is the same %s", name)
		}
	}
}

func TestPaddingHidesTheNumber(t *testing.T) {
	tests := []struct{ tags, shown int }{
		{0, 4}, {1, 4}, {3, 4}, {4, 4}, {5, 8}, {8, 8}, {9, 16}, {64, 64}, {65, 128}, {128, 128},
	}
	for _, tt := range tests {
		var tags []Tag
		for i := range tt.tags {
			tags = append(tags, Secret{byte(i)}.Tag([32]byte{}, identity.DeviceID{}))
		}
		shown, err := PadTags(tags)
		if err != nil {
			t.Fatal(err)
		}
		if len(shown) != tt.shown {
			t.Errorf("%d tags are shown as %d, want %d", tt.tags, len(shown), tt.shown)
		}
		if !slices.IsSortedFunc(shown, func(a, b Tag) int { return slices.Compare(a[:], b[:]) }) {
			t.Errorf("%d tags: the order tells which are noise", tt.tags)
		}
		for _, tag := range tags {
			if !slices.Contains(shown, tag) {
				t.Errorf("%d tags: one is missing", tt.tags)
			}
		}
		if n := len(slices.Compact(slices.Clone(shown))); n != len(shown) {
			t.Errorf("%d tags: only %d differ", tt.tags, n)
		}
	}
}
