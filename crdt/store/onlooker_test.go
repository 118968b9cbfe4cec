package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"starling/crdt/store"
)

// onlooker is a child that reads the file as programs do that show databases.
const onlooker = "onlooker"

// onlookingChild reads, says so, and keeps the file open until it is killed.
func onlookingChild(home string) error {
	db, err := sql.Open("sqlite", filepath.Join(home, store.File))
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM documents").Scan(&n); err != nil {
		return err
	}
	fmt.Println("has read it")
	<-time.After(time.Minute) // long before which it is killed
	return nil
}

// That another program has the file open is said in words, and all is well once it is
// closed.
func TestFileInUse(t *testing.T) {
	t.Parallel() // it waits for a lock for some seconds
	if runtime.GOOS == "windows" {
		t.Skip("the file is not locked as a whole")
	}
	home := t.TempDir()
	if err := open(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	cmd, out := startChild(t, home, onlooker)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), home, store.Options{})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, store.ErrFileInUse) || errors.Is(err, store.ErrInUse) || errors.Is(err, store.ErrCorrupt) {
		t.Errorf("open while another program has read the file: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	if err := open(t, home).Close(); err != nil {
		t.Fatal(err)
	}
}
