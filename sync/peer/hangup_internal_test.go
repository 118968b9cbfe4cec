package peer

import (
	"context"
	"testing"

	"starling/crdt/store"
	"starling/sync/trust"
)

// cutting is a store that ends a context once it has stored statements.
type cutting struct {
	Storage
	cut func()
}

func (c *cutting) PutStatements(ctx context.Context, space [32]byte, all []store.Statement) error {
	defer c.cut()
	return c.Storage.PutStatements(ctx, space, all)
}

// A line is drawn though whoever told of the removal hangs up as soon as they have.
func TestALineIsDrawnAfterTheTellerHasHungUp(t *testing.T) {
	m := newTeam(t, 1, trust.Editor)
	owner, writer := m.peers[0], m.peers[1]
	disk := &cutting{cut: func() {}}
	reader, _ := aloneOn(t, func(s Storage) Storage {
		disk.Storage = s
		return disk
	})
	who := Person{ID: reader.ID(), Name: reader.Me().Name}
	if err := owner.admitAs(t.Context(), m.space, who, trust.Editor, trust.StatementHash{}); err != nil {
		t.Fatal(err)
	}
	m.bring(reader)
	m.give(owner, reader)
	m.says(writer, "late ")
	m.removes(owner, writer)
	m.give(writer, reader)
	m.wantText(reader, "late begin\n")
	ctx, cut := context.WithCancel(t.Context())
	disk.cut = cut
	if err := reader.takeStatements(ctx, owner.ID(), m.space, owner.statements(m.space)); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil {
		t.Fatal("nobody has hung up")
	}
	m.mend(reader)
	m.wantText(reader, "begin\n")
}
