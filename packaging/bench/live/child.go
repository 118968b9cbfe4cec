package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// patience is how long anything but typing may take.
const patience = 20 * time.Second

// Worker is a peer in a process of its own, as the command calls it. Calls come
// one at a time.
type Worker struct {
	*node
	ear     *ear
	choir   *choir
	meeting *meeting
	crowd   []*node
	prof    *profiler
}

// serve answers calls until in ends, and then closes the peer.
func serve(in io.ReadCloser, out io.WriteCloser) error {
	w := &Worker{}
	server := rpc.NewServer()
	if err := server.Register(w); err != nil {
		return fmt.Errorf("serve calls: %w", err)
	}
	server.ServeConn(pipe{in, out})
	return w.close()
}

// pipe is a connection of two halves.
type pipe struct {
	io.ReadCloser
	out io.WriteCloser
}

func (p pipe) Write(b []byte) (int, error) { return p.out.Write(b) }

func (p pipe) Close() error { return errors.Join(p.ReadCloser.Close(), p.out.Close()) }

// StartArgs say whose peer it is.
type StartArgs struct{ Home, Name string }

// Started is how the other peer finds this one.
type Started struct{ ID, Address string }

// Start opens a peer in a new home, or one that is there, and puts it on the
// network.
func (w *Worker) Start(a StartArgs, out *Started) (err error) {
	w.node, err = newNode(a)
	if err == nil {
		*out, err = w.join()
	}
	return err
}

// close ends whatever was started.
func (w *Worker) close() (err error) {
	for _, n := range append(w.crowd, w.node) {
		if n != nil {
			err = errors.Join(err, n.close())
		}
	}
	return err
}

// await asks until the answer is yes.
func await(what string, ask func() (bool, error)) error {
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := ask()
		if ok && err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("not within %v: %s", patience, what), err)
		}
		<-tick.C
	}
}

// PairArgs name the other peer.
type PairArgs struct{ ID, Address string }

// Asked is a pairing that waits for both people.
type Asked struct {
	Space, Code string
	Key         uint64
}

// Ask makes a space and asks the other peer to pair and share it.
func (w *Worker) Ask(a PairArgs, out *Asked) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	space, err := w.peer.NewSpace(ctx, "Bench")
	if err != nil {
		return err
	}
	if _, err := w.peer.Connect(ctx, a.Address); err != nil {
		return err
	}
	info, err := w.peer.StartPairing(ctx, a.ID, space)
	*out = Asked{Space: space.String(), Code: info.Code, Key: info.Key}
	return err
}

// Shown waits for a request to pair and returns the code that is shown here.
func (w *Worker) Shown(_ bool, code *string) error {
	return await("the request to pair is shown", func() (bool, error) {
		for _, p := range w.peer.Pairings() {
			*code = p.Code
		}
		return *code != "", nil
	})
}

// Confirm says that the person here finds the codes to be the same.
func (w *Worker) Confirm(code string, _ *bool) error {
	return w.peer.ConfirmPairing(code, peer.SpaceID{})
}

// Paired waits until both have confirmed.
func (w *Worker) Paired(key uint64, _ *bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.peer.WaitPairing(ctx, key)
}

// DocArgs are a new document's.
type DocArgs struct{ Space, Text string }

// NewDoc makes a document.
func (w *Worker) NewDoc(a DocArgs, doc *string) error {
	space, err := peer.ParseSpaceID(a.Space)
	if err != nil {
		return err
	}
	id, err := w.peer.NewDocument(context.Background(), space, a.Text)
	*doc = id.String()
	return err
}

// Text returns a document's text.
func (w *Worker) Text(doc string, text *string) error {
	id, err := crdt.ParseDocID(doc)
	if err != nil {
		return err
	}
	*text, err = w.peer.Text(context.Background(), id)
	return err
}

// CPU returns the processor time that this process has used.
func (w *Worker) CPU(_ bool, used *time.Duration) (err error) {
	*used, err = cpuTime()
	return err
}
