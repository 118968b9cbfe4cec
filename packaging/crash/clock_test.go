package crash

import (
	"fmt"
	"time"
)

// clock notes how long the parts of a round took.
type clock struct {
	last time.Time
	said string
}

func newClock() *clock { return &clock{last: time.Now()} }

// lap ends a part.
func (c *clock) lap(name string) {
	now := time.Now()
	c.said += fmt.Sprintf(" %s %v", name, now.Sub(c.last).Round(time.Millisecond))
	c.last = now
}
