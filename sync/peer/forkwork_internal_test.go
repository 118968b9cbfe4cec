package peer

import (
	"testing"
	"testing/synctest"
	"time"
)

// However often a task is given, it takes but a share of the time, and what comes
// meanwhile is done then. It is forgotten when it is done.
func TestForkWorkRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const one, took = 1, 50 * time.Millisecond
		var l forkTasks[int]
		look := func(done bool) (did bool) {
			if _, did = l.due()[one]; did {
				since := time.Now()
				time.Sleep(took)
				l.tried(one, since, done)
			}
			return did
		}
		if !l.give(SpaceID{}, one) || !look(true) {
			t.Fatal("it is not done at once")
		}
		n := 0
		for range 1000 { // 10 s and what the looks take
			if l.give(SpaceID{}, one); look(true) {
				n++
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n < 15 || n > 25 {
			t.Errorf("%d looks of %v in 10 s", n, took)
		}
		l.give(SpaceID{}, one)
		time.Sleep(time.Second)
		l.due()
		l.give(SpaceID{}, one) // during the look
		l.tried(one, time.Now(), true)
		time.Sleep(time.Second)
		if !look(true) {
			t.Error("what came during a look is forgotten")
		}
		time.Sleep(time.Second)
		if look(true); len(l.tasks) > 0 {
			t.Error("what is done is not forgotten")
		}
	})
}

// What can't be done yet is tried ever more rarely, and at once when more comes.
func TestForkWorkBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const one = 1
		var l forkTasks[int]
		look := func() (n int) {
			for range 600 { // ten minutes
				if _, due := l.due()[one]; due {
					l.tried(one, time.Now(), false)
					n++
				}
				time.Sleep(time.Second)
			}
			return n
		}
		l.give(SpaceID{}, one)
		if n := look(); n < 10 || n > 20 {
			t.Errorf("%d looks in ten minutes", n)
		}
		l.give(SpaceID{}, one)
		if _, due := l.due()[one]; !due || l.tasks[one].wait != maxForkWait {
			t.Error("it is not tried when more comes, or too often after that")
		}
	})
}
