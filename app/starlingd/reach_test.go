package main

import (
	"testing"
	"time"

	"starling/app/control"
)

type toldReach struct {
	reach control.Reach
	want  string
}

func reachSentences(at func(hour, day int) *time.Time) []toldReach {
	someone := func(name string) control.ReachMember { return control.ReachMember{Words: name} }
	away := func(name string, seen *time.Time) control.ReachMember {
		return control.ReachMember{Words: name, LastSeen: seen}
	}
	return []toldReach{
		{control.Reach{Saved: true}, "saved here"},
		{control.Reach{}, "not saved here yet"},
		{control.Reach{Error: "disk full"}, "not saved here: disk full"},
		{control.Reach{Saved: true, Reached: []control.ReachMember{someone("Ben")}}, "saved here; reached Ben"},
		{
			control.Reach{Saved: true, Reached: []control.ReachMember{someone("Ben"), someone("Cleo"), someone("Dai")}},
			"saved here; reached Ben, Cleo and Dai",
		},
		{
			control.Reach{
				Saved: true, Reached: []control.ReachMember{someone("Ben"), someone("Cleo")},
				Missing: []control.ReachMember{away("Dai", at(14, 2)), away("Eve", at(14, 1)), away("Flo", nil)},
			},
			"saved here; reached Ben and Cleo; not yet Dai, last seen 14:02; not yet Eve, last seen 2026-03-01 14:02; not yet Flo, never seen",
		},
		{
			control.Reach{Saved: true, Missing: []control.ReachMember{{Words: "Ben", Connected: true}}},
			"saved here; not yet Ben, connected now",
		},
	}
}

func TestReachSentence(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	at := func(hour, day int) *time.Time {
		when := time.Date(2026, 3, day, hour, 2, 0, 0, time.UTC)
		return &when
	}
	for _, test := range reachSentences(at) {
		if got := reachSentence(test.reach, now); got != test.want {
			t.Errorf("%+v is told as %q, want %q", test.reach, got, test.want)
		}
	}
}
