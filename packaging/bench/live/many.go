package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

const (
	manyDocs   = 10_000
	reconnects = 11
)

// many measures a space of 10,000 documents of a few lines: how long a new member
// takes to have all of them, from joining by a link to the last one committed and
// listed; and how long the two take, when they meet again and nothing has changed,
// to know that: from when both are introduced until both know, the median of
// several meetings, and the bytes that go over the wire after QUIC's handshake until
// shortly after that. The probes with which every connection finds the path's MTU
// are told apart.
func many(o options, results, say io.Writer) error {
	dir, err := os.MkdirTemp("", "starling-live-")
	if err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := swarmUp(dir, 1)
	defer func() { s.kill() }()
	if err != nil {
		return err
	}
	start := time.Now()
	var docs []string
	if err := s.all[0].call("NewDocs", NewDocsArgs{s.space, manyDocs}, &docs); err != nil {
		return err
	}
	fmt.Fprintf(say, "many, %d documents, written in %v\n", len(docs), time.Since(start).Round(time.Millisecond))
	if err := awaitRest(s.all...); err != nil {
		return err
	}
	if err := s.newMember(o, dir, docs, results, say); err != nil {
		return err
	}
	if err := s.unchanged(docs[0], reconnects, results, say); err != nil {
		return err
	}
	return s.end()
}

// newMember brings a second peer into the space.
func (s *swarm) newMember(o options, dir string, docs []string, results, say io.Writer) error {
	var link string
	if err := s.all[0].call("Invite", s.space, &link); err != nil {
		return err
	}
	c, err := hire("Newcomer")
	if err != nil {
		return err
	}
	s.all, s.at = append(s.all, c), append(s.at, Started{})
	if err := c.call("Start", StartArgs{filepath.Join(dir, "newcomer"), c.name}, &s.at[1]); err != nil {
		return err
	}
	if err := profileBoth(o, "new_member", s.all); err != nil {
		return err
	}
	before, err := readWire()
	if err != nil {
		return err
	}
	var took time.Duration
	if err := c.call("JoinAll", JoinAllArgs{link, s.space, len(docs)}, &took); err != nil {
		return err
	}
	went, err := wireSince(before)
	if err != nil {
		return err
	}
	if err := profiled(o, s.all); err != nil {
		return err
	}
	for n := 0; n < len(docs); n += len(docs) / 20 {
		var here, there string
		if err := errors.Join(s.all[0].call("Text", docs[n], &here), c.call("Text", docs[n], &there)); err != nil {
			return err
		}
		if here != there || here == "" {
			return fmt.Errorf("document %s is %q there, %q here", docs[n], there, here)
		}
	}
	fmt.Fprintf(say, "  a new member has them after %v, %d kB on the wire\n", took.Round(time.Millisecond), went.bytes/1000)
	printLine(results, "sync.new_member_10k", took.Seconds(), "s")
	return awaitRest(s.all...)
}

// unchanged has the second peer leave and come back, again and again.
func (s *swarm) unchanged(doc string, times int, results, say io.Writer) error {
	var took, bytes, probing []int64
	heard, err := listenToWire()
	if err != nil {
		return err
	}
	defer heard.close()
	for range times {
		if err := s.all[1].call("Leave", true, nil); err != nil {
			return err
		}
		if err := s.all[0].call("Linked", 0, nil); err != nil {
			return err
		}
		for _, c := range s.all {
			if err := c.call("Expect", doc, nil); err != nil {
				return err
			}
		}
		if _, _, err := heard.after(); err != nil { // what was said at parting
			return err
		}
		if err := s.all[1].call("Return", s.at[0].Address, nil); err != nil {
			return err
		}
		var met [2]Met
		for n, c := range s.all {
			if err := c.call("Met", true, &met[n]); err != nil {
				return err
			}
		}
		time.Sleep(settles)
		data, probes, err := heard.after()
		if err != nil {
			return err
		}
		took = append(took, max(met[0].Agreed, met[1].Agreed)-max(met[0].Introduced, met[1].Introduced))
		bytes, probing = append(bytes, int64(data)), append(probing, int64(probes))
	}
	slices.Sort(took)
	slices.Sort(bytes)
	slices.Sort(probing)
	median, size := took[len(took)/2], bytes[len(bytes)/2]
	fmt.Fprintf(say, "  unchanged, introduced to known  %v\n  on the wire after the handshake %d bytes, and %d of probes for the MTU\n", spreadOf(took), size, probing[len(probing)/2])
	printLine(results, "sync.unchanged_10k", float64(median)/1e6, "ms")
	if size > 0 {
		printLine(results, "sync.unchanged_10k_bytes", float64(size)/1000, "kB")
	}
	return nil
}

// settles is how long acknowledgements may come after what they are for.
const settles = 100 * time.Millisecond

// NewDocsArgs say how many documents to make.
type NewDocsArgs struct {
	Space string
	Count int
}

// NewDocs makes documents of a few lines each.
func (w *Worker) NewDocs(a NewDocsArgs, docs *[]string) error {
	const atOnce = 32
	space, err := peer.ParseSpaceID(a.Space)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var failed error
	var group sync.WaitGroup
	for worker := range atOnce {
		group.Go(func() {
			for n := worker; n < a.Count; n += atOnce {
				id, err := w.peer.NewDocument(context.Background(), space, fmt.Sprintf("# Note %d\n%s", n, prose(300)))
				mu.Lock()
				*docs = append(*docs, id.String())
				failed = errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return failed
}

// JoinAllArgs say what to join and how many documents there are.
type JoinAllArgs struct {
	Link, Space string
	Count       int
}

// JoinAll joins a space and waits until all its documents are here.
func (w *Worker) JoinAll(a JoinAllArgs, took *time.Duration) error {
	space, err := peer.ParseSpaceID(a.Space)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := w.Join(a.Link, nil); err != nil {
		return err
	}
	deadline := start.Add(restLimit)
	tick := time.NewTicker(250 * time.Millisecond) // a list of so many takes a while
	defer tick.Stop()
	for {
		docs, err := w.peer.Documents(context.Background(), space)
		if err != nil {
			return err
		}
		untitled := slices.ContainsFunc(docs, func(d peer.Document) bool { return d.Title == "" })
		if len(docs) == a.Count && !untitled {
			*took = time.Since(start)
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d documents came within %v", len(docs), a.Count, restLimit)
		}
		<-tick.C
	}
}

// Met is when a peer was introduced to another one, and when it knew what the other
// has.
type Met struct{ Introduced, Agreed int64 }

// meeting is one that is expected.
type meeting struct {
	done chan struct{}
	met  Met
	err  error
}

// Expect begins to look out for another peer. A document is held open: who has
// it changes when it is known what the other has.
func (w *Worker) Expect(doc string, _ *bool) error {
	id, err := crdt.ParseDocID(doc)
	if err != nil {
		return err
	}
	d, err := w.peer.OpenDocument(context.Background(), id)
	if err != nil {
		return err
	}
	sub := w.peer.Subscribe(1024)
	m := &meeting{done: make(chan struct{})}
	w.meeting = m
	go func() {
		defer close(m.done)
		defer d.Close()
		defer sub.Close()
		m.err = m.watch(w.peer, id, sub)
	}()
	return nil
}

func (m *meeting) watch(p *peer.Peer, doc crdt.DocID, sub *peer.Subscription) error {
	for timeout := time.After(patience); ; {
		select {
		case event := <-sub.C():
			now := monotonic()
			connected := func(i peer.PeerInfo) bool { return i.Connected }
			switch event {
			case peer.PeersChanged{}:
				if m.met.Introduced == 0 && slices.ContainsFunc(p.Peers(), connected) {
					m.met.Introduced = now
				}
			case peer.StateChanged{Doc: doc}:
				if m.met.Introduced != 0 {
					m.met.Agreed = now
					return nil
				}
			case peer.Missed{}:
				return errors.New("too many events")
			}
		case <-timeout:
			return fmt.Errorf("not met within %v: %+v", patience, m.met)
		}
	}
}

// Met waits for the meeting that was expected.
func (w *Worker) Met(_ bool, out *Met) error {
	<-w.meeting.done
	*out = w.meeting.met
	return w.meeting.err
}

// Return puts the peer on the network again and connects it with another one.
func (w *Worker) Return(address string, _ *bool) error {
	if _, err := w.join(); err != nil {
		return err
	}
	return w.Connect([]string{address}, nil)
}
