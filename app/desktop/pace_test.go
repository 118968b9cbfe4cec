package desktop

import (
	"testing"
	"time"
)

func TestRhythm(t *testing.T) {
	r := rhythm{100 * time.Millisecond, 20, 0}
	for took, want := range map[time.Duration]time.Duration{
		0: 100 * time.Millisecond, 5 * time.Millisecond: 100 * time.Millisecond, 40 * time.Millisecond: 800 * time.Millisecond,
	} {
		if got := r.after(took); got != want {
			t.Errorf("after %v it waits %v, want %v", took, got, want)
		}
	}
	r.most = time.Second
	if got := r.after(2 * time.Second); got != r.most {
		t.Errorf("with a bound it waits %v", got)
	}
	if most := usualPace().reach.after(time.Minute); most > 2*time.Second {
		t.Errorf("who has a text is read again only after %v", most)
	}
}
