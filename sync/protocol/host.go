package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

var (
	// ErrVersion says that the peer speaks another version of the protocol. See
	// [VersionError].
	ErrVersion = errors.New("the other device runs another version of Starling")
	// ErrDuplicate ends a session because another one with the same device is
	// kept.
	ErrDuplicate = errors.New("connected with this device already")
	// ErrSilent ends a session whose peer did not introduce itself in time.
	ErrSilent = errors.New("the other device did not introduce itself")
	// errStranger ends a session with one who has stayed long enough.
	errStranger = errors.New("nothing is shared with the other device")
	// ErrLetGo is [Host.Receive]'s for changes of which some could not wait for what
	// they build on. They are asked for again even if all else comes.
	ErrLetGo = errors.New("some changes could not wait")
	// ErrRefused ends a session whose peer did what it was not asked to.
	ErrRefused = errors.New("refused")
)

// VersionError is an [ErrVersion] with both versions.
type VersionError struct{ Theirs, Ours uint32 }

// Error says whose program is the older one.
func (e *VersionError) Error() string {
	which := "an older"
	if e.Theirs > e.Ours {
		which = "a newer"
	}
	return fmt.Sprintf("the other device runs %s version of Starling: it speaks protocol %d, this one %d", which, e.Theirs, e.Ours)
}

// Is makes it an [ErrVersion].
func (e *VersionError) Is(target error) bool { return target == ErrVersion }

// Conn is a connection whose handshake has proved who the peer is. All its
// calls end when Close is called.
type Conn interface {
	Peer() identity.DeviceID
	Dialled() bool
	// Exporter is the TLS exporter: the same on both sides, and only there.
	Exporter() [32]byte
	// OpenControl is called once by the side that dialled, AcceptControl once
	// by the other.
	OpenControl(context.Context) (io.ReadWriteCloser, error)
	AcceptControl(context.Context) (io.ReadWriteCloser, error)
	// OpenBulk and AcceptBulk give streams of one direction, beside the control
	// stream, so that a catch-up never delays a keystroke.
	OpenBulk(context.Context) (io.WriteCloser, error)
	AcceptBulk(context.Context) (io.Reader, error)
	// Close ends the connection and tells the peer why; nil is a clean leave.
	Close(cause error)
}

// Profile is how a person wants to be seen, which run of their program this is
// (a new run means that the old one is dead), and the version that it speaks:
// [Session.Profile] says that of the peer; of ourselves nobody asks.
type Profile struct {
	Name, Colour string
	Run          [16]byte
	Version      uint32
}

// Space is what a session needs to know of a space of ours.
type Space struct {
	ID trust.SpaceID
	// Secrets are all that are known, the newest first.
	Secrets []trust.Secret
	// Member reports whether the roster has both the session's peer and us.
	Member bool
	// Removed reports whether the peer has been in the space and is no longer, Out
	// whether we are: then the other is told so, if it shows that it knows the
	// space, and nothing else of it.
	Removed, Out bool
	// Unsaved says that statements of the roster are not stored yet. Until they are,
	// after which Refresh is called, nothing begins or ends that would tell of them.
	Unsaved bool
	// Bring reports whether the peer expects to be brought in, or may bring us in: our
	// people have paired, one has asked the other with a link, or one was out of the
	// space before and both remember it.
	Bring bool
}

// Received is changes from a peer, within the limits and otherwise unchecked.
type Received struct {
	From   identity.DeviceID
	Space  trust.SpaceID
	Doc    crdt.DocID
	Chunks [][]byte
	Heads  []trust.Head
}

// Presence is where a person is in a document: at Caret, with what is between
// there and End selected. Equal ones mean that nothing is.
type Presence struct {
	Space      trust.SpaceID
	Doc        crdt.DocID
	Caret, End crdt.Anchor
	// Actor is the person's in the document, and Seq its last change before they
	// were there: what it writes later moves them on.
	Actor crdt.ActorID
	Seq   uint64
	// Top is where the first row in their view starts, nil if they do not say:
	// nobody looks, or an older program does.
	Top *crdt.Anchor
	// At is what the text has in which they are there; nil if another said it.
	// It must not be written to.
	At           crdt.Vector
	Typing, Gone bool
}

// Commit is what was just committed here to one document.
type Commit struct {
	Space   trust.SpaceID
	Doc     crdt.DocID
	Changes []crdt.Change
	Heads   []trust.Head
	// From is the device that sent them, zero if we wrote them. Also are those
	// with which it is connected, as it says, of the members of the space: they
	// have the changes from it too.
	From identity.DeviceID
	Also []identity.DeviceID
}

// Host is the peer that a session works for. Its methods are called on the
// session's goroutines, several at a time and with no lock held that another
// method of the session takes, unless it says so; they may wait for the disk and
// never for the network, and must not call the session's Run or Refresh.
type Host interface {
	Profile() Profile
	// Introduced is called once, when the peer has said its name. An error ends
	// the session.
	Introduced(s *Session, p Profile) error

	// Renamed is called when the peer says another name later.
	Renamed(s *Session, p Profile)
	// Opened is called, with no lock held, when a space is open.
	Opened(s *Session, space trust.SpaceID)

	// Paired reports whether the device is no stranger: a person here has paired
	// with it, has asked it to redeem an invitation, or is in a space with it. It
	// may then bring us into a space, which takes more room than a stranger gets.
	// It is called for each frame of a peer with which nothing is shared.
	Paired(peer identity.DeviceID) bool
	// Spaces returns all our spaces as they concern the peer.
	Spaces(peer identity.DeviceID) []Space
	// Statements returns the roster, each statement after those it knows. It and
	// RosterDigest are for spaces that Spaces has named.
	Statements(space trust.SpaceID) [][]byte
	RosterDigest(space trust.SpaceID) [32]byte
	TakeStatements(ctx context.Context, from identity.DeviceID, space trust.SpaceID, raw [][]byte) error
	// TakeGrant judges whether the peer may bring us into a space, and reports
	// whether we are in it now.
	TakeGrant(ctx context.Context, from identity.DeviceID, space trust.SpaceID, secrets []trust.Secret, raw [][]byte) (bool, error)
	// TakeKey judges secrets of a space of ours that a member says are new.
	TakeKey(ctx context.Context, from identity.DeviceID, space trust.SpaceID, secrets []trust.Secret) error
	// Farewell returns the statements from which a peer sees that it or we have
	// left a space, each after those it knows, and no others.
	Farewell(space trust.SpaceID, peer identity.DeviceID) [][]byte

	// Redeem judges a redemption. If it may be, the peer is a member when it
	// returns nil. An error that is none of the ErrInvite ones is told as
	// [ErrInviteFailed].
	Redeem(ctx context.Context, r Redemption) error
	// Redeemed is called with the peer's answer to [Session.Redeem].
	Redeemed(s *Session, invitation [32]byte, err error)

	// Holding returns what is committed of all documents of a space, never nil.
	// What is committed later is given to [Session.Push].
	Holding(ctx context.Context, space trust.SpaceID) (*Holding, error)
	// First returns the documents of a space that are on the screen, the one in
	// front first.
	First(space trust.SpaceID) []crdt.DocID
	// Committed returns what is committed of one document, which the peer may have
	// named: nothing, if it is not known, or not of that space. So do those that
	// follow. The caller may keep it.
	Committed(space trust.SpaceID, doc crdt.DocID) crdt.Vector
	// ChangesSince yields committed changes, each after those it builds on.
	ChangesSince(ctx context.Context, space trust.SpaceID, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error
	// HeadsSince returns committed heads, each actor's in the order of seq.
	HeadsSince(ctx context.Context, space trust.SpaceID, doc crdt.DocID, since crdt.Vector) ([]trust.Head, error)
	// Snapshot returns the stored snapshot of a document, none if it has none that
	// is worth sending. It is asked for documents of which a peer has nothing.
	Snapshot(ctx context.Context, space trust.SpaceID, doc crdt.DocID) (Snapshot, error)
	// TakePiece takes a piece of a snapshot, and judges and applies the changes
	// that it stands for when it is whole; its result is that of Receive. Pieces of
	// one come in order.
	TakePiece(ctx context.Context, p Piece) (want crdt.Vector, err error)
	// Pieces returns how far snapshots of a space have come that are not whole: of
	// each the document, the sum, and in Offset how many bytes.
	Pieces(space trust.SpaceID) []Piece
	// Receive judges and applies changes; it need not wait for the commit. If
	// something that they build on is missing it returns what is held, and also with
	// ErrLetGo. An error that wraps ErrMalformed or ErrLimit ends the session; after
	// any other the changes are asked for again later.
	Receive(ctx context.Context, r Received) (want crdt.Vector, err error)
	// Compared tells once what the peer has committed of the documents of a space
	// that we hold too. It may be kept and must not be written to.
	Compared(from identity.DeviceID, space trust.SpaceID, held View)
	// Acknowledged tells what the peer has committed of a document, one at a time,
	// after Compared, and never less than before.
	Acknowledged(from identity.DeviceID, space trust.SpaceID, doc crdt.DocID, held crdt.Vector)
	// AskedHolders says that a peer wants to be told, by [Session.TellHolders], who
	// has a document: see [Session.TakeHeard]. Holders tells which devices have what of
	// one has a digest, by the peer's word; it is called only of what was asked for.
	AskedHolders()
	Holders(from identity.DeviceID, space trust.SpaceID, doc crdt.DocID, digest [32]byte, devices []identity.DeviceID)
	Presence(from identity.DeviceID, p Presence)

	// MayPair is called when the peer asks to pair. False passes the request
	// over: another one with that device goes on over another connection; or, if
	// wait is not zero, it is refused, and the peer may ask again after that.
	MayPair(s *Session) (ok bool, wait time.Duration)
	// Consent is our word that we are the same person as the peer, to be given
	// when a person has confirmed just that.
	Consent(peer identity.DeviceID) []byte
	// ConsentFor is our word that we are the same person as another device, as the
	// peer says that we are, or nil. TakeClaim judges such a word, which is the
	// device's own: the peer's that was asked for it, or of one about which the peer
	// tells us. Declined says that the peer that was asked does not give it.
	ConsentFor(peer, to identity.DeviceID) []byte
	TakeClaim(ctx context.Context, from identity.DeviceID, c Claim) error
	Declined(peer, to identity.DeviceID)
	// PairingChanged is called at each step, in order and one at a time. The
	// peer hears of a step of ours only after it has returned. It must not call
	// this session's methods about pairing.
	PairingChanged(s *Session, p Pairing)
}
