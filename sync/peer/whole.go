package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A snapshot of a document of which nothing is held is taken as a whole if all
// about it is plain: then it costs a fifth of what its changes cost one by one,
// and comes to the same. In one go,
//
//  1. the chunk is turned back into changes, with the hash of each, up to the
//     chunk's heads (crdt.Expand);
//  2. every head is verified and counts fully: its device may write under the
//     roster that it names, without a line before its actor's last change. There
//     is one over the last change of each actor, so that it reaches all of them,
//     since the guard lets each change build on its actor's last one;
//  3. the guard judges each change, on what those before it made;
//  4. the chunk is the one that these changes make, as none of their hashes says
//     in what order it lists a text. Else ours takes its place;
//  5. it is stored in one transaction, with a compact form.
//
// Whatever is not plain, such as a commenter's change, one beyond a line or one
// that is refused, is left to the way of all other changes, for all of the
// snapshot (snapshot.go).

// errNotPlain says that a snapshot is not to be taken as a whole.
var errNotPlain = errors.New("the snapshot is not to be taken as a whole")

// Limits of what is taken as a whole, which is in memory all at once.
const (
	maxWholeChanges = 1 << 20
	maxWholeOps     = 1 << 21
)

// Pieces of a snapshot in which changes go from the one who makes them of the
// chunk to the one who judges them, and how many of those are on the way.
const (
	wholeChanges = 512
	wholeBytes   = 256 << 10
	wholeAhead   = 4
)

// whole is a snapshot that is taken as a whole.
type whole struct {
	p   *Peer
	pc  protocol.Piece
	box *inbox
	// words are what the heads say, by actor.
	words map[crdt.ActorID]*word
	beginning
	heads   []trust.Head
	doc     *crdt.Document
	ours    []byte // the chunk that the changes make, if it is another one
	covers  crdt.Vector
	changes int
	ops     uint64
	judging judging
	locked  bool // box.mu is held
}

// word is what the heads over an actor's changes say.
type word struct {
	imported, founds bool
	top              uint64 // the last change under a head
	line             uint64 // up to where they count
	over             map[uint64]trust.Head
}

// takeWhole stores a snapshot as a whole. It fails with [errNotPlain] or whatever
// speaks against that; then nothing was stored.
func (p *Peer) takeWhole(ctx context.Context, pc protocol.Piece, chunk []byte) error {
	if p.originOf(pc.Space, pc.Doc) != pc.Doc {
		return fmt.Errorf("%w: it is a branch", errNotPlain) // its heads may be signed for its origin
	}
	p.arriving.whole.Lock()
	defer p.arriving.whole.Unlock()
	box := p.docs.enterBox(pc.Doc)
	defer p.docs.leaveBox(box)
	w := &whole{p: p, pc: pc, box: box, beginning: newBeginning("")}
	roster := p.frontier(pc.Space)
	if err := w.listen(); err != nil {
		return err
	}
	var err error
	if w.doc, err = crdt.Open(crdt.Config{ID: pc.Doc, Actor: wholeReader, Founder: w.founder}); err != nil {
		return err
	}
	if err := w.store(ctx, chunk); err != nil {
		return err
	}
	if !slices.Equal(roster.statements, p.frontier(pc.Space).statements) {
		p.behind.again(pc.Doc) // who asked meanwhile what lies beyond a line did not see it
	}
	return nil
}

// wholeReader is the actor of a document in which nobody writes.
const wholeReader = "reader"

// listen reads what the heads say. They are verified when their changes come, each
// of them: so no two are over one change, and who founded the document is what its
// ID says, whatever else a head claims.
func (w *whole) listen() error {
	w.words = make(map[crdt.ActorID]*word)
	for _, h := range w.pc.Heads {
		a := crdt.ActorID(h.Actor)
		of := w.words[a]
		if of == nil {
			of = &word{imported: h.Import, line: noLine, over: make(map[uint64]trust.Head)}
			w.words[a] = of
		}
		if of.imported != h.Import {
			return fmt.Errorf("%w: actor %v is a device's and of a file", errNotPlain, a)
		}
		st := w.p.standing(w.pc.Space, w.pc.Doc, h)
		if !st.known || !st.writes {
			return fmt.Errorf("%w: a head of actor %v does not count", errNotPlain, a)
		}
		if _, twice := of.over[h.Seq]; twice {
			return fmt.Errorf("%w: two heads over change %d of actor %v", errNotPlain, h.Seq, a)
		}
		of.line = min(of.line, st.line)
		of.top = max(of.top, h.Seq)
		of.founds = of.founds || h.Founds(w.pc.Space, w.pc.Doc)
		of.over[h.Seq] = h
		if founder, ok := h.Founder(w.pc.Space, w.pc.Doc); ok {
			w.founder = crdt.ActorID(founder)
		}
	}
	return nil
}

// store has the store make changes of the chunk and keep it, if they pass.
func (w *whole) store(ctx context.Context, chunk []byte) error {
	defer w.leave()
	defer w.judging.stop()
	w.judging.start(w.judge)
	err := w.put(ctx, chunk, w.judging.add, w.pass(chunk))
	if w.ours == nil {
		return err
	}
	again := crdt.Vector{}
	return w.put(ctx, w.ours, func(c crdt.Change) error {
		again.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
		return nil
	}, func() error {
		if !again.Equal(w.covers) {
			return fmt.Errorf("%w: it is written as another one", errNotPlain)
		}
		return w.enter()
	})
}

func (w *whole) put(ctx context.Context, chunk []byte, each func(crdt.Change) error, ready func() error) error {
	title := ""
	err := w.p.store.PutSnapshot(ctx, store.Whole{
		Doc: w.pc.Doc, Space: w.pc.Space, Chunk: chunk, Each: each,
		Ready: func() (heads []store.Head, _ string, err error) {
			if err := ready(); err != nil {
				return nil, "", err
			}
			for _, h := range w.heads {
				heads = append(heads, toStoreHead(h))
			}
			title = titleFrom(w.doc.Head)
			return heads, title, nil
		},
		Form: w.doc.Form,
		Done: func(last []crdt.Change, heads []store.Head) {
			w.p.committed(store.Entry{Doc: w.pc.Doc, Space: w.pc.Space, Changes: last}, heads, w.pc.From)
		},
	})
	if err == nil {
		text, _ := w.doc.Text()
		w.p.store.SetText(w.pc.Doc, w.covers, title, text)
	}
	return err
}

// judge judges the next changes.
func (w *whole) judge(changes []crdt.Change) error {
	for i := range changes {
		if err := w.vouch(&changes[i]); err != nil {
			return err
		}
	}
	if w.changes += len(changes); w.changes > maxWholeChanges || w.ops > maxWholeOps {
		return fmt.Errorf("%w: it has more than %d changes or %d operations", errNotPlain, maxWholeChanges, maxWholeOps)
	}
	_, err := w.doc.Apply(changes)
	return err
}

// vouch finds out whether somebody's word for a change counts, and as what.
func (w *whole) vouch(c *crdt.Change) error {
	of := w.words[c.Actor]
	switch {
	case of == nil || c.Seq > of.top || c.Seq > of.line:
		return fmt.Errorf("%w: change %d of actor %v is under no head that counts", errNotPlain, c.Seq, c.Actor)
	case len(c.Deps) == 0 && !of.imported && !of.founds:
		return fmt.Errorf("%w: %w", errNotPlain, errBegun)
	}
	c.Foreign = of.imported
	if err := w.take(*c, of.imported); err != nil {
		return err
	}
	w.ops += c.Ops()
	h, ok := of.over[c.Seq]
	if !ok {
		return nil
	}
	h.Hash = c.Hash
	err := h.Verify(w.pc.Space, w.pc.Doc)
	if errors.Is(err, trust.ErrWrongActor) { // it may be a branch's, of which the roster does not tell yet
		return fmt.Errorf("%w: %w", errNotPlain, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
	}
	delete(of.over, c.Seq)
	w.heads = append(w.heads, h)
	return nil
}

// pass ends the judging.
func (w *whole) pass(chunk []byte) func() error {
	return func() error {
		if err := w.judging.end(); err != nil {
			return err
		}
		for a, of := range w.words {
			if len(of.over) > 0 {
				return fmt.Errorf("%w: a head of actor %v is over nothing", errNotPlain, a)
			}
		}
		ours, covers, err := w.doc.Snapshot()
		if err != nil {
			return err
		}
		if w.covers = covers; !bytes.Equal(ours, chunk) {
			w.ours = ours
			return fmt.Errorf("%w: its own changes make another one", errNotPlain)
		}
		return w.enter()
	}
}

// enter looks, with nobody coming in between until leave, whether it is to be
// stored still.
func (w *whole) enter() error {
	w.box.mu.Lock()
	w.locked = true
	if in := w.box.intake; !w.box.idle() || in != nil && len(in.barred) > 0 {
		return fmt.Errorf("%w: something of the document is waiting", errNotPlain)
	}
	if d := w.p.docs.ifOpen(w.pc.Doc); d != nil {
		w.p.docs.release(d)
		return fmt.Errorf("%w: the document is open", errNotPlain)
	}
	for _, h := range w.heads {
		of := w.words[crdt.ActorID(h.Actor)]
		if st := w.p.standing(w.pc.Space, w.pc.Doc, h); !st.known || !st.writes || st.line < of.top {
			return fmt.Errorf("%w: a head of actor %x does not count any more", errNotPlain, h.Actor)
		}
	}
	return nil
}

func (w *whole) leave() {
	if w.locked {
		w.locked = false
		w.box.mu.Unlock()
	}
}

// judging has changes judged, in order, beside the one who makes them. It is for
// one goroutine.
type judging struct {
	batch []crdt.Change
	size  int
	work  chan []crdt.Change // nil before start, and after the end
	done  chan struct{}
	err   error // once done is closed
}

// start begins a goroutine that ends with stop, end, or the first error.
func (j *judging) start(judge func([]crdt.Change) error) {
	work, done := make(chan []crdt.Change, wholeAhead), make(chan struct{})
	j.work, j.done = work, done
	go func() {
		defer close(done)
		for batch := range work {
			if j.err = judge(batch); j.err != nil {
				return
			}
		}
	}()
}

// add gives a change to be judged. It fails with the error of one before it.
func (j *judging) add(c crdt.Change) error {
	j.batch = append(j.batch, c)
	if j.size += len(c.Bytes); len(j.batch) < wholeChanges && j.size < wholeBytes {
		return nil
	}
	return j.flush()
}

func (j *judging) flush() error {
	batch := j.batch
	j.batch, j.size = make([]crdt.Change, 0, wholeChanges), 0
	select {
	case j.work <- batch:
		return nil
	case <-j.done:
		return j.err
	}
}

// end waits until all have been judged.
func (j *judging) end() error {
	err := j.flush()
	j.stop()
	if err == nil {
		err = j.err
	}
	return err
}

// stop ends the goroutine and waits for that.
func (j *judging) stop() {
	if j.work != nil {
		close(j.work)
		j.work = nil
	}
	<-j.done
}
