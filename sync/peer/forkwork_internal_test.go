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
		var w forkWork
		tasks := make(map[int]*forkTask)
		look := func(done bool) (did bool) {
			if _, did = dueTasks(tasks)[one]; did {
				since := time.Now()
				time.Sleep(took)
				looked(&w, tasks, one, since, done)
			}
			return did
		}
		if !giveTask(tasks, one, SpaceID{}) || !look(true) {
			t.Fatal("it is not done at once")
		}
		n := 0
		for range 1000 { // 10 s and what the looks take
			if giveTask(tasks, one, SpaceID{}); look(true) {
				n++
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n < 15 || n > 25 {
			t.Errorf("%d looks of %v in 10 s", n, took)
		}
		giveTask(tasks, one, SpaceID{})
		time.Sleep(time.Second)
		dueTasks(tasks)
		giveTask(tasks, one, SpaceID{}) // during the look
		looked(&w, tasks, one, time.Now(), true)
		time.Sleep(time.Second)
		if !look(true) {
			t.Error("what came during a look is forgotten")
		}
		time.Sleep(time.Second)
		if look(true); len(tasks) > 0 {
			t.Error("what is done is not forgotten")
		}
	})
}

// What can't be done yet is tried ever more rarely, and at once when more comes.
func TestForkWorkBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const one = 1
		var w forkWork
		tasks := make(map[int]*forkTask)
		look := func() (n int) {
			for range 600 { // ten minutes
				if _, due := dueTasks(tasks)[one]; due {
					looked(&w, tasks, one, time.Now(), false)
					n++
				}
				time.Sleep(time.Second)
			}
			return n
		}
		giveTask(tasks, one, SpaceID{})
		if n := look(); n < 10 || n > 20 {
			t.Errorf("%d looks in ten minutes", n)
		}
		giveTask(tasks, one, SpaceID{})
		if _, due := dueTasks(tasks)[one]; !due || tasks[one].wait != maxForkWait {
			t.Error("it is not tried when more comes, or too often after that")
		}
	})
}
