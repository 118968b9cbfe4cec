package main

import (
	"context"
	"strings"
	"time"

	"starling/app/control"
)

// reachOf says in one sentence whom a document's text has reached.
func reachOf(ctx context.Context, j *job) error {
	return simple(ctx, j, control.GetReach, control.ReachArgs{Document: j.args[0]}, func(r control.Reach) []string {
		return []string{row(reachSentence(r, time.Now()))}
	})
}

func reachSentence(r control.Reach, now time.Time) string {
	parts := []string{"saved here"}
	if !r.Saved {
		parts[0] = "not saved here yet"
	}
	if r.Error != "" {
		parts[0] = "not saved here: " + r.Error
	}
	if len(r.Reached) > 0 {
		names := make([]string, len(r.Reached))
		for i, p := range r.Reached {
			names[i] = p.Words
		}
		parts = append(parts, "reached "+and(names))
	}
	for _, p := range r.Missing {
		parts = append(parts, "not yet "+p.Words+lastSeen(p, now))
	}
	return strings.Join(append(parts, r.Waiting...), "; ")
}

// and joins names as in "Anna, Ben and Cleo".
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// lastSeen is when a person was last connected: the time of day, and the day if
// that was another one.
func lastSeen(p control.ReachMember, now time.Time) string {
	switch {
	case p.Connected:
		return ", connected now"
	case p.LastSeen == nil:
		return ", never seen"
	}
	seen := p.LastSeen.In(now.Location())
	if seen.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return ", last seen " + seen.Format("15:04")
	}
	return ", last seen " + seen.Format("2006-01-02 15:04")
}
