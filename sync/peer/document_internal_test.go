package peer

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A document that breaks is read anew: nothing committed is lost, another actor
// writes, old views read the text again, and watchers miss nothing.
func TestABrokenDocumentIsReadAnew(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "one\n")
	watched := follow(t, d, "one\n")
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: 4, Insert: "two\n"}); err != nil {
		t.Fatal(err)
	}
	_, seen = d.Snapshot()
	old := d.text()
	other := newAuthor(t, d)
	other.admit(t)
	zero := other.sends(other.write(t, 0, "zero\n")...)
	breakIt(old)
	d.mustReceive(t, zero) // waits

	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "lost"}); !errors.Is(err, crdt.ErrBroken) {
		t.Fatalf("an edit of a broken document: %v", err)
	}
	soon(t, "it is read anew", func() bool { return d.text() != old })
	soon(t, "what waited is taken", func() bool { text, _ := d.Snapshot(); return text == "zero\none\ntwo\n" })
	if d.text().Actor() == old.Actor() {
		t.Error("the old actor goes on")
	}
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "x"}); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("an old view edits: %v", err)
	}
	_, seen = d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "again "}); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon(t, "the watcher has it", func() bool { return watched() == "again zero\none\ntwo\n" })
	if again, err := p.readStored(t.Context(), d.id, false); err != nil || again.nonce != d.nonce {
		t.Errorf("reopened, another actor would write: %v", err)
	}
}

// Two changes with one actor and number, as a copied home makes them, in the middle
// of what is held: one counts, all of the other one is kept, and what builds on it
// does not wait for ever. The session goes on.
func TestForksAreKept(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "base\n")
	a := newAuthor(t, d)
	a.admit(t)
	held := append(a.write(t, 0, "1"), a.write(t, 0, "2")...)
	a.restart(t)
	fork := append(a.write(t, 0, "x"), a.write(t, 0, "y")...)
	fork = append(fork, a.write(t, 0, "z")...)

	d.mustReceive(t, a.sends(held...))
	wantText(t, d, "21base\n")
	d.mustReceive(t, a.sends(fork[:2]...)) // its numbers are all held
	d.mustReceive(t, a.sends(fork...))
	d.mustReceive(t, a.sends(fork[2]))
	soon(t, "both are documents", func() bool {
		var texts []string
		docs, err := p.Documents(t.Context(), space)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			text, err := p.Text(t.Context(), doc.ID)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		slices.Sort(texts)
		return slices.Equal(texts, []string{"21base\n", "zyxbase\n"})
	})
	d.index()
	soon(t, "nothing waits for it", func() bool { d.index(); return d.settled() })
}

// A bad change is laid at the door of the one who sent it, not of the one who
// came when it was found out, and costs nobody else's changes.
func TestTheBlameIsOnTheSender(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "safe\n")
	good, bad := newAuthor(t, d), newAuthor(t, d)
	good.admit(t)
	f, err := format.ParseChange(bad.write(t, 0, "evil")[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.StartOp += 7
	evil, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	d.mustReceive(t, bad.sends(evil)) // nobody yet: it waits for the roster
	fine := good.write(t, 0, "good ")
	bad.admit(t)
	d.mustReceive(t, good.sends(fine...))
	wantText(t, d, "good safe\n")
	soon(t, "it is set aside", func() bool { a, _ := p.store.Asides(t.Context()); return len(a) == 1 })
	if _, err := d.p.receive(t.Context(), bad.sends(crdt.Change{})); !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("nonsense: %v", err)
	}
}

// While changes wait for the roster, head after head comes; none of it counts
// before the roster says so, and all of it does then.
func TestChangesWaitForTheRoster(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "")
	a := newAuthor(t, d)
	var want strings.Builder
	for i := range 300 {
		letter := string(rune('a' + i%26))
		want.WriteString(letter)
		if v := d.mustReceive(t, a.sends(a.write(t, i, letter)...)); v != nil {
			t.Fatalf("change %d: asked for more", i)
		}
	}
	wantText(t, d, "")
	in := d.slot.inbox.intake
	if n := in.nHeads; n > maxActorHeads {
		t.Errorf("%d heads wait", n)
	}
	a.admit(t) // reconsiders
	wantText(t, d, want.String())
	if len(in.heads) != 0 || in.all != (load{}) || len(in.knots) != 0 || in.lacking != 0 || len(p.room.taken) != 0 {
		t.Errorf("left behind: %d heads, %v, %d knots", in.nHeads, in.all, len(in.knots))
	}
}

// What the disk refuses stops editing, is kept, and is given again in order.
func TestRefusedEntriesAreGivenAgain(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "")
	watched := follow(t, d, "")
	d.order.Lock()
	out, err := d.text().Edit(crdt.Edit{Insert: "kept"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	e := d.prepare(store.Entry{Changes: out.Changes, Seal: d.sealer()}, enter(out.Patches, noon), DeviceID{})
	d.order.Unlock()
	e.Done(nil, store.ErrNoSpace)

	if st := d.State(); st.Saved || !errors.Is(st.Err, store.ErrNoSpace) {
		t.Errorf("the state is %+v", st)
	}
	if _, _, err := d.Edit(crdt.Edit{Seen: out.Patches[0].Num, Insert: "x"}); !errors.Is(err, ErrStopped) || !errors.Is(err, ErrNotWritten) {
		t.Errorf("an edit: %v", err)
	}
	if err := d.Commit(t.Context()); !errors.Is(err, ErrStopped) || errors.Is(err, ErrNotWritten) {
		t.Errorf("waiting for what is kept: %v", err)
	}
	if watched() != "" || d.unstored() == nil || d.settled() {
		t.Error("it passes for stored")
	}
	soon(t, "it is stored", func() bool { return d.State().Saved && d.State().Err == nil })
	soon(t, "the watcher has it", func() bool { return watched() == "kept" })
	if _, _, err := d.Edit(crdt.Edit{Seen: out.Patches[0].Num, At: 4, Insert: "!"}); err != nil {
		t.Error(err)
	}
}

// A catch-up is taken in short steps: who writes meanwhile does not wait for its
// end, the patches are told in their order, and the store gets what is written
// after what came.
func TestWritingDuringACatchUp(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "")
	watched := follow(t, d, "")
	a := newAuthor(t, d)
	a.admit(t)
	came, between, n := 0, 0, 1000
	soon(t, "something is written in the middle of a catch-up", func() bool {
		between += writeDuring(t, d, a, n)
		came += n
		n = min(2*n, 4000) // a single processor may take a thousand in one go
		watched()          // lest it falls behind
		return between > 0
	})
	t.Logf("%d edits in the middle of catch-ups of %d changes", between, came)
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, _ := d.Snapshot()
	if n := strings.Count(text, "their "); n != came {
		t.Errorf("%d of %d came", n, came)
	}
	soon(t, "the watcher has it", func() bool { return watched() == text })
	again, err := p.readStored(t.Context(), d.id, false)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := crdt.Open(crdt.Config{ID: d.id, Actor: "reader", Snapshot: again.snapshot, Changes: again.changes})
	if err != nil {
		t.Fatal(err)
	}
	if stored, _ := doc.Text(); stored != text {
		t.Error("the store holds another text")
	}
}

// writeDuring has a document take n changes of an author's in one message, writes in it
// meanwhile, and counts the edits that are between the first change and the last.
func writeDuring(t *testing.T, d *Doc, a *author, n int) (between int) {
	t.Helper()
	var changes []crdt.Change
	_, seen := a.doc.Text()
	for range n {
		out, err := a.doc.Edit(crdt.Edit{Seen: seen, Insert: "their "}, noon)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, out.Changes...)
		seen = out.Patches[len(out.Patches)-1].Num
	}
	first, last := changes[0].Seq, changes[n-1].Seq
	inside := func() bool {
		seq := d.text().Vector()[a.doc.Actor()].Seq
		return seq >= first && seq < last
	}
	done := make(chan error, 1)
	go func() {
		_, err := d.p.receive(t.Context(), a.sends(changes...))
		done <- err
	}()
	for ; ; runtime.Gosched() {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return between
		default:
		}
		d.mu.Lock() // so that the next step waits, and a single processor comes here between two
		runtime.Gosched()
		began := inside()
		d.mu.Unlock()
		if !began {
			continue
		}
		_, seen := d.Snapshot()
		if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "own "}); err != nil && !errors.Is(err, crdt.ErrStale) {
			t.Fatal(err)
		}
		if began && inside() {
			between++
		}
	}
}

// A founded document is one commit, and a text that can't be is none.
func TestNewDocumentIsOneCommit(t *testing.T) {
	p, space := alone(t)
	if _, err := p.NewDocument(t.Context(), space, "a\xff"); !errors.Is(err, crdt.ErrNotUTF8) {
		t.Errorf("bad UTF-8: %v", err)
	}
	if docs, _ := p.Documents(t.Context(), space); len(docs) != 0 {
		t.Errorf("it left %v", docs)
	}
	d := begin(t, p, space, "# Title\n")
	heads, err := p.store.HeadsSince(t.Context(), d.id, nil)
	if err != nil || len(heads) != 1 || heads[0].Seq != 2 {
		t.Errorf("heads %v, %v: want one over both changes", heads, err)
	}
}

// Someone names a document in a space where it can't be. Those who hold it where
// it belongs are not blamed for that.
func TestADocumentNamedInTheWrongSpace(t *testing.T) {
	p, space := alone(t)
	wrong, err := p.NewSpace(t.Context(), "Other")
	if err != nil {
		t.Fatal(err)
	}
	from, space2 := alone(t)
	d := begin(t, from, space2, "text")
	a := newAuthor(t, d)
	a.nonce, _ = trust.NewNonce()
	id := crdt.DocID(trust.DocumentID(space, a.id.ID(), a.nonce))
	actor := trust.ActorID(a.id.ID(), id, a.nonce)
	doc, err := crdt.Open(crdt.Config{ID: id, Actor: crdt.ActorID(actor[:])})
	if err != nil {
		t.Fatal(err)
	}
	first, err := doc.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, sp := range []SpaceID{space, wrong} {
		if err := p.admit(t.Context(), sp, Person{ID: a.id.ID(), Name: "Grace"}); err != nil {
			t.Fatal(err)
		}
	}
	message := func(sp SpaceID) protocol.Received {
		return protocol.Received{
			From: a.id.ID(), Space: sp, Doc: id, Chunks: [][]byte{first.Bytes},
			Heads: []trust.Head{trust.SignHead(a.id, sp, id, a.nonce, 1, first.Hash, nil)},
		}
	}
	if _, err := p.receive(t.Context(), message(wrong)); !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("in the wrong space: %v", err)
	}
	if _, err := p.receive(t.Context(), message(space)); err != nil {
		t.Error(err)
	}
	if got := p.store.Committed(id); len(got) != 1 {
		t.Errorf("held: %v", got)
	}
	if _, err := p.receive(t.Context(), message(wrong)); !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("in the wrong space, held: %v", err)
	}
}
