package discovery

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// All of a crowd know one another within the time that the budgets give, less
// a half for slow machines. Where packets are lost some have bad luck time after time: of
// a hundred pairs one may be late, and meets when all ask again a second later.
func TestACrowdMeets(t *testing.T) {
	for _, c := range []struct {
		hosts   int
		loss    float64
		spread  time.Duration // of the starts
		within  time.Duration
		packets int // in 10 s
	}{
		{2, 0, 0, 300 * time.Millisecond, 20},
		{32, 0, 0, 300 * time.Millisecond, 1500},
		{32, 0, 5 * time.Second, 300 * time.Millisecond, 2500},
		{32, 0.3, 0, 950 * time.Millisecond, 3500},
		{32, 0.3, 5 * time.Second, 1500 * time.Millisecond, 5000},
		{42, 0, 0, 700 * time.Millisecond, 6000},
	} {
		t.Run(fmt.Sprintf("%d hosts, loss %v, within %v", c.hosts, c.loss, c.spread), func(t *testing.T) {
			simulate(t, func(k *cable) {
				k.loss = c.loss
				hosts := k.crowd(c.hosts)
				for _, h := range hosts {
					h.start()
					time.Sleep(c.spread / time.Duration(c.hosts))
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				slowest, late := time.Duration(0), 0
				for _, h := range hosts {
					if n := h.knows(); n != c.hosts-1 {
						t.Errorf("%s knows %d", h.rec.tag, n)
					}
					for _, other := range hosts {
						if other == h {
							continue
						}
						took := h.begun.Add(h.seenAt[other.rec.tag]).Sub(latest(h.begun, other.begun))
						slowest = max(slowest, took)
						if took > c.within {
							late++
						}
					}
				}
				n := len(k.entries(""))
				t.Logf("slowest pair %v, %d are late, %d packets: %d questions, %d announcements, %d answers alone", slowest, late, n,
					len(k.entries("asks")), len(k.entries("says over")), len(k.entries("says alone")))
				mayBeLate, last := 0, c.within
				if c.loss > 0 {
					mayBeLate, last = c.hosts*(c.hosts-1)/100, c.within+time.Second
				}
				if late > mayBeLate || slowest > last || n > c.packets {
					t.Errorf("more than %d take more than %v, one more than %v, or more than %d packets", mayBeLate, c.within, last, c.packets)
				}
				for _, h := range hosts {
					h.stop()
				}
			})
		})
	}
}

// Firewalls that let in nothing but port 5353 keep the answers to us alone out.
// Those to all do, a second later.
func TestBehindFirewalls(t *testing.T) {
	simulate(t, func(c *cable) {
		c.walls = true
		hosts := c.crowd(10)
		for _, h := range hosts {
			h.start()
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(1500 * time.Millisecond)
		for _, h := range hosts {
			if n := h.knows(); n != len(hosts)-1 {
				t.Errorf("%s knows %d", h.rec.tag, n)
			}
		}
		hosts[0].Refresh()
		time.Sleep(20 * time.Second)
		for _, h := range hosts {
			if got := h.told(); strings.Contains(got, "gone") {
				t.Errorf("%s: %s", h.rec.tag, got)
			}
			h.stop()
		}
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// A crowd that stays is quiet, and no one is thought gone, not even where
// packets are lost.
func TestACrowdStays(t *testing.T) {
	simulate(t, func(c *cable) {
		hosts := c.crowd(12)
		for _, h := range hosts {
			h.start()
		}
		c.mu.Lock()
		c.loss = 0.1
		c.mu.Unlock()
		time.Sleep(10 * time.Second)
		c.forget()
		const minutes = 10
		time.Sleep(minutes * time.Minute)
		n := len(c.entries(""))
		t.Logf("%d packets a minute", n/minutes)
		if n > minutes*12*5 {
			t.Errorf("%d packets in %d minutes", n, minutes)
		}
		for _, h := range hosts {
			if got := h.told(); strings.Contains(got, "gone") {
				t.Errorf("%s: %s", h.rec.tag, got)
			}
		}
		for _, h := range hosts {
			h.stop()
		}
	})
}
