package control

import (
	"errors"
	"time"

	"starling/sync/peer"
)

// The values that commands give. Their JSON is a contract with scripts: fields
// may be added, never renamed. Lists are never null.
type (
	// Person is a person on a device; ID is the device's.
	Person struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Colour string `json:"colour"`
	}
	// Status is what a peer is doing. Problem says why nobody may be seen, ""
	// if nothing is known.
	Status struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Home      string   `json:"home"`
		Running   bool     `json:"running"`
		Listen    []string `json:"listen"`
		Discovery bool     `json:"discovery"`
		Networks  []string `json:"networks"`
		Problem   string   `json:"problem"`
		Connected int      `json:"connected"`
		Spaces    int      `json:"spaces"`
		Documents int      `json:"documents"`
		// Behind is how many documents have changes that neither their text
		// nor the search shows yet.
		Behind int `json:"behind"`
		// HopLimit is that of our packets: with 1 no router passes them on. Far
		// are the addresses beyond this network with which we may speak.
		HopLimit  int      `json:"hop_limit"`
		Far       []string `json:"far"`
		Invisible bool     `json:"invisible"`
		// Damage is what was found to be wrong with the home's file, and what
		// could be saved of it; "" if it is sound.
		Damage string `json:"damage"`
		// Forks are the documents of which a device has numbered changes twice.
		Forks []Fork `json:"forks,omitempty"`
	}
	// Fork is a document that has two texts, since a device that ran from a copied
	// home or a restored image went on in both: the one that counts, and the one
	// in the document Branch, once it has come. Device is where, and Name whose.
	Fork struct {
		Document string `json:"document"`
		Branch   string `json:"branch"`
		Here     bool   `json:"here"`
		Device   string `json:"device"`
		Name     string `json:"name"`
		Chosen   bool   `json:"chosen"`
	}
	// Neighbour is another device. ID is only the start of its ID as long as
	// it has not proved who it is. LastSeen is nil if it never was.
	Neighbour struct {
		ID        string     `json:"id"`
		Name      string     `json:"name"`
		Nearby    bool       `json:"nearby"`
		Known     bool       `json:"known"`
		Connected bool       `json:"connected"`
		Address   string     `json:"address"`
		LastSeen  *time.Time `json:"last_seen"`
		// LooksLike is the name of somebody known whom this one only looks like;
		// Mine says that it is a device of the person here.
		LooksLike string `json:"looks_like"`
		Mine      bool   `json:"mine"`
	}
	// Pairing is an attempt to pair. Confirmed says that this side has
	// confirmed the code.
	Pairing struct {
		Code      string `json:"code"`
		ID        string `json:"id"`
		Name      string `json:"name"`
		Incoming  bool   `json:"incoming"`
		Confirmed bool   `json:"confirmed"`
		// Link says that both devices will be the same person's.
		Link bool `json:"link"`
		// LooksLike is the name of somebody known whom this one only looks like.
		LooksLike string `json:"looks_like"`
		// As is the name of the person whose new device the person here has said that it
		// is, "" for nobody's.
		As string `json:"as"`
	}
	// Space is a space and who belongs to it, and then who was removed. Role is
	// ours, "" if we have left it or RemovedBy has removed us; Revoked says that it was
	// this device only.
	Space struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Role      string   `json:"role"`
		Members   []Member `json:"members"`
		Left      bool     `json:"left"`
		RemovedBy *Person  `json:"removed_by"`
		Revoked   bool     `json:"revoked"`
	}
	// Document is a document. Updated is nil if it never was changed.
	Document struct {
		ID      string     `json:"id"`
		Title   string     `json:"title"`
		Space   string     `json:"space"`
		Updated *time.Time `json:"updated"`
	}
	// Change is what entered a document's committed text: at At, Delete code
	// points gave way to Insert. Time is in nanoseconds since 1970, on this
	// computer's clock, and Author a device ID, "" if several people wrote
	// it, apart from us for long.
	Change struct {
		Time   int64  `json:"time"`
		Author string `json:"author"`
		At     int    `json:"at"`
		Delete int    `json:"delete"`
		Insert string `json:"insert"`
	}
)

func statusOf(s peer.Status, d peer.Damage) Status {
	return Status{
		ID: s.ID.String(), Name: s.Name, Home: s.Home, Running: s.Running,
		Listen: some(s.Listen), Discovery: s.Discovery, Networks: some(s.Networks), Problem: s.Problem,
		Connected: s.Connected, Spaces: s.Spaces, Documents: s.Documents, Behind: s.Behind,
		HopLimit: s.HopLimit, Far: some(s.Far), Invisible: s.Invisible, Damage: damageOf(d),
	}
}

func forkOf(f peer.ForkInfo) Fork {
	return Fork{f.Doc.String(), f.Branch.String(), f.Here, f.Device.String(), f.Person.Name, f.Chosen}
}

func neighbourOf(i peer.PeerInfo) Neighbour {
	n := Neighbour{
		ID: i.Tag, Name: i.Name, Nearby: i.Nearby, Known: i.Known,
		Connected: i.Connected, Address: i.Address, LastSeen: moment(i.LastSeen),
		LooksLike: i.LooksLike, Mine: i.Mine,
	}
	if i.ID != (peer.DeviceID{}) {
		n.ID = i.ID.String()
	}
	return n
}

func pairingOf(i peer.PairingInfo) Pairing {
	return Pairing{
		Code: i.Code, ID: i.ID.String(), Name: i.Name, Incoming: i.Incoming, Confirmed: i.Confirmed,
		Link: i.Link, LooksLike: i.LooksLike, As: i.As,
	}
}

func spaceOf(s peer.Space) Space {
	out := Space{ID: s.ID.String(), Name: s.Name, Role: s.Role, Members: each(s.Members, memberOf), Left: s.Left, Revoked: s.Revoked}
	if s.RemovedBy.ID != (peer.DeviceID{}) {
		by := personOf(s.RemovedBy)
		out.RemovedBy = &by
	}
	return out
}

func damageOf(d peer.Damage) string {
	switch {
	case errors.Is(d.Found, peer.ErrFileMended):
		return "a bit had flipped in the file that holds everything, and was put back; nothing is lost"
	case d.Found != nil: // what SQLite says of it is in the log
		return "the file that holds everything is damaged, nothing was deleted, and the next start saves what can be read"
	case d.Emptied:
		return "the file that holds everything was missing or empty, and nothing that is left was overwritten; what you had comes back " +
			"from others by pairing with them again, or from a backup: \"starlingd restore\" with another --home"
	}
	return d.Saved
}

func documentOf(d peer.Document) Document {
	return Document{d.ID.String(), d.Title, d.Space.String(), moment(d.Updated)}
}

func changeOf(e peer.WatchEvent) Change {
	c := Change{Time: e.Time.UnixNano(), At: e.At, Delete: e.Delete, Insert: e.Insert}
	if e.Author != (peer.DeviceID{}) {
		c.Author = e.Author.String()
	}
	return c
}

// moment is t in UTC, nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// some is list, never nil.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// each applies f to a list; the result is never nil.
func each[A, B any](list []A, f func(A) B) []B {
	result := make([]B, len(list))
	for i, a := range list {
		result[i] = f(a)
	}
	return result
}
