package memory_test

import (
	"sync"
	"testing"

	"starling/crdt/store/memory"
	"starling/crdt/store/storetest"
)

func TestConformance(t *testing.T) {
	var mu sync.Mutex
	disks := map[string]*memory.Disk{}
	storetest.Run(t, func(t testing.TB, home string) storetest.Store {
		mu.Lock()
		d := disks[home]
		if d == nil {
			d = &memory.Disk{}
			disks[home] = d
		}
		mu.Unlock()
		s, err := d.Open(storetest.Expand)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
