package hosts

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// within runs f in the namespace: sockets that it opens stay there. f must not
// start anything that goes on, and must not fail the test.
func (s *space) within(f func() error) {
	s.t.Helper()
	done := make(chan error)
	go func() { done <- inNamespace(fmt.Sprintf("/proc/%d/ns/net", s.pid), f) }()
	if err := <-done; err != nil {
		s.t.Fatal(err)
	}
}

// inNamespace takes its thread to a namespace and back. The thread must not end:
// processes that were started by it end with it.
func inNamespace(path string, f func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	there, err := os.Open(path)
	if err != nil {
		return err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter a namespace: %w", err)
	}
	err = f()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		panic(fmt.Sprintf("leave a namespace: %v", back)) // nothing else would run where it should
	}
	runtime.UnlockOSThread()
	return err
}
