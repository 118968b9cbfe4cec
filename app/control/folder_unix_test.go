//go:build unix

package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPrivate(t *testing.T) {
	dir := t.TempDir()
	made := func(name string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		return path
	}
	good := made("good", 0o700)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, ok := range map[string]bool{
		good: true, made("group", 0o750): false, made("others", 0o701): false, made("all", 0o777): false,
		link: false, file: false, filepath.Join(dir, "missing"): false,
	} {
		if err := private(path); (err == nil) != ok {
			t.Errorf("private(%s) = %v", filepath.Base(path), err)
		}
	}
	if os.Getuid() == 0 {
		other := made("other", 0o700)
		if err := os.Chown(other, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if private(other) == nil {
			t.Error("another user's folder passes")
		}
	}
}

func TestSocketFolder(t *testing.T) {
	runtimeDir, err := os.MkdirTemp("/tmp", "starling-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(runtimeDir) })
	open := filepath.Join(runtimeDir, "open")
	deep := filepath.Join(runtimeDir, strings.Repeat("d", maxPath))
	for path, mode := range map[string]fs.FileMode{open: 0o755, deep: 0o700} {
		if err := os.Mkdir(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ xdg, want string }{
		{runtimeDir, filepath.Join(runtimeDir, "starling")},
		{"", "/tmp/starling-"},
		{"relative", "/tmp/starling-"},
		{open, "/tmp/starling-"},
		{deep, "/tmp/starling-"},
		{filepath.Join(runtimeDir, "missing"), "/tmp/starling-"},
	} {
		t.Setenv("XDG_RUNTIME_DIR", test.xdg)
		dir, err := socketFolder("0123456789abcdef0123.sock")
		if err != nil || !strings.HasPrefix(dir, test.want) {
			t.Errorf("with XDG_RUNTIME_DIR=%q the folder is %s, %v; want %s", test.xdg, dir, err, test.want)
		}
		if err := private(dir); err != nil {
			t.Error(err)
		}
	}
}

func TestSocketIsClosedToOthers(t *testing.T) {
	home, _ := serveTable(t)
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := private(filepath.Dir(path)); err != nil {
		t.Error(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("the socket has mode %v", info.Mode())
	}
	if len(path) > maxPath {
		t.Errorf("the socket's path %s has %d bytes", path, len(path))
	}
}

func TestSocketName(t *testing.T) {
	home := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(home, link); err != nil {
		t.Fatal(err)
	}
	name, err := socketName(home)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := socketName(link + "/."); err != nil || other != name {
		t.Errorf("through a link the name is %s, %v; want %s", other, err, name)
	}
	if other, err := socketName(filepath.Dir(home)); err != nil || other == name {
		t.Errorf("another home has the name %s, %v", other, err)
	}
}

func TestAddress(t *testing.T) {
	home := t.TempDir()
	if _, err := readAddress(home); err == nil {
		t.Error("an address without a file")
	}
	for _, path := range []string{"/tmp/a.sock", "/tmp/b.sock"} {
		if err := writeAddress(home, path); err != nil {
			t.Fatal(err)
		}
		if got, err := readAddress(home); err != nil || got != path {
			t.Errorf("readAddress = %q, %v; want %q", got, err, path)
		}
	}
	if files, err := os.ReadDir(home); err != nil || len(files) != 1 {
		t.Errorf("the home holds %v, %v", files, err)
	}
	for _, text := range []string{"", "\n", "relative", "/" + strings.Repeat("x", maxPath)} {
		if err := os.WriteFile(filepath.Join(home, addressFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if path, err := readAddress(home); err == nil {
			t.Errorf("%.20q is the path %q", text, path)
		}
	}
}

func TestRemoveSocketRemovesOnlySockets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if removeSocket(file) == nil {
		t.Error("removed a file")
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	home, stop := serveTable(t, echoOp)
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// A killed peer leaves its socket, possibly where another environment led.
	old, err := os.MkdirTemp("/tmp", temporaryPrefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(old) })
	stale := filepath.Join(old, filepath.Base(path))
	for _, p := range []string{path, stale} {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: p, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		_ = l.Close()
	}
	if err := writeAddress(home, stale); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t.Context(), home, time.Now().Add(soon)); err == nil {
		t.Fatal("a stale socket answered")
	}
	l, err := listen(home)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if now, err := readAddress(home); err != nil || now != path {
		t.Errorf("the socket lies at %s, %v; want %s", now, err, path)
	}
	if _, err := os.Lstat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old socket's folder is still there: %v", err)
	}
	if err := removeSocket(path); err != nil {
		t.Error(err)
	}
}
