package main

import (
	"fmt"
	"time"
)

const (
	restSpan  = time.Second
	restShare = 0.1 // of a core
	restLimit = 2 * time.Minute
)

// awaitRest waits until children have next to nothing to do, such as when a long
// history was compacted.
func awaitRest(children ...*child) error {
	for deadline := time.Now().Add(restLimit); time.Now().Before(deadline); {
		before, err := cpuOf(children)
		if err != nil {
			return err
		}
		start := time.Now()
		time.Sleep(restSpan)
		after, err := cpuOf(children)
		if err != nil {
			return err
		}
		if (after - before).Seconds() < restShare*time.Since(start).Seconds() {
			return nil
		}
	}
	return fmt.Errorf("the peers were not at rest within %v", restLimit)
}

// cpuOf is the processor time that children have used.
func cpuOf(children []*child) (time.Duration, error) {
	sum := time.Duration(0)
	for _, c := range children {
		var used time.Duration
		if err := c.call("CPU", true, &used); err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}
