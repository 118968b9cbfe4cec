package control

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Even a socket that is open to everyone turns another user away.
func TestAnotherUserIsTurnedAway(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	home, _ := serveTable(t, echoOp)
	path, err := readAddress(home)
	if err != nil {
		t.Fatal(err)
	}
	public, err := os.MkdirTemp("/tmp", "starling-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(public) })
	door := filepath.Join(public, "s")
	for _, err := range []error{os.Chmod(public, 0o755), os.Chmod(path, 0o666), os.Link(path, door)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := dialAs(65534, path); !errors.Is(err, syscall.EACCES) {
		t.Errorf("another user enters the folder: %v", err)
	}
	if err := dialAs(65534, door); err == nil {
		t.Error("another user got a hello")
	}
	if err := dialAs(0, door); err != nil {
		t.Errorf("this user got no hello: %v", err)
	}
}

// dialAs connects as a user and waits for a byte.
func dialAs(uid int, path string) error {
	result := make(chan error, 1)
	go func() {
		// The thread changes its user for good, so it must end with this
		// goroutine: it is never unlocked.
		runtime.LockOSThread()
		result <- dialOnThisThread(uid, path)
	}()
	return <-result
}

func dialOnThisThread(uid int, path string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close()
	// The raw call changes this thread alone.
	if _, _, e := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); e != 0 {
		return e
	}
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	conn, err := net.FileConn(file)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(soon))
	_, err = conn.Read(make([]byte, 1))
	return err
}
