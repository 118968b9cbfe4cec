package crdt

import (
	"errors"
	"fmt"
	"time"

	"github.com/automerge/automerge-go"
)

// contentKey is the root key that holds the text.
const contentKey = "content"

// engine is the automerge-go document behind a [Document], used only through
// the calls whose cost does not grow with the history. Only bytes that the
// guard has passed, or that this program wrote, may reach it: bad ones abort
// the process.
type engine struct {
	doc  *automerge.Doc
	text *automerge.Text // nil until `content` has arrived
}

func newEngine(actor ActorID, snapshot []byte) (*engine, error) {
	doc := automerge.New()
	if snapshot != nil {
		var err error
		if doc, err = automerge.Load(snapshot); err != nil {
			return nil, fmt.Errorf("load the snapshot: %w", err)
		}
	}
	e := &engine{doc: doc}
	if err := e.setActor(actor); err != nil {
		return nil, err
	}
	return e, e.find()
}

func (e *engine) setActor(actor ActorID) error {
	if err := e.doc.SetActorID(actor.String()); err != nil {
		return fmt.Errorf("actor %v: %w", actor, err)
	}
	return nil
}

// find looks for the text under `content`.
func (e *engine) find() error {
	if e.text != nil {
		return nil
	}
	v, err := e.doc.RootMap().Get(contentKey)
	if err != nil {
		return fmt.Errorf("read the root: %w", err)
	}
	if v.Kind() == automerge.KindText {
		e.text = v.Text()
	}
	return nil
}

// found makes the text under `content`, without committing.
func (e *engine) found() error {
	if err := e.doc.RootMap().Set(contentKey, automerge.NewText("")); err != nil {
		return fmt.Errorf("make the text: %w", err)
	}
	return e.find()
}

// commit ends a change and returns its chunk. Automerge's own field for the
// time has no unit; other programs read whole seconds there, automerge-go
// writes milliseconds, hence the odd conversion.
func (e *engine) commit(now time.Time) ([]byte, error) {
	seconds := time.UnixMilli(now.Unix())
	hash, err := e.doc.Commit("", automerge.CommitOptions{Time: &seconds})
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	change, err := e.doc.Change(hash)
	if err != nil {
		return nil, fmt.Errorf("read change %v: %w", hash, err)
	}
	if change == nil {
		return nil, fmt.Errorf("read change %v: %w", hash, errors.ErrUnsupported)
	}
	return change.Save(), nil
}

// load applies chunks that lie one after the other in data. LoadIncremental
// reports nothing when it does not like its input, so the caller compares the
// heads.
func (e *engine) load(data []byte) error {
	if err := e.doc.LoadIncremental(data); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return e.find()
}

func (e *engine) heads() map[Hash]struct{} {
	heads := make(map[Hash]struct{})
	for _, h := range e.doc.Heads() {
		heads[Hash(h)] = struct{}{}
	}
	return heads
}

// length is that of the text in code points, known without reading it.
func (e *engine) length() int {
	if e.text == nil {
		return 0
	}
	return e.text.Len()
}

func (e *engine) string() (string, error) {
	if e.text == nil {
		return "", nil
	}
	s, err := e.text.Get()
	if err != nil {
		return "", fmt.Errorf("read the text: %w", err)
	}
	return s, nil
}

// Expand gives the changes of a snapshot that this program made, each after
// those it builds on, until yield fails, and returns that error. The bytes must
// come from our own disk, checked: it hands them to the C library.
func Expand(snapshot []byte, yield func(Change) error) error {
	doc, err := automerge.Load(snapshot)
	if err != nil {
		return fmt.Errorf("load the snapshot: %w", err)
	}
	all, err := doc.Changes()
	if err != nil {
		return fmt.Errorf("list the snapshot's changes: %w", err)
	}
	for _, c := range all {
		p, err := parse(c.Save())
		if err != nil {
			return fmt.Errorf("change %v of the snapshot: %w", c.Hash(), err)
		}
		if err := yield(p.Change); err != nil {
			return err
		}
	}
	return nil
}

// expandAll collects what [Expand] gives.
func expandAll(snapshot []byte) ([]Change, error) {
	var changes []Change
	err := Expand(snapshot, func(c Change) error {
		changes = append(changes, c)
		return nil
	})
	return changes, err
}
