package peer

import (
	"context"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// resign signs what is left in the document of our own actors of which something
// stands beside it. The only heads over that may have gone along with what they are
// over, and without one nobody else can take it.
func (b *brancher) resign(ctx context.Context) error {
	devices, err := b.p.store.ActorDevices(ctx, b.doc)
	if err != nil {
		return err
	}
	at := b.p.store.Committed(b.doc)
	for _, a := range b.beside {
		if devices[a] != b.p.ID() || at[a].Seq == 0 {
			continue
		}
		since := at.Clone()
		since[a] = crdt.Tip{Seq: at[a].Seq - 1}
		heads, err := b.p.store.HeadsSince(ctx, b.doc, since)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(heads, func(h store.Head) bool { return h.Actor == a && !h.Import }) {
			continue
		}
		if err := b.signTip(ctx, a, since); err != nil {
			return fmt.Errorf("sign anew what is left of document %v: %w", b.doc, err)
		}
	}
	return nil
}

// signTip signs the last change that is held of an actor of ours, stores the head and
// passes it on with the change.
func (b *brancher) signTip(ctx context.Context, a crdt.ActorID, since crdt.Vector) error {
	i := slices.IndexFunc(b.heads, func(h trust.Head) bool { return h.Actor == string(a) && h.Device == b.p.ID() && !h.Import })
	if i < 0 {
		return nil
	}
	e := store.Entry{Doc: b.doc, Space: b.space}
	err := b.p.store.ChangesSince(ctx, b.doc, since, func(c crdt.Change) error {
		if c.Actor == a {
			e.Changes = append(e.Changes, c)
		}
		return ctx.Err()
	})
	if err != nil || len(e.Changes) != 1 {
		return err
	}
	c := e.Changes[0]
	h := trust.SignHead(b.p.id, b.space, signedFor(b.heads[i], b.doc, b.origin), b.heads[i].Nonce, c.Seq, c.Hash, b.p.frontier(b.space).statements)
	e.Heads = []store.Head{toStoreHead(h)}
	done := make(chan error, 1)
	b.p.store.Submit(store.Entry{Doc: b.doc, Space: b.space, Heads: e.Heads, Done: func(_ []store.Head, err error) {
		if err == nil {
			b.p.committed(e, e.Heads, DeviceID{})
		}
		done <- err
	}})
	return <-done // as the disk allows
}
