package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// paper is the editing history that the document of the first sync has: a commit
// for each edit.
const paper = "automerge-paper.json.gz"

// first measures how a long document comes to one who has nothing of it: from
// the call that connects the two to its text, as a window shows it from then on, and
// to its text with every change judged and committed, open to be written in; and how many bytes that takes, handshake included.
func first(o options, results, say io.Writer) error {
	file, err := filepath.Abs(filepath.Join(o.traces, paper))
	if err == nil {
		_, err = os.Stat(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(say, "first: not measured: %v\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "starling-live-")
	if err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	defer os.RemoveAll(dir)
	// Packets that the kernel would cut are counted as one, with one header.
	s, err := swarmUp(dir, 2, "QUIC_GO_DISABLE_GSO=true")
	defer s.kill()
	if err != nil {
		return err
	}
	if err := s.all[1].call("Leave", true, nil); err != nil {
		return err
	}
	var written Written
	if err := s.all[0].call("WriteTrace", TraceArgs{s.space, file}, &written); err != nil {
		return err
	}
	fmt.Fprintf(say, "first, %d edits, written in %v\n", written.Edits, written.Took.Round(time.Millisecond))
	time.Sleep(compactsAfter)
	if err := awaitRest(s.all...); err != nil {
		return err
	}
	if err := profileBoth(o, "first", s.all); err != nil {
		return err
	}
	before, err := readWire()
	if err != nil {
		return err
	}
	var got Fetched
	if err := s.all[1].call("Fetch", FetchArgs{s.at[0].Address, written.Doc, written.Length}, &got); err != nil {
		return err
	}
	if err := profiled(o, s.all); err != nil {
		return err
	}
	if err := awaitRest(s.all...); err != nil {
		return err
	}
	went, err := wireSince(before)
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "  text after      %v\n  verified after  %v\n", got.Text, got.Verified)
	printLine(results, "sync.first_text", got.Text.Seconds()*1000, "ms")
	printLine(results, "sync.first_verified", got.Verified.Seconds(), "s")
	if went.packets > 0 {
		fmt.Fprintf(say, "  on the wire     %d bytes in %d packets\n", went.bytes, went.packets)
		printLine(results, "sync.first_bytes", float64(went.bytes)/1000, "kB")
	}
	return s.end()
}

// compactsAfter is more than the time for which a document rests before its
// history is compacted.
const compactsAfter = 6 * time.Second

// TraceArgs name a history to type into a new document.
type TraceArgs struct{ Space, File string }

// Written is what became of it; Length is that of the text in bytes.
type Written struct {
	Doc           string
	Edits, Length int
	Took          time.Duration
}

// history is as much of an editing history as is needed to type it.
type history struct {
	End  string `json:"endContent"`
	Txns []struct {
		Patches []splice `json:"patches"`
	} `json:"txns"`
}

type splice struct {
	at, remove int
	insert     string
}

// UnmarshalJSON reads [at, delete, insert].
func (s *splice) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.at, &s.remove, &s.insert})
}

func readHistory(name string) (*history, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	h := &history{}
	if err := json.NewDecoder(plain).Decode(h); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return h, nil
}

// WriteTrace types a whole history into a new document.
func (w *Worker) WriteTrace(a TraceArgs, out *Written) error {
	h, err := readHistory(a.File)
	if err != nil {
		return err
	}
	if err := w.NewDoc(DocArgs{Space: a.Space}, &out.Doc); err != nil {
		return err
	}
	id, err := crdt.ParseDocID(out.Doc)
	if err != nil {
		return err
	}
	doc, err := w.peer.OpenDocument(context.Background(), id)
	if err != nil {
		return err
	}
	defer doc.Close()
	start := time.Now()
	_, seen := doc.Snapshot()
	for _, txn := range h.Txns {
		for _, s := range txn.Patches {
			patches, _, err := doc.Edit(crdt.Edit{Seen: seen, At: s.at, Delete: s.remove, Insert: s.insert})
			if err != nil {
				return fmt.Errorf("edit %d: %w", out.Edits, err)
			}
			if n := len(patches); n > 0 {
				seen = patches[n-1].Num
			}
			out.Edits++
		}
	}
	if err := doc.Commit(context.Background()); err != nil {
		return err
	}
	out.Took, out.Length = time.Since(start), len(h.End)
	if text, _ := doc.Snapshot(); text != h.End {
		return errors.New("the text is not that of the history")
	}
	return nil
}

// Leave takes the peer off the network.
func (w *Worker) Leave(_ bool, _ *bool) error { return w.leave() }

// FetchArgs name who has a document, the document and its length in bytes.
type FetchArgs struct {
	Address, Doc string
	Length       int
}

// Fetched is how long it took to come.
type Fetched struct{ Text, Verified time.Duration }

// Fetch puts the peer on the network again, connects it and waits for a document,
// as a window does that is to show it.
func (w *Worker) Fetch(a FetchArgs, out *Fetched) error {
	id, err := crdt.ParseDocID(a.Doc)
	if err != nil {
		return err
	}
	if _, err := w.join(); err != nil {
		return err
	}
	sub := w.peer.Subscribe(1024)
	defer sub.Close()
	start := time.Now()
	if err := w.Connect([]string{a.Address}, nil); err != nil {
		return err
	}
	if err := awaitText(w.peer, sub, id, a.Length); err != nil {
		return err
	}
	out.Text = time.Since(start)
	var doc *peer.Doc
	if err := await("the document is opened", func() (bool, error) {
		doc, err = w.peer.OpenDocument(context.Background(), id)
		return err == nil, err
	}); err != nil {
		return err
	}
	defer doc.Close()
	err = await("all is verified and committed", func() (bool, error) {
		text, _ := doc.Snapshot()
		return len(text) == a.Length && doc.State().Saved, nil
	})
	out.Verified = time.Since(start)
	return err
}

// awaitText waits until a window can show the text of a document, which it does
// before that is verified.
func awaitText(p *peer.Peer, sub *peer.Subscription, id crdt.DocID, length int) error {
	for timeout := time.After(patience); ; {
		select {
		case event := <-sub.C():
			if of, ok := event.(peer.ArrivingChanged); !ok || of.Doc != id {
				continue
			}
			switch d, ok := p.Arriving(id); {
			case !ok:
				return errors.New("the text was not shown while it was verified")
			case d.Readable && len(d.Text) != length:
				return fmt.Errorf("a text of %d bytes instead of %d came", len(d.Text), length)
			case d.Readable:
				return nil
			}
		case <-timeout:
			return fmt.Errorf("no text within %v", patience)
		}
	}
}
