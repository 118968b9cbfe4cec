package desktop

import (
	"context"
	"runtime"
	"sync"
	"testing"
)

// Once close has returned nothing is posted: Fyne's queue may be gone.
func TestNothingIsPostedAfterClose(t *testing.T) {
	for range 200 {
		var mu sync.Mutex
		over, late := false, false
		post := func(func()) {
			runtime.Gosched()
			mu.Lock()
			defer mu.Unlock()
			late = late || over
		}
		b := newBridge(t.Context(), nil, post, func(news) {})
		b.do(func(context.Context) error { return nil }, func(error) {})
		b.later(0, func() {})
		b.close()
		mu.Lock()
		over = true
		mu.Unlock()
		b.wait()
		if late {
			t.Fatal("something was posted to a closed window")
		}
	}
}

// Fyne runs what is posted at once, wherever it is, just as it ends: that must
// neither hang nor reach the window.
func TestPostsThatRunAtOnceAreHeldBack(t *testing.T) {
	tries := make(chan struct{}, 1)
	post := func(f func()) {
		select {
		case tries <- struct{}{}:
		default:
		}
		f()
	}
	b := newBridge(t.Context(), nil, post, func(news) { t.Error("it reached the window") })
	b.tell(news{text: true})
	b.call(func() { t.Error("it reached the window") })
	<-tries
	<-tries
	b.close()
	b.wait()
}
