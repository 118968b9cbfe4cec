package protocol

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// Who names a document of another space with one that we share hears of it what they
// hear of a document that nobody has, however they ask.
func TestADocumentOfAnotherSpaceIsNotKnown(t *testing.T) {
	actor := crdt.ActorID("someone's........")
	asks := map[string]func(p *raw, space trust.SpaceID, doc crdt.DocID){
		"want": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.send(&have{Space: space, Doc: doc, Want: true})
		},
		"first": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.send(&first{Space: space, Documents: []docVector{{Doc: doc}}})
		},
		"first, with something": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.send(&first{Space: space, Documents: []docVector{{Doc: doc, Vector: toEntries(crdt.Vector{actor: {Seq: 1}})}}})
		},
		"have": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.send(&have{Space: space, Doc: doc, Vector: toEntries(crdt.Vector{actor: {Seq: 1}})})
		},
		"changes": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.send(&changes{Space: space, Doc: doc, Heads: []head{{Actor: []byte(actor), Seq: 1, Sig: make([]byte, 64)}}})
		},
		"changes that can't be taken": func(p *raw, space trust.SpaceID, doc crdt.DocID) {
			p.link.from.refuse = func(Received) error { return errDisk }
			p.send(&changes{Space: space, Doc: doc, Changes: [][]byte{{1}}})
		},
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			var known, unknown []message
			for doc, out := range map[crdt.DocID]*[]message{docs[0]: &known, docs[1]: &unknown} {
				synctest.Test(t, func(t *testing.T) {
					h := newFakeHost(t, 1)
					secret := found(2, h, nobody(8))
					h.minSnapshot = 10
					for range 20 {
						h.edit(secret, docs[0], 10)
					}
					pass(time.Second)
					p, space := member(t, h)
					ask(p, space, doc)
					pass(time.Minute)
					*out = p.drain()
					for _, m := range *out {
						if have, ok := m.(*have); ok && have.Doc == doc {
							have.Doc = docs[0]
						}
					}
					if n := len(p.end.bulk[0]); n > 0 {
						t.Errorf("%d streams of document %v", n, doc)
					}
				})
			}
			if !reflect.DeepEqual(known, unknown) {
				t.Errorf("the answer is %+v, and %+v of one that nobody has", known, unknown)
			}
		})
	}
}
