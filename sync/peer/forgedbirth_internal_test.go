package peer

import (
	"crypto/sha256"
	"testing"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A member makes up a beginning of another's document and sends it to one who has
// nothing of it, as a snapshot, with heads of which some name the true founder.
func TestABeginningMadeUpInASnapshot(t *testing.T) {
	forge := map[string]func(m *crew, good trust.Head) []trust.Head{
		"alone": func(_ *crew, good trust.Head) []trust.Head { return []trust.Head{good} },
		"a head of the founder's before it": func(m *crew, good trust.Head) []trust.Head {
			return []trust.Head{m.byFounder(good), good}
		},
		"a head of the founder's behind it": func(m *crew, good trust.Head) []trust.Head {
			return []trust.Head{good, m.byFounder(good)}
		},
		"a head of the founder's over another change": func(m *crew, good trust.Head) []trust.Head {
			of := m.byFounder(good)
			of.Seq = 1
			return []trust.Head{of, good}
		},
		"a head as of a file": func(m *crew, good trust.Head) []trust.Head {
			of := m.byFounder(good)
			of.Import = true
			return []trust.Head{of}
		},
		"a head as of a file that the founder is no other than": func(m *crew, good trust.Head) []trust.Head {
			of := good
			of.Actor, of.Import = "file", true
			return []trust.Head{of, good}
		},
	}
	for name, heads := range forge {
		t.Run(name, func(t *testing.T) {
			m := newCrew(t, 2, false)
			founder, mallory := m.people[0], m.people[1]
			out, err := founder.doc.Edit(crdt.Edit{Insert: "the real text"}, noon)
			if err != nil {
				t.Fatal(err)
			}
			m.changes = append(m.changes, out.Changes...)

			first, err := mallory.doc.Found(noon)
			if err != nil {
				t.Fatal(err)
			}
			out, err = mallory.doc.Edit(crdt.Edit{Insert: "made up"}, noon)
			if err != nil {
				t.Fatal(err)
			}
			last := append([]crdt.Change{first}, out.Changes...)[len(out.Changes)]
			chunk, _, err := mallory.doc.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			pc := m.piece(chunk, heads(m, m.head(last)))
			pc.Sum = sha256.Sum256(chunk)
			_, err = m.p.takePiece(t.Context(), pc) // which may blame the sender
			if held := m.p.store.Committed(m.id); len(held) > 0 {
				t.Errorf("%v is held (%v)", held, err)
			}
			m.send(t)
			if text, err := m.p.Text(t.Context(), m.id); text != "the real text" {
				t.Errorf("the text is %q, %v", text, err)
			}
		})
	}
}

// byFounder is a head as if the founder had signed it.
func (m *crew) byFounder(h trust.Head) trust.Head {
	h.Device, h.Nonce, h.Sig = m.people[0].ID(), m.people[0].nonce, make([]byte, 64)
	return h
}

// send gives the peer all changes, one by one, with the head over the last.
func (m *crew) send(t *testing.T) {
	t.Helper()
	r := protocol.Received{From: m.people[0].ID(), Space: m.space, Doc: m.id}
	for _, c := range m.changes {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	r.Heads = []trust.Head{m.head(m.changes[len(m.changes)-1])}
	if _, err := m.p.receive(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}
