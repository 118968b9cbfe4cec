package hostile

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"starling/crdt"
	"starling/packaging/lab"
)

// signedUnder is a head that names statements of the roster.
func (m *member) signedUnder(doc crdt.DocID, nonce []byte, seq uint64, hash [32]byte, roster ...[]byte) fields {
	if len(roster) == 0 {
		return m.head(doc, nonce, seq, hash)
	}
	actor := m.actor(doc, nonce)
	slices.SortFunc(roster, slices.Compare)
	msg := append([]byte("starling/head/2"), 1)
	msg = append(append(append(msg, m.space...), doc[:]...), actor...)
	msg = binary.BigEndian.AppendUint64(msg, seq)
	msg = append(msg, hash[:]...)
	for _, s := range roster {
		msg = append(msg, s...)
	}
	return fields{1: actor, 2: seq, 3: hash[:], 4: m.id(), 5: nonce, 6: ed25519.Sign(m.key, msg), 8: roster}
}

// statements asks a peer for its roster, as one who has none of it.
func (m *member) statements(t *testing.T, v *victim) (all [][]byte) {
	t.Helper()
	l := m.join(t, v)
	defer l.close()
	nothing := make([]byte, 32)
	l.send(t, kindDigest, fields{1: m.space, 2: nothing, 3: nothing})
	g := l.await(t, kindRoster)
	g.field(t, 2, &all)
	return all
}

// hashesOf names statements.
func hashesOf(statements [][]byte) (hashes [][]byte) {
	for _, s := range statements {
		h := sha256.Sum256(s)
		hashes = append(hashes, h[:])
	}
	return hashes
}

// One who may not write, or not any more, writes: by signatures that are good,
// under no roster, under each that there ever was, under one that there never was,
// in the own session and by the hand of a member who may write. None of it is shown.
func TestWhoMayNotWrite(t *testing.T) {
	for _, what := range []string{"viewer", "commenter", "removed"} {
		t.Run(what, func(t *testing.T) {
			a := attackOn(t, what == "viewer")
			nora := pairWith(t, a.victim, "Nora")
			early := hashesOf(nora.statements(t, a.victim))
			if what == "removed" {
				a.Must("space", "remove", a.space, "Mallory")
			} else {
				a.Must("space", "role", a.space, "Mallory", what)
			}
			all := hashesOf(nora.statements(t, a.victim))
			if len(all) != len(early)+1 {
				t.Fatalf("%d statements, and %d before", len(all), len(early))
			}
			rosters := [][][]byte{nil, {make([]byte, 32)}}
			for _, s := range all {
				rosters = append(rosters, [][]byte{s})
			}
			for _, roster := range rosters {
				for _, by := range []*member{a.m, nora} {
					if by == a.m && what == "removed" {
						continue // it is not listened to at all: see TestTheRemovedIsNotListenedTo
					}
					nonce := newNonce(t)
					c := write(t, a.doc, a.m.actor(a.doc, nonce), a.held, "# Forged\nby Mallory")
					l := by.join(t, a.victim)
					by.offer(t, l, a.doc, [][]byte{c.Bytes}, a.m.signedUnder(a.doc, nonce, 1, c.Hash, roster...))
					if ended := l.settled(t); ended && by == nora {
						t.Error("Nora did nothing wrong, and is hung up on")
					}
					l.close()
					if text, _ := a.Cat(a.doc.String()); text != a.text {
						t.Errorf("with %d statements of %d named, passed on by %s: the text is %q", len(roster), len(all), by.name, text)
					}
				}
			}
			a.check(t)
			// The same by one who may counts.
			nonce := newNonce(t)
			c := write(t, a.doc, nora.actor(a.doc, nonce), a.held, "# Safe\nby Nora")
			l := nora.join(t, a.victim)
			nora.offer(t, l, a.doc, [][]byte{c.Bytes}, nora.signedUnder(a.doc, nonce, 1, c.Hash, all[len(all)-1]))
			lab.Eventually(t, "Nora's is shown", func() bool { text, _ := a.Cat(a.doc.String()); return text == "# Safe\nby Nora" })
			l.close()
		})
	}
}

// One who was removed and comes with all the secrets it knows hears why, and
// nothing of what was written since.
func TestTheRemovedIsNotListenedTo(t *testing.T) {
	a := attackOn(t, false)
	a.Must("space", "remove", a.space, "Mallory")
	later := a.Line("doc", "new", a.space, "--title", "Later")
	l := a.m.dial(t, a.victim).greet(t)
	l.send(t, kindTags, fields{1: [][]byte{a.m.tag(l)}})
	nothing := make([]byte, 32)
	l.send(t, kindDigest, fields{1: a.m.space, 2: nothing, 3: nothing})
	nonce := newNonce(t)
	c := write(t, a.doc, a.m.actor(a.doc, nonce), a.held, "# Forged\nby Mallory")
	a.m.offer(t, l, a.doc, [][]byte{c.Bytes}, a.m.head(a.doc, nonce, 1, c.Hash))
	for _, kind := range l.heard(time.Second) {
		if kind != kindRoster && kind != kindTags && kind != kindHello && kind != kindUnknown {
			t.Errorf("it hears message %d", kind)
		}
	}
	l.close()
	if text, _ := a.Cat(a.doc.String()); text != a.text {
		t.Errorf("the text is %q", text)
	}
	if text, ok := a.Cat(later); !ok || text != "# Later\n" {
		t.Errorf("the later text is %q", text)
	}
}

// One who signs for another's actor, or has another's word for its own, is hung
// up on.
func TestSigningForAnother(t *testing.T) {
	a := attackOn(t, true)
	nora := pairWith(t, a.victim, "Nora")
	nonce := newNonce(t)
	hers := nora.actor(a.doc, nonce)
	c := write(t, a.doc, hers, a.held, "# Forged\nby Mallory")
	good := nora.head(a.doc, nonce, 1, c.Hash)
	change := func(key int, value any) fields {
		f := fields{}
		for k, v := range good {
			f[k] = v
		}
		f[key] = value
		return f
	}
	mine := a.m.head(a.doc, nonce, 1, c.Hash)
	for name, head := range map[string]fields{
		"her actor, my signature":         change(6, mine[6]),
		"her actor, my device":            change(4, a.m.id()),
		"my head over her change":         mine,
		"her actor by my import":          a.m.importHead(a.doc, nonce, hers, 1, c.Hash),
		"her signature, another number":   change(2, uint64(2)),
		"her signature, another roster":   change(8, [][]byte{make([]byte, 32)}),
		"her signature, as of an import":  change(7, true),
		"her signature, of another nonce": change(5, make([]byte, 16)),
	} {
		l := a.m.join(t, a.victim)
		a.m.offer(t, l, a.doc, [][]byte{c.Bytes}, head)
		if !l.ended(lab.Soon) {
			t.Errorf("%s: the session goes on", name)
		}
	}
	if text, _ := a.Cat(a.doc.String()); text != a.text {
		t.Errorf("the text is %q", text)
	}
	a.check(t)
	a.honest(t)
}
