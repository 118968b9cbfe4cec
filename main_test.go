package main

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestNoScreenIsOneSentence(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there is it known beforehand")
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	var said strings.Builder
	if code := run([]string{"-home", t.TempDir()}, &said); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if got := said.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "starlingd") {
		t.Errorf("says %q", got)
	}
}

func TestNoScreen(t *testing.T) {
	for _, c := range []struct {
		system string
		env    map[string]string
		want   bool
	}{
		{"linux", nil, true},
		{"linux", map[string]string{"DISPLAY": ":0"}, false},
		{"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, false},
		{"darwin", nil, false},
		{"windows", nil, false},
	} {
		if got := noScreen(c.system, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestShowTellsPanicsApart(t *testing.T) {
	plain, odd := errors.New("plain"), errors.New("odd")
	if err := show(func() error { return plain }); !errors.Is(err, plain) {
		t.Errorf("got %v", err)
	}
	err := show(func() error { panic(errors.New("NotInitialized: The GLFW library is not initialized")) })
	if !errors.Is(err, errNoScreen) {
		t.Errorf("got %v", err)
	}
	defer func() {
		if got := recover(); got != odd {
			t.Errorf("another panic became %v", got)
		}
	}()
	_ = show(func() error { panic(odd) })
}
