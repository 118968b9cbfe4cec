package control

import (
	"context"
	"encoding/json"
	"fmt"

	"starling/sync/peer"
)

// Op is one command: it takes an A and gives one or more R. Both travel as
// JSON; texts of which each byte counts are []byte in them, since JSON strings
// hold no bad UTF-8.
type Op[A, R any] struct {
	name string
	// live says that the command makes no sense without a running peer.
	live bool
	// run calls emit for each value, on its own goroutine, and returns at once
	// what emit returns. It ends when ctx does.
	run func(ctx context.Context, p *peer.Peer, args A, emit func(R) error) error
}

// None is the arguments of a command that has none.
type None struct{}

// operation is an [Op] whose types are hidden, for the server's table.
type operation interface {
	opName() string
	// needsRun reports whether the command lives on the running peer.
	needsRun() bool
	serve(ctx context.Context, p *peer.Peer, args json.RawMessage, emit func(json.RawMessage) error) error
}

// single makes an Op that gives exactly one value.
func single[A, R any](name string, f func(context.Context, *peer.Peer, A) (R, error)) Op[A, R] {
	return Op[A, R]{name: name, run: func(ctx context.Context, p *peer.Peer, args A, emit func(R) error) error {
		value, err := f(ctx, p, args)
		if err != nil {
			return err
		}
		return emit(value)
	}}
}

// running marks an Op as one that needs a running peer.
func running[A, R any](op Op[A, R]) Op[A, R] {
	op.live = true
	return op
}

func (op Op[A, R]) opName() string { return op.name }
func (op Op[A, R]) needsRun() bool { return op.live }

// serve runs the command for a client of the socket.
func (op Op[A, R]) serve(ctx context.Context, p *peer.Peer, raw json.RawMessage, emit func(json.RawMessage) error) error {
	var args A
	if len(raw) > 0 {
		if err := decode(raw, &args); err != nil {
			return fmt.Errorf("%w: arguments of %q: %w", errBadRequest, op.name, err)
		}
	}
	return op.run(ctx, p, args, func(value R) error {
		line, err := encode(value)
		if err != nil {
			return err
		}
		return emit(line)
	})
}

// offline runs the command on a store that this process opened.
func (op Op[A, R]) offline(ctx context.Context, p *peer.Peer, args A, emit func(R) error) error {
	if op.live {
		return ErrNotRunning
	}
	return op.run(ctx, p, args, emit)
}

// operations is every command that a server knows.
func operations() map[string]operation {
	table := map[string]operation{}
	for _, op := range []operation{
		ID, GetStatus, Peers, Connect,
		StartPairing, Pairings, ConfirmPairing, RejectPairing,
		GetReach,
		NewSpace, Spaces, NewDocument, Documents,
		Members, AddMember, SetRole, RemoveMember, Leave, MakeInvite, Invites, CancelInvite, Join,
		LinkDevice, Devices, RevokeDevice, NewDevices, AddDevice, AcceptDevice, RefuseDevice,
		Allow, Disallow, Allowed, SetInvisible, Doctor, Backup,
		Read, Edit, Write, Watch,
		Import, Export, Verify,
		History, ReadVersion, Diff, Blame, RestoreVersion, NameVersion, Undo, Redo, ChooseBranch,
		ListWaiting, TakeIn,
	} {
		table[op.opName()] = op
	}
	return table
}
