package doctor_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"starling/app/doctor"
)

// On whatever machine this runs, it ends in time and says something whole.
func TestExamineHere(t *testing.T) {
	began := time.Now()
	found := doctor.Examine(t.Context(), doctor.Facts{
		Running: true, Discovery: true, Port: 4000,
		Interfaces: []doctor.Interface{{Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.76")}}},
		People:     []doctor.Person{{Name: "Ben", Addrs: []netip.AddrPort{netip.MustParseAddrPort("203.0.113.77:4000")}}},
	}, "Ben")
	// A busy machine may take long to end what was begun.
	if took := time.Since(began); took > doctor.ProbeTime+30*time.Second {
		t.Errorf("took %v", took)
	}
	levels := []doctor.Level{doctor.OK, doctor.Note, doctor.Problem}
	topics := map[string]bool{}
	for _, f := range found {
		t.Logf("%+v", f)
		topics[f.Topic] = true
		if f.What == "" || !slices.Contains(levels, f.Level) || f.Level == doctor.Problem && f.Do == "" {
			t.Errorf("%+v", f)
		}
	}
	for _, want := range []string{"peer", "interfaces", "firewall", "person"} {
		if !topics[want] {
			t.Errorf("nothing is said of %s", want)
		}
	}
}
