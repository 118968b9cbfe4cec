package store

import "time"

// courtesy lets others go first as long as they are soon done. Where each core is busy
// with something long, one's turn comes again after 10 ms for each of the others, the
// scheduler's slice; for so long nobody may wait for a keystroke's commit.
type courtesy struct{ skip int }

const (
	// courtesyMost is longer than it takes some dozens of others to submit something.
	courtesyMost = 500 * time.Microsecond
	// courtesySkips is how often nobody is let go first after that took longer.
	courtesySkips = 256
)

// yield calls others, usually [runtime.Gosched], unless that has lately taken too long.
func (c *courtesy) yield(others func()) {
	if c.skip > 0 {
		c.skip--
		return
	}
	began := time.Now()
	others()
	if time.Since(began) > courtesyMost {
		c.skip = courtesySkips
	}
}
