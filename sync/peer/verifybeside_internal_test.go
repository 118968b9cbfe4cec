package peer

import (
	"slices"
	"strings"
	"testing"

	"starling/crdt"
)

// What stands beside a document and in no other one is named.
func TestVerifyNamesWhatStandsBeside(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "base\n")
	_, seen := d.Snapshot()
	out, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "mine "})
	if err != nil {
		t.Fatal(out, err)
	}
	shut(t, d)
	tip := p.store.Committed(d.id)[d.text().Actor()]
	if _, err := p.store.Retreat(t.Context(), d.id, []crdt.Hash{tip.Hash}, "why"); err != nil {
		t.Fatal(err)
	}
	report, err := p.Verify(t.Context(), d.id)
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("%q, %v", report.Problems, err)
	}
	if !slices.ContainsFunc(report.Notes, func(n string) bool {
		return strings.Contains(n, "1 changes") && strings.Contains(n, "in no other document")
	}) {
		t.Errorf("%q", report.Notes)
	}
}
