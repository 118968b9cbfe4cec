package peer

import "sync"

// workLock is a mutex that is held while the disk works. Who waits for it waits
// for a channel, so that a simulation's clock goes on (testing/synctest).
type workLock chan struct{}

func newWorkLock() workLock { return make(workLock, 1) }

func (l workLock) Lock() { l <- struct{}{} }

func (l workLock) Unlock() { <-l }

// TryLock takes the lock if nobody has it.
func (l workLock) TryLock() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
		return false
	}
}

// rowLock is a [workLock] whose zero value is ready.
type rowLock struct {
	once sync.Once
	work workLock
}

func (l *rowLock) Lock() {
	l.once.Do(func() { l.work = newWorkLock() })
	l.work.Lock()
}

func (l *rowLock) Unlock() { l.work.Unlock() }
