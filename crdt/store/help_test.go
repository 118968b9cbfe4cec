package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"starling/crdt"
)

// openHere opens a store for a test inside the package.
func openHere(t testing.TB, home string) *Store {
	t.Helper()
	s, err := Open(t.Context(), home, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func flushHere(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// author returns what makes one change after another, of size bytes, the same
// for the same name and sizes.
func author(name string) func(size int, deps ...crdt.Hash) crdt.Change {
	var tip crdt.Tip
	return func(size int, deps ...crdt.Hash) crdt.Change {
		if tip.Seq > 0 {
			deps = append(deps, tip.Hash)
		}
		tip.Seq++
		c := crdt.Change{Actor: crdt.ActorID(name), Seq: tip.Seq, Deps: deps}
		c.Bytes = bytes.Repeat([]byte{name[0], byte(tip.Seq)}, size/2)
		c.Hash = sha256.Sum256(c.Bytes[8:])
		tip.Hash = c.Hash
		return c
	}
}

func deviceOf(actor crdt.ActorID) (d [32]byte) {
	copy(d[:], actor)
	return d
}

func sealHere(c crdt.Change) Head {
	return Head{Actor: c.Actor, Seq: c.Seq, Hash: c.Hash, Device: deviceOf(c.Actor), Sig: []byte("signed")}
}

// hold keeps the writer busy until the channel that it returns is closed, so
// that what is submitted meanwhile is done in one transaction.
func hold(s *Store) chan<- struct{} {
	held, release := make(chan struct{}), make(chan struct{})
	s.writer.add(job{done: func(error) {
		close(held)
		<-release
	}})
	<-held
	return release
}

func isNeedDocument(err error) bool { return errors.Is(err, ErrNeedDocument) }

// pragma reads a number through the writer, whose transaction sees the newest.
func pragma(t *testing.T, s *Store, name string) (n int) {
	t.Helper()
	err := s.do(t.Context(), func(tx *txn) error { return tx.conn.row("PRAGMA "+name, nil, &n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func isDamaged(err error) bool { return errors.Is(err, ErrDamaged) }

func isNoSpace(err error) bool { return errors.Is(err, ErrNoSpace) }
