package peer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/judge"
	"starling/crdt/store"
	"starling/sync/trust"
)

// Report is what [Peer.Verify] found of a document.
type Report struct {
	Document
	Changes, Authors int
	// Problems say what is wrong; without any, all is right.
	Problems []string
	// Notes say what could not be checked, and why, and that the search was
	// behind.
	Notes []string
	// Judged says that automerge-go has read it too.
	Judged bool
}

// maxProblems is how many problems of a document are told apart.
const maxProblems = 20

// Verify checks a document against itself, in every way in which it is kept:
//
//   - each change against its hash, its row and, in order, the guard;
//   - the vector against the changes;
//   - the signed heads: signature, role, that they are over changes that are
//     held, and that each author's changes are all covered;
//   - the text as the changes alone give it against those of the snapshot, the
//     compact form, the open document and, where it is linked, automerge-go;
//   - title and search against the text;
//   - what stands beside it against the branches that it split into.
//
// It opens the document, which may go on being used. What it finds is in the
// report; an error says that it could not look.
func (p *Peer) Verify(ctx context.Context, id crdt.DocID) (Report, error) {
	v := &verification{p: p, id: id, hashes: make(map[crdt.ActorID][]crdt.Hash)}
	if err := v.begin(ctx); err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	for _, check := range []func(context.Context) error{
		v.readHeads, v.replay, v.checkVector, v.checkHeads, v.checkLines, v.checkBeside, v.checkTexts, v.checkOpen,
	} {
		err := check(ctx)
		if ctx.Err() != nil {
			return Report{}, fmt.Errorf("verify document %v: %w", id, ctx.Err())
		}
		if err != nil {
			v.problem("%v", err)
		}
	}
	if n := len(v.report.Problems) - maxProblems; n > 0 {
		v.report.Problems = append(v.report.Problems[:maxProblems], fmt.Sprintf("and %d more of this kind", n))
	}
	return v.report, nil
}

// verification is one document being verified. Others may write in it
// meanwhile: what is compared is the state at. Heads are read after it is noted
// and changes after the heads, so that nothing of an earlier step may be missing
// in a later one.
type verification struct {
	p      *Peer
	id     crdt.DocID
	origin crdt.DocID // of a branch; else the same
	report Report
	at     crdt.Vector
	heads  []store.Head
	// foreign are the actors that nobody but the founder vouches for.
	foreign map[crdt.ActorID]bool
	// hashes are those of each actor's changes, by seq.
	hashes map[crdt.ActorID][]crdt.Hash
	// tops are the changes in at that no other in it builds on.
	tops map[crdt.Hash]crdt.Head
	// doc is what the changes alone make.
	doc  *crdt.Document
	text string
	// lagged says that the search did not know the text.
	lagged bool
}

func (v *verification) problem(format string, args ...any) {
	v.report.Problems = append(v.report.Problems, fmt.Sprintf(format, args...))
}

func (v *verification) note(format string, args ...any) {
	v.report.Notes = append(v.report.Notes, fmt.Sprintf(format, args...))
}

// begin finds the document and notes the state that is verified. A document that
// is not open is opened first, and so catches up with what it has received.
func (v *verification) begin(ctx context.Context) error {
	var err error
	if v.report.Document, err = v.p.Document(ctx, v.id); err != nil {
		return err
	}
	v.origin = v.p.originOf(v.report.Space, v.id)
	d, err := v.p.openStored(ctx, v.id)
	if err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil {
		v.problem("it does not open: %v", err)
	} else {
		defer v.p.docs.release(d)
		d.mu.Lock()
		v.lagged = d.lagged
		d.mu.Unlock()
		if err := d.commit(ctx); err != nil && ctx.Err() == nil {
			v.problem("not everything is stored: %v", err)
		}
	}
	v.at = v.p.store.Committed(v.id)
	return ctx.Err()
}

func (v *verification) readHeads(ctx context.Context) (err error) {
	v.heads, err = v.p.store.HeadsSince(ctx, v.id, nil)
	v.foreign = make(map[crdt.ActorID]bool)
	for _, h := range v.heads {
		if h.Import {
			v.foreign[h.Actor] = true
		}
	}
	for _, h := range v.heads {
		if !h.Import {
			delete(v.foreign, h.Actor)
		}
	}
	return err
}

// founder is the actor that founded the document, by its heads.
func (v *verification) founder() crdt.ActorID {
	for _, h := range v.heads {
		if trust.DocumentID(v.report.Space, h.Device, h.Nonce) == v.origin {
			a := trust.ActorID(h.Device, v.origin, h.Nonce)
			return crdt.ActorID(a[:])
		}
	}
	return ""
}

// replay reads all changes, and has the guard judge them again one by one.
func (v *verification) replay(ctx context.Context) error {
	founder := v.founder()
	switch {
	case len(v.at) == 0: // all that came may have been refused
		v.note("nothing of it has come that could be kept: it is not whole yet")
	case founder == "":
		v.problem("nobody has signed its founding")
	case v.at[founder].Seq == 0:
		v.note("its founding has not come: it is not whole yet")
	}
	var err error
	v.doc, err = crdt.Open(crdt.Config{ID: v.id, Actor: reader, Founder: founder})
	if err != nil {
		return err
	}
	r := replayer{v: v, founder: founder, have: crdt.Vector{}}
	v.tops = make(map[crdt.Hash]crdt.Head)
	r.until = v.p.store.Committed(v.id) // others may write for ever
	err = v.p.store.ChangesSince(ctx, v.id, nil, func(c crdt.Change) error {
		return errors.Join(ctx.Err(), r.take(c))
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	err = errors.Join(err, r.flush())
	v.report.Authors = len(v.hashes)
	if err == nil {
		v.text, err = v.textOf(v.doc)
	}
	return err
}

// replayer takes the changes of a document one by one.
type replayer struct {
	v       *verification
	founder crdt.ActorID
	begun   bool // the founding change has come
	batch   []crdt.Change
	until   crdt.Vector // what is to be read
	have    crdt.Vector
}

func (r *replayer) take(c crdt.Change) error {
	v := r.v
	v.report.Changes++
	if err := sound(c); err != nil {
		v.problem("change %d of author %s: %v", c.Seq, short(c.Actor), err)
	}
	if held := uint64(len(v.hashes[c.Actor])); c.Seq != held+1 {
		v.problem("change %d of author %s comes after change %d", c.Seq, short(c.Actor), held)
	}
	v.hashes[c.Actor] = append(v.hashes[c.Actor], c.Hash)
	if v.at.Has(c.Actor, c.Seq) {
		for _, dep := range c.Deps {
			delete(v.tops, dep)
		}
		v.tops[c.Hash] = crdt.Head{Actor: c.Actor, Seq: c.Seq}
	}
	c.Foreign = v.foreign[c.Actor]
	if c.Foreign && r.begun {
		v.problem("change %d of author %s is said to be of the imported file, and came later", c.Seq, short(c.Actor))
	}
	r.begun = r.begun || c.Actor == r.founder
	r.batch = append(r.batch, c)
	r.have.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	if len(r.batch) < checkStep {
		return nil
	}
	if err := r.flush(); err != nil || !r.have.Covers(r.until) {
		return err
	}
	return errEnough
}

// errEnough ends a reading.
var errEnough = errors.New("enough is read")

// flush has the document take what was gathered.
func (r *replayer) flush() error {
	refused, err := checkRest(r.v.doc, r.batch)
	for _, f := range refused {
		r.v.problem("change %d of author %s is refused: %v", f.change.Seq, short(f.change.Actor), f.cause)
	}
	r.batch = r.batch[:0]
	return err
}

// sound holds a change against its hash, and its row against its bytes.
func sound(c crdt.Change) error {
	const unhashed = 8 // magic and checksum
	if len(c.Bytes) < unhashed || sha256.Sum256(c.Bytes[unhashed:]) != c.Hash {
		return errors.New("its bytes do not have its hash")
	}
	read, err := crdt.ParseChange(c.Bytes)
	if err != nil {
		return fmt.Errorf("it can't be read: %w", err)
	}
	same := read.Actor == c.Actor && read.Seq == c.Seq && read.Hash == c.Hash && read.StartOp == c.StartOp &&
		read.MaxOp == c.MaxOp && read.Time == c.Time && slices.Equal(read.Deps, c.Deps)
	if !same {
		return errors.New("its row says something else than its bytes")
	}
	return nil
}

// short is how an author is named where only the actor is known.
func short(a crdt.ActorID) string { return a.String()[:min(8, 2*len(a))] }

// checkVector holds the vector, in memory and in the rows, against the changes.
func (v *verification) checkVector(ctx context.Context) error {
	all, err := v.p.store.Vectors(ctx, v.report.Space)
	if err != nil {
		return err
	}
	if !all[v.id].Covers(v.at) {
		v.problem("the stored vector is behind the one in memory")
	}
	for _, vector := range []crdt.Vector{v.at, all[v.id]} {
		for _, a := range vector.Actors() {
			tip, held := vector[a], v.hashes[a]
			switch {
			case tip.Seq <= uint64(len(held)) && tip.Seq > 0 && held[tip.Seq-1] != tip.Hash:
				v.problem("the vector names another change %d of author %s than is held", tip.Seq, short(a))
			case tip.Seq > uint64(len(held)) && v.at.Has(a, tip.Seq):
				v.problem("the vector has %d changes of author %s, of which %d are held", tip.Seq, short(a), len(held))
			}
		}
	}
	return nil
}

// checkHeads verifies signatures and roles, and that every change is covered.
func (v *verification) checkHeads(ctx context.Context) error {
	covered := make(map[crdt.ActorID]uint64)
	for _, h := range v.heads {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := v.checkHead(h); err != nil {
			v.problem("the head of change %d of author %s: %v", h.Seq, short(h.Actor), err)
			continue
		}
		covered[h.Actor] = max(covered[h.Actor], h.Seq)
	}
	for _, a := range v.at.Actors() {
		tip := v.at[a]
		if covered[a] < tip.Seq && v.origin != v.id { // what counts in the origin counts here
			there := map[crdt.Hash]bool{tip.Hash: false}
			if err := v.p.lookUp(ctx, v.origin, there); err != nil {
				return err
			}
			if there[tip.Hash] {
				continue
			}
		}
		if covered[a] < tip.Seq && v.signedBeside(ctx, a, tip.Seq) {
			v.note("of author %s's %d changes, the last ones are signed for beside it or in its branches alone", short(a), tip.Seq)
			continue
		}
		if covered[a] < tip.Seq {
			v.problem("of author %s's %d changes, only %d are signed for", short(a), tip.Seq, covered[a])
		}
	}
	return nil
}

func (v *verification) checkHead(h store.Head) error {
	signed := signedFor(toTrustHead(h), v.id, v.origin)
	if err := toTrustHead(h).Verify(v.report.Space, signed); err != nil {
		return err
	}
	switch st := v.p.standing(v.report.Space, signed, toTrustHead(h)); {
	case !st.known:
		return errors.New("it names a roster that is not here")
	case !st.writes && !st.remarks:
		return fmt.Errorf("device %s may not write in this space", DeviceID(h.Device).Tag())
	}
	held := v.hashes[h.Actor]
	if h.Seq > uint64(len(held)) {
		return errors.New("the change is not held")
	}
	if held[h.Seq-1] != h.Hash {
		return errors.New("another change is held")
	}
	return nil
}

// checkLines looks whether all that is held counts.
func (v *verification) checkLines(ctx context.Context) error {
	over, err := v.p.uncounted(ctx, v.report.Space, v.id)
	if err == nil && len(over) > 0 {
		v.problem("%d changes are held of people who may not write, or beyond the line of one who was removed", len(over))
	}
	return err
}

// textOf is a document's text in the state that is verified.
func (v *verification) textOf(doc *crdt.Document) (string, error) {
	if doc.Vector().Equal(v.at) {
		text, _ := doc.Text()
		return text, nil
	}
	var state crdt.Version
	for _, top := range v.tops {
		state.Heads = append(state.Heads, top)
	}
	return doc.TextAt(state)
}

// checkTexts compares the texts of snapshot and changes, of the compact form and
// of automerge-go with that of the changes alone.
func (v *verification) checkTexts(ctx context.Context) error {
	c, err := v.p.copyOf(ctx, v.id, noForm)
	if err != nil {
		return err
	}
	v.compare(c.doc, "snapshot and changes")
	if len(c.refused) > 0 {
		v.problem("%d received changes are refused: %v", len(c.refused), c.refused[0].cause)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	form, err := v.p.copyOf(ctx, v.id, crdt.FormVersion)
	switch {
	case err != nil:
		v.problem("the compact form: %v", err)
	case form.form == nil:
		v.note("it has no compact form yet")
	default:
		v.compare(form.doc, "the compact form")
	}
	v.ask(ctx, c)
	return nil
}

func (v *verification) compare(doc *crdt.Document, what string) {
	if !doc.Vector().Covers(v.at) {
		v.problem("%s: some of the changes are missing", what)
		return
	}
	if text, err := v.textOf(doc); err != nil {
		v.problem("%s: %v", what, err)
	} else if text != v.text {
		v.problem("%s: the text is another one than the changes give", what)
	}
}

// ask compares with automerge-go what is stored: snapshot and changes.
func (v *verification) ask(ctx context.Context, c *copied) {
	if !judge.Available() || len(c.refused) > 0 {
		return
	}
	file := slices.Clone(c.snapshot)
	for _, change := range c.changes {
		file = append(file, change.Bytes...)
	}
	verdict, err := judge.Ask(ctx, file, textKeyOf(c.doc))
	switch {
	case errors.Is(err, judge.ErrLimits), errors.Is(err, judge.ErrUnavailable):
		v.note("automerge-go could not be asked: %v", err)
		return
	case err != nil:
		v.problem("automerge-go: %v", err)
		return
	}
	v.report.Judged = true
	if text, _ := c.doc.Text(); verdict.Text != text {
		v.problem("automerge-go reads another text")
	}
	heads := c.doc.Now().Heads
	for _, h := range heads {
		if hash, ok := c.doc.Held(h.Actor, h.Seq); !ok || !slices.Contains(verdict.Heads, [32]byte(hash)) {
			v.problem("automerge-go does not end with change %d of author %s", h.Seq, short(h.Actor))
		}
	}
	if len(verdict.Heads) != len(heads) {
		v.problem("automerge-go sees %d last changes, we see %d", len(verdict.Heads), len(heads))
	}
}

// textKeyOf is the root key that holds a document's text.
func textKeyOf(doc *crdt.Document) string {
	key, _, err := doc.Get(crdt.ObjID{}, "starling.text")
	if named, ok := key.(string); ok && err == nil {
		return named
	}
	return "content"
}
