package discovery

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestStartsAndStopsLeaveNothing(t *testing.T) {
	startAndStop(t) // what the first opens, Go keeps: its poller
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range 20 {
		startAndStop(t)
	}
	deadline := time.Now().Add(30 * time.Second)
	for runtime.NumGoroutine() > goroutines || openFiles(t) > files {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before; %d open files, %d before\n%s", runtime.NumGoroutine(), goroutines,
				openFiles(t), files, buf[:runtime.Stack(buf, true)])
		}
		<-time.After(20 * time.Millisecond)
	}
}

// startAndStop runs a Finder until it has heard itself, so that sockets are
// open and entries flow.
func startAndStop(t *testing.T) {
	t.Helper()
	f, err := New(Config{Tag: annaTag, Name: "Anna", Port: 4001})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan struct{}, 10)
	f.wire = tapped{f.wire, heard}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, func(Event) {}) }()
	select {
	case <-heard:
	case <-time.After(30 * time.Second):
		t.Errorf("did not hear itself; interfaces %v", f.Interfaces())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// tapped tells of every packet that passes.
type tapped struct {
	wire
	heard chan<- struct{}
}

func (w tapped) open(ctx context.Context, l link, f family, to chan<- datagram) (socket, error) {
	in := make(chan datagram, cap(to))
	s, err := w.wire.open(ctx, l, f, in)
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case d := <-in:
				select {
				case w.heard <- struct{}{}:
				default:
				}
				select {
				case to <- d:
				case <-ended: // of what nobody reads any more there may be much
					return
				}
			case <-ended:
				return
			}
		}
	}()
	return tap{s, ended}, nil
}

type tap struct {
	socket
	ended chan struct{}
}

func (t tap) close() {
	t.socket.close()
	close(t.ended)
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not Linux: only goroutines are counted
	}
	return len(files)
}
