package peer

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/transport"
	"starling/sync/trust"
)

// The names under which the rest of the program knows these.
type (
	DeviceID = identity.DeviceID
	SpaceID  = trust.SpaceID
)

// ParseSpaceID reads what [SpaceID.String] wrote.
func ParseSpaceID(s string) (SpaceID, error) { return trust.ParseSpaceID(s) }

// What can go wrong, for [errors.Is].
var (
	ErrNoHome         = errors.New("there is no Starling home here yet")
	ErrKeyLost        = errors.New("the home holds documents but its device.key is gone; put the key back, or move the home away to begin as a new device")
	ErrInUse          = store.ErrInUse
	ErrFileInUse      = store.ErrFileInUse // by a program that isn't Starling
	ErrDiskFull       = store.ErrNoSpace
	ErrNoSpace        = errors.New("there is no such space")
	ErrNoDocument     = errors.New("there is no such document")
	ErrNoPeer         = errors.New("no such person is known or nearby")
	ErrAmbiguous      = errors.New("several begin like this; give more of the ID")
	ErrNotOwner       = trust.ErrNotOwner
	ErrNoPairing      = protocol.ErrNoPairing
	ErrRejected       = protocol.ErrRejected
	ErrPairingTimeout = protocol.ErrPairingTimeout
	ErrPairingEnded   = protocol.ErrPairingEnded
	ErrOffline        = errors.New("the peer is not on the network")
	ErrStopped        = errors.New("editing has stopped because the disk does not take it")
	ErrUnstored       = errors.New("what the disk did not take is lost")
	ErrBehind         = errors.New("too slow to follow the document; begin anew with its text")
	ErrBadName        = errors.New("not a usable name")
	ErrReadOnly       = errors.New("you may read this document but not change it; ask an owner of its space")
	ErrSelf           = transport.ErrSelf
	ErrSameCode       = errors.New("two pairings show this code; reject it and pair again")
	ErrUnreachable    = errors.New("nobody answers there")
	ErrNoMember       = errors.New("no such person is in the space; its members are listed by \"space members\"")
	ErrRemoved        = errors.New("you are no longer in this space; ask one of its owners to add you again")
	ErrLastOwner      = errors.New("a space needs an owner; make somebody else one first")
	ErrNoRole         = errors.New("not a role; the roles are owner, editor, commenter and viewer")
	ErrNoInvite       = errors.New("there is no such invitation; make a new one")
	ErrNoDevice       = errors.New("no such device is linked with this one")
	ErrRevokeSelf     = errors.New("this is the device here; revoke it from another one of yours")
	ErrInviterAway    = errors.New("nobody who can let you in was found; ask the one who invited you to open Starling on this network, and try again")
	ErrBadBackup      = errors.New("not a whole backup of Starling; take another copy of it")
	ErrPassphrase     = errors.New("the passphrase does not open this backup")
	ErrSealed         = errors.New("the backup holds the key and is encrypted")
	ErrNotSealed      = errors.New("the backup holds no key, and has no passphrase")
	ErrHomeTaken      = errors.New("there is a Starling home already; restore into an empty folder")

	// ErrNotWritten is the [ErrStopped] of an edit that was not made at all.
	ErrNotWritten = fmt.Errorf("this was not written: %w", ErrStopped)
)

// Config says how to open a peer.
type Config struct {
	Home string
	// Name and Colour ("#RRGGBB") are the person's, at the first start; empty
	// keeps what is stored.
	Name, Colour string
	// Make makes a missing home; without it that is [ErrNoHome].
	Make bool
	// LockWait is how long Open waits for another process to leave the home.
	LockWait time.Duration
	// Listen is the UDP address for Run; empty means any address and the port
	// of the last time if it is free.
	Listen      string
	NoDiscovery bool
	Logger      *slog.Logger
	// Storage takes the place of the SQLite store in Home, and Identity of the
	// key there; the peer closes the store. A peer that has both needs no home.
	Storage  Storage
	Identity *identity.Identity
	// Network is where Run goes; nil is UDP.
	Network Network
	// Clock is what the machine's clock says; nil is [time.Now]. It dates what is
	// signed, written and shown, and whether an invitation is over; how long
	// something takes is never told by it.
	Clock func() time.Time
}

// Person is someone, by one of their devices.
type Person struct {
	ID           DeviceID
	Name, Colour string
}

// Device is one installation of a person.
type Device struct {
	ID        DeviceID
	Name      string
	This      bool // the one here
	Connected bool
	LastSeen  time.Time // zero: never
	Revoked   bool
}

// Member is a person in a space. The ID is that of their first device there,
// which names them.
type Member struct {
	Person
	Role    string // "owner", "editor", "commenter" or "viewer"
	Devices []Device
	Removed bool // they are out of it
	Left    bool // by themselves
	// NotTheOne is the name of a known person that this one's looks like without
	// being theirs, "" for none: to be shown as "not the NAME you know".
	NotTheOne string
}

// Space is a space of ours.
type Space struct {
	ID      SpaceID
	Name    string
	Role    string   // ours, "" if we are no longer in it
	Members []Member // those who belong, then those who were removed
	// Left says that we have left it, RemovedBy who has removed us (its ID is zero
	// for nobody). Then it can be read and exported, and is no longer synced.
	Left      bool
	RemovedBy Person
	// Revoked says that RemovedBy is another device of the person here.
	Revoked bool
}

// InviteOptions say whom an invitation is for.
type InviteOptions struct {
	Role    string        // "" is editor
	Count   int           // how many may come, 0 for any number
	Expires time.Duration // from now, 0 for never
}

// Invite is an invitation to a space. Whoever has the link may come.
type Invite struct {
	Link      string // only from Invite: it is not kept
	Hash      string // names it
	By        Person
	Role      string
	Count     int
	Expiry    time.Time // zero: never
	Came      []Person
	Cancelled bool

	key [32]byte
}

// RestoreReport says what a backup brought back.
type RestoreReport struct {
	Device    DeviceID // of the home now
	NewDevice bool     // it has a new key: link it with another device, or have it invited
	Spaces    int
	Documents int
	Newest    time.Time // when a document in it was last changed, zero if none was
	// Aside is the folder in the home into which was moved what an earlier Starling
	// had left there, "" if there was nothing.
	Aside string
}

// Document is what a list of documents shows. Title is the first line without
// its heading marks, "" while there is none.
type Document struct {
	ID      crdt.DocID
	Space   SpaceID
	Title   string
	Updated time.Time
}

// Hit is a document that a search found. In Snippet, and only there, the bytes
// 2 and 3 stand around what matches.
type Hit struct {
	ID             crdt.DocID
	Space          SpaceID
	Title, Snippet string
}

// PeerInfo is one person nearby, known, or both.
type PeerInfo struct {
	ID           DeviceID // zero while only the Tag is known
	Tag          string   // the start of the ID
	Name, Colour string
	Nearby       bool // announces itself on this network
	Known        bool // paired with us, or in a space of ours
	Paired       bool // the person here has compared a code with it, or it is theirs
	Connected    bool
	Address      string
	LastSeen     time.Time // zero: never
	Spaces       []SpaceID // ours that it belongs to
	// LooksLike is the name of a known person that this one's looks like without
	// being theirs, "" for none. LooksLikeID is that person's device with which the
	// person here has compared a code, and our own ID if the name looks like ours; it
	// is zero if there is no such device, or several that are not one person's. Of one
	// who is known, but not paired, both are about those who are.
	LooksLike   string
	LooksLikeID DeviceID
	Mine        bool // a device of the person here
	// NewDeviceOf is the name of a known person whose new device somebody says
	// that this is, while that waits for them or an owner, "" for none. See
	// [Peer.NewDevices].
	NewDeviceOf string
}

// Status is the peer itself.
type Status struct {
	ID        DeviceID
	Name      string
	Home      string
	Running   bool
	Listen    []string // host:port, to be typed on another machine
	Discovery bool
	Port      int      // UDP, on which we listen
	Networks  []string // interfaces on which we announce ourselves
	// Interfaces tells more of them.
	Interfaces []Interface
	// Problem is why nobody may be seen or nothing is stored, "" if nothing is known.
	Problem string
	// HopLimit is that of our packets: with 1 no router passes them on. Far are
	// the addresses beyond this network with which we may speak.
	HopLimit  int
	Far       []string
	Invisible bool // we announce nothing
	Connected int
	Spaces    int
	Documents int
	Behind    int // documents with changes that are not in their text yet
}

// PairingInfo is a pairing that waits for an answer.
type PairingInfo struct {
	Key          uint64
	Code         string // "" until it is known
	ID           DeviceID
	Name, Colour string
	Incoming     bool
	Confirmed    bool // by us
	Link         bool // both devices will be the same person's
	// LooksLike is the name of a known person for whom a stranger could be taken,
	// "" for none: perhaps it is that person's new device, which they link from
	// one of theirs or [Peer.ConfirmAs] tells, and perhaps it is somebody else.
	// LooksLikeID says who that is, as in [PeerInfo].
	LooksLike   string
	LooksLikeID DeviceID
	// As is the name of the person whose new device the person here has said that it
	// is, "" for nobody's: see [Peer.ConfirmAs].
	As string
}

// Cursor is where a person is in a document. Caret and Anchor are code points in
// the text after patch number Seen, and so is Top, where the first row in their
// view starts, if HasTop says that it is known: not all programs tell it.
type Cursor struct {
	Person
	Caret, Anchor int
	Top           int
	HasTop        bool
	Seen          uint64
	Typing        bool
}

// DocState says how safe a document's text is.
type DocState struct {
	Saved bool // everything is committed here
	// Err is why editing has stopped, nil while it goes on.
	Err error
	// Reached are the members that said they have all that is committed here;
	// Missing are the others. Of the person here each other device is in one of them.
	Reached, Missing []Member
}

// WatchEvent is a committed change of a document's text.
type WatchEvent struct {
	Time       time.Time // when it entered this document
	Author     DeviceID  // zero if several wrote it, apart from us for long
	At, Delete int       // code points
	Insert     string
}
