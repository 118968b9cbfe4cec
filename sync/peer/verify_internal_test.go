package peer

import (
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/store"
	"starling/sync/trust"
)

// verified are the problems of a document, which must be without any before.
func verified(t *testing.T, p *Peer, id crdt.DocID) Report {
	t.Helper()
	r, err := p.Verify(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyFindsNothingWrong(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "# One\n\nsome words to search for\n")
	friend := newAuthor(t, d)
	friend.admit(t)
	d.mustReceive(t, friend.sends(friend.write(t, 0, "from a friend ")...))
	r := verified(t, p, d.id)
	if len(r.Problems) > 0 || r.Changes != 3 || r.Authors != 2 || r.Title != "from a friend # One" {
		t.Errorf("the report is %+v", r)
	}
	empty := begin(t, p, space, "")
	if r := verified(t, p, empty.id); len(r.Problems) > 0 || r.Changes != 1 {
		t.Errorf("of an empty document the report is %+v", r)
	}
}

// A document whose founding has not come, or of which all was refused that came,
// is not whole yet. That is not wrong.
func TestVerifyWhatIsNotWholeYet(t *testing.T) {
	for _, open := range []bool{false, true} {
		for changes := range 3 {
			f := newFile(t)
			sent := []crdt.Change{f.first, letters(t, f.first, f.first.Actor, 2, 2, 3)}[:changes]
			if changes == 0 {
				sent = []crdt.Change{lost(t)} // which the rows take and the guard refuses
			}
			for _, c := range sent {
				f.hold(t, c)
			}
			if d, err := f.p.OpenDocument(t.Context(), f.id); err != nil {
				t.Fatal(err)
			} else if !open {
				shut(t, d)
			}
			r := verified(t, f.p, f.id)
			if len(r.Problems) > 0 || r.Changes != changes || !strings.Contains(strings.Join(r.Notes, "\n"), "not whole yet") {
				t.Errorf("with %d changes the report is %+v", changes, r)
			}
		}
	}
}

// lost is a foreign change that writes into a map that nobody has made.
func lost(t *testing.T) crdt.Change {
	t.Helper()
	f := format.Change{Actor: []byte("foreign"), Seq: 1, StartOp: 9, Ops: []format.Op{{
		Obj: format.OpID{Counter: 3}, Key: format.Key{Map: true, Name: "k"}, Action: format.Set,
	}}}
	c, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Nothing seems wrong because others write meanwhile.
func TestVerifyWhileOthersWrite(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "# One\n\nsome words to search for\n")
	friend := newAuthor(t, d)
	friend.admit(t)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for range 2000 {
			select {
			case <-stop:
				return
			default:
			}
			_, seen := d.Snapshot()
			if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "x "}); err != nil {
				t.Error(err)
				return
			}
			if _, err := p.receive(t.Context(), friend.sends(friend.write(t, 0, "y ")...)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range shorter(10, 3) {
		if r := verified(t, p, d.id); len(r.Problems) > 0 {
			t.Errorf("the problems are %q", r.Problems)
			break
		}
	}
	close(stop)
	<-done
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.form(1) // as when it has rested
	if r := verified(t, p, d.id); len(r.Problems)+len(r.Notes) > 0 {
		t.Errorf("the report is %+v", r)
	}
}

// Each thing that is wrong with what the store holds is found.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	other, err := crdt.Open(crdt.Config{Actor: "other"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, p *Peer, d *Doc)
		want  string
	}{
		{"another's form", func(_ *testing.T, p *Peer, d *Doc) {
			f := other.Form()
			p.store.PutForm(d.id, store.Form{Version: f.Version, Covers: d.text().Vector(), Bytes: f.Bytes})
		}, "the compact form"},
		{"a broken form", func(_ *testing.T, p *Peer, d *Doc) {
			p.store.PutForm(d.id, store.Form{Version: crdt.FormVersion, Covers: d.text().Vector(), Bytes: []byte("?")})
		}, "the compact form"},
		{"a change that nobody signed", func(t *testing.T, p *Peer, d *Doc) {
			submit(t, p, d, store.Entry{Changes: newAuthor(t, d).write(t, 0, "x")})
		}, "signed for"},
		{"a change by someone who may not write", func(t *testing.T, p *Peer, d *Doc) {
			stranger := newAuthor(t, d)
			c := stranger.write(t, 0, "x")
			submit(t, p, d, store.Entry{Changes: c, Heads: []store.Head{toStoreHead(stranger.sends(c...).Heads[0])}})
		}, "may not write"},
		{"a signature", func(t *testing.T, p *Peer, d *Doc) {
			friend := newAuthor(t, d)
			friend.admit(t)
			c := friend.write(t, 0, "x")
			h := toStoreHead(friend.sends(c...).Heads[0])
			h.Sig = slices.Clone(h.Sig)
			h.Sig[0] ^= 1
			submit(t, p, d, store.Entry{Changes: c, Heads: []store.Head{h}})
		}, "the head of change 1"},
		{"someone else's change of the imported file", func(t *testing.T, p *Peer, d *Doc) {
			c := newAuthor(t, d).write(t, 0, "x")[0]
			h := trust.SignImportHead(p.id, d.space, d.id, d.nonce, string(c.Actor), c.Seq, c.Hash, nil)
			submit(t, p, d, store.Entry{Changes: []crdt.Change{c}, Heads: []store.Head{toStoreHead(h)}})
		}, "came later"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, space := alone(t)
			d := begin(t, p, space, "title\nsome words")
			d.index()
			if r := verified(t, p, d.id); len(r.Problems) > 0 {
				t.Fatalf("before: %q", r.Problems)
			}
			test.spoil(t, p, d)
			if err := p.store.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := verified(t, p, d.id)
			if !slices.ContainsFunc(r.Problems, func(s string) bool { return strings.Contains(s, test.want) }) {
				t.Errorf("the problems are %q, and none with %q", r.Problems, test.want)
			}
		})
	}
}

// submit stores something past all that is checked.
func submit(t *testing.T, p *Peer, d *Doc, e store.Entry) {
	t.Helper()
	e.Doc, e.Space = d.id, d.space
	done := make(chan error, 1)
	e.Done = func(_ []store.Head, err error) { done <- err }
	p.store.Submit(e)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
