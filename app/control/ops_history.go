package control

import (
	"context"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/sync/peer"
)

// History lists a document's versions, the last one last.
var History = single("history", func(ctx context.Context, p *peer.Peer, a DocArgs) ([]Version, error) {
	var versions []Version
	err := open(ctx, p, a.Doc, func(d *peer.Doc) error {
		versions = each(d.History(), func(v crdt.Version) Version { return versionOf(d, v) })
		return nil
	})
	return versions, err
})

// VersionArgs names a version of a document: by its ID, the start of it, its name
// or "now".
type VersionArgs struct {
	Doc     string `json:"doc"`
	Version string `json:"version"`
}

// ReadVersion gives the text of a version.
var ReadVersion = single("cat at", func(ctx context.Context, p *peer.Peer, a VersionArgs) (Content, error) {
	var c Content
	err := atVersion(ctx, p, a, func(d *peer.Doc, v crdt.Version) error {
		text, err := d.TextAt(v)
		c = Content{d.ID().String(), []byte(text)}
		return err
	})
	return c, err
})

// DiffArgs names two versions of a document.
type DiffArgs struct {
	Doc string `json:"doc"`
	A   string `json:"a"`
	B   string `json:"b"`
}

// Diff tells what became of a document's text from one version to another.
var Diff = single("diff", func(ctx context.Context, p *peer.Peer, a DiffArgs) (Difference, error) {
	var out Difference
	err := atVersion(ctx, p, VersionArgs{a.Doc, a.A}, func(d *peer.Doc, from crdt.Version) error {
		to, err := d.FindVersion(a.B)
		if err != nil {
			return err
		}
		pieces, err := d.Diff(from, to)
		t := teller{d}
		out = Difference{d.ID().String(), from.ID.String(), to.ID.String(), each(pieces, t.piece)}
		return err
	})
	return out, err
})

// Blame tells who wrote each line of a document, and each part of it.
var Blame = single("blame", func(ctx context.Context, p *peer.Peer, a VersionArgs) ([]Line, error) {
	var lines []Line
	err := atVersion(ctx, p, a, func(d *peer.Doc, v crdt.Version) error {
		told, err := d.Blame(v)
		lines = each(told, teller{d}.line)
		return err
	})
	return lines, err
})

// Restored names the document that was restored, and says how many parts of its
// text had to stay as they are.
type Restored struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Left    int    `json:"left"`
}

// RestoreVersion makes the text that of a version again. It is committed when
// the value comes.
var RestoreVersion = single("restore-version", func(ctx context.Context, p *peer.Peer, a VersionArgs) (Restored, error) {
	var out Restored
	err := atVersion(ctx, p, a, func(d *peer.Doc, v crdt.Version) error {
		_, seen := d.Snapshot()
		_, _, left, err := d.RestoreVersion(v, seen)
		if err != nil {
			return err
		}
		out = Restored{d.ID().String(), v.ID.String(), left}
		return d.Commit(ctx)
	})
	return out, err
})

// NameArgs is the name, UTF-8, that a version is to have. Move takes it away
// from another version, which is [ErrNameTaken] else.
type NameArgs struct {
	Doc     string `json:"doc"`
	Version string `json:"version"`
	Name    []byte `json:"name"`
	Move    bool   `json:"move,omitempty"`
}

// Named is a version and the name that it was given.
type Named struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Name    string `json:"name"`
}

// NameVersion gives a version a name. It is committed when the value comes.
var NameVersion = single("name-version", func(ctx context.Context, p *peer.Peer, a NameArgs) (Named, error) {
	var out Named
	err := atVersion(ctx, p, VersionArgs{a.Doc, a.Version}, func(d *peer.Doc, v crdt.Version) error {
		if err := checkFree(d, a, v); err != nil {
			return err
		}
		if err := d.NameVersion(string(a.Name), v); err != nil {
			return err
		}
		out = Named{d.ID().String(), v.ID.String(), string(a.Name)}
		return d.Commit(ctx)
	})
	return out, err
})

// checkFree refuses a name that another version than v has, unless it may move.
func checkFree(d *peer.Doc, a NameArgs, v crdt.Version) error {
	if a.Move {
		return nil
	}
	for _, other := range d.History() {
		if other.ID != v.ID && slices.Contains(other.Names, string(a.Name)) {
			return fmt.Errorf("%w: %q is version %.8s", ErrNameTaken, a.Name, other.ID.String())
		}
	}
	return nil
}

// Undo takes back the last of what was done on this device. It is committed when
// the value comes.
var Undo = single("undo", func(ctx context.Context, p *peer.Peer, a DocArgs) (Edited, error) {
	return step(ctx, p, a.Doc, (*peer.Doc).Undo, ErrNothingToUndo)
})

// Redo does again what [Undo] took back last. It is committed when the value
// comes.
var Redo = single("redo", func(ctx context.Context, p *peer.Peer, a DocArgs) (Edited, error) {
	return step(ctx, p, a.Doc, (*peer.Doc).Redo, ErrNothingToRedo)
})

// step undoes or redoes; none is the error if that changes nothing.
func step(ctx context.Context, p *peer.Peer, doc string, f func(*peer.Doc, uint64) ([]crdt.Patch, uint64, error), none error) (Edited, error) {
	return change(ctx, p, doc, func(d *peer.Doc) error {
		_, seen := d.Snapshot()
		patches, own, err := f(d, seen)
		if err != nil {
			return err
		}
		if n := len(patches); n == 0 || patches[n-1].Num < own {
			return none
		}
		return d.Commit(ctx)
	})
}

// open opens a document for as long as f takes.
func open(ctx context.Context, p *peer.Peer, arg string, f func(*peer.Doc) error) error {
	_, err := change(ctx, p, arg, f)
	return err
}

// atVersion opens a document and finds a version of it; "" is the present one.
func atVersion(ctx context.Context, p *peer.Peer, a VersionArgs, f func(*peer.Doc, crdt.Version) error) error {
	return open(ctx, p, a.Doc, func(d *peer.Doc) error {
		if a.Version == "" {
			a.Version = "now"
		}
		v, err := d.FindVersion(a.Version)
		if err != nil {
			return err
		}
		return f(d, v)
	})
}

// BranchArgs names the document that a fork's other text is in.
type BranchArgs struct {
	Branch string `json:"branch"`
}

// ChooseBranch has the first document of a fork hold the text of the other one,
// and the other way round; for an owner of the space.
var ChooseBranch = single("doc choose", func(ctx context.Context, p *peer.Peer, a BranchArgs) (None, error) {
	branch, err := findDocument(ctx, p, a.Branch)
	if err != nil {
		return None{}, err
	}
	return None{}, p.ChooseBranch(ctx, branch)
})
