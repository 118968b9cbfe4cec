package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// byPerson puts the devices of one person together, in the order of people, the one
// that tells most first: connected, heard, seen last. Somebody not known is only a
// device, whatever its name.
func byPerson(people []Person) [][]Person {
	var all [][]Person
	for _, p := range people {
		i := slices.IndexFunc(all, func(of []Person) bool { return samePerson(of[0], p) })
		if i < 0 {
			all = append(all, []Person{p})
		} else {
			all[i] = append(all[i], p)
		}
	}
	for _, devices := range all {
		slices.SortStableFunc(devices, func(a, b Person) int {
			return cmp.Or(first(a.Connected, b.Connected), first(a.Nearby, b.Nearby), b.LastSeen.Compare(a.LastSeen))
		})
	}
	return all
}

// samePerson reports whether two devices are one person's, as far as the peer tells.
func samePerson(a, b Person) bool {
	met := func(p Person) bool { return p.Name != "" && (p.Known || p.Mine) && p.LooksLike == "" }
	return met(a) && met(b) && a.Mine == b.Mine && strings.EqualFold(a.Name, b.Name)
}

// first orders what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// called is what to call a device: by its person's name and, if others are spoken of
// too, the start of its ID.
func called(p Person, several bool) string {
	switch {
	case p.Name == "":
		return p.Tag
	case several:
		return fmt.Sprintf("%s (%s)", p.Name, shortID(p))
	}
	return p.Name
}

func shortID(p Person) string {
	const digits = 8
	id := max(p.Tag, p.ID)
	return id[:min(digits, len(id))]
}

// aboutOther is about a device of somebody with whom another one is connected.
func aboutOther(p Person, now time.Time) Finding {
	what := "has not been seen yet"
	switch {
	case p.Connected:
		what = "is connected too"
	case p.Nearby:
		what = "is heard and not connected"
	case !p.LastSeen.IsZero():
		what = "was last seen " + ago(now.Sub(p.LastSeen)) + " ago"
	}
	return Finding{"person", OK, fmt.Sprintf("Another device of %s's (%s) %s.", p.Name, shortID(p), what), ""}
}
