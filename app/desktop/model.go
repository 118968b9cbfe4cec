package desktop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// world is what the peer knows, as the bridge last read it. It is a value:
// nobody writes to what its slices hold.
type world struct {
	Me        peer.Person
	Named     bool
	Status    peer.Status
	Spaces    []peer.Space
	Documents []peer.Document // of every space, and those that arrive
	// Arriving are those that arrive: their text may be read, and nothing else.
	Arriving map[crdt.DocID]peer.Arriving
	Peers    []peer.PeerInfo
	Listed   bool // spaces and documents have been read
	Pairings []peer.PairingInfo
	Devices  []peer.Device // of the person here
	// NewDevices wait for the person here to say whether they are somebody's.
	NewDevices []peer.NewDevice
	Damage     peer.Damage
	Forks      []peer.ForkInfo
	Readers    map[crdt.DocID][]peer.Person // who looks at which document
}

// space finds a space; the zero one if it is not there.
func (w *world) space(id peer.SpaceID) peer.Space {
	for _, s := range w.Spaces {
		if s.ID == id {
			return s
		}
	}
	return peer.Space{}
}

// document finds a document; the zero one if it is not there.
func (w *world) document(id crdt.DocID) peer.Document {
	for _, d := range w.Documents {
		if d.ID == id {
			return d
		}
	}
	return peer.Document{}
}

// inSpace are the documents of a space, sorted by title. The slice is new.
func (w *world) inSpace(space peer.SpaceID) []peer.Document {
	var all []peer.Document
	for _, d := range w.Documents {
		if d.Space == space {
			all = append(all, d)
		}
	}
	return all
}

// latest is the document that was changed last, in a space or, for the zero
// ID, in any.
func (w *world) latest(space peer.SpaceID) (peer.Document, bool) {
	var best peer.Document
	found := false
	for _, d := range w.Documents {
		if space != (peer.SpaceID{}) && d.Space != space {
			continue
		}
		if !found || d.Updated.After(best.Updated) {
			best, found = d, true
		}
	}
	return best, found
}

// desk is what is open in this window.
type desk struct {
	Space  peer.SpaceID
	Doc    crdt.DocID // zero if none is open
	State  peer.DocState
	Reach  *peer.Reached // who has it; nil while that is not known
	Others []peer.Cursor
	// Waiting is what is kept beside it and not shown.
	Waiting []peer.Waiting
	Counts  size
	Chosen  *size // of what is selected; nil if nothing is
}

// nameLimit is how many code points of a name are shown.
const nameLimit = 60

// clean makes a name that comes from elsewhere fit for a row. One that is cut
// ends in "…".
func clean(name string) string {
	runes := []rune(strings.TrimSpace(oneLine(name)))
	if len(runes) > nameLimit {
		return cutAt(runes, nameLimit-1)
	}
	return string(runes)
}

// nameOr is a clean name, or what to say if there is none.
func nameOr(name, otherwise string) string {
	return cmp.Or(clean(name), otherwise)
}

// titleOf is what a document is called.
func titleOf(d peer.Document) string { return nameOr(d.Title, "Untitled") }

// documentRows are documents of the space at the desk as a list shows them.
func documentRows(w *world, d desk, documents []peer.Document) ([]listRow, []crdt.DocID) {
	var rows []listRow
	var ids []crdt.DocID
	for _, document := range documents {
		row := listRow{
			Icon: assets.IconFileText, Title: titleOf(document),
			Quiet: clean(document.Title) == "", Selected: document.ID == d.Doc,
		}
		if _, ok := w.forkOf(document.ID); ok {
			row.Note = "other text"
		}
		if a, ok := w.Arriving[document.ID]; ok {
			row.Note, row.Quiet = arrivingNote(a), true
		}
		for _, p := range w.Readers[document.ID] {
			if row.People < len(row.Figures) {
				row.Figures[row.People] = w.figureIn(document.Space, p, p.Name)
				row.People++
			}
		}
		rows, ids = append(rows, row), append(ids, document.ID)
	}
	return rows, ids
}

// foundRows are the documents that a search shows: first those whose title
// holds the query, then those whose text does.
func foundRows(w *world, d desk, query string, hits []peer.Hit) ([]listRow, []crdt.DocID) {
	var rows []listRow
	var ids []crdt.DocID
	add := func(id crdt.DocID, space peer.SpaceID, title, below string) {
		if slices.Contains(ids, id) {
			return
		}
		if space != d.Space || below == "" {
			in := nameOr(w.space(space).Name, "another space")
			below = strings.TrimSuffix(in+": "+below, ": ")
		}
		rows = append(rows, listRow{Icon: assets.IconFileText, Title: title, Below: below})
		ids = append(ids, id)
	}
	snippets := map[crdt.DocID]string{}
	for _, h := range hits {
		snippets[h.ID] = snippet(h)
	}
	folded := strings.ToLower(query)
	for _, document := range w.Documents {
		if strings.Contains(strings.ToLower(document.Title), folded) {
			add(document.ID, document.Space, titleOf(document), snippets[document.ID])
		}
	}
	for _, h := range hits {
		add(h.ID, h.Space, nameOr(h.Title, "Untitled"), snippet(h))
	}
	return rows, ids
}

// behindLine says how many documents a search lacks.
func behindLine(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 document is still being read"
	}
	return fmt.Sprintf("%d documents are still being read", n)
}

// snippet is what a search found, without the marks around what matches and
// without the title, which stands above it.
func snippet(h peer.Hit) string {
	text := strings.NewReplacer("\x02", "", "\x03", "").Replace(h.Snippet)
	text = strings.TrimLeft(text, "# ")
	return clean(strings.TrimPrefix(text, h.Title))
}

// nearby counts those whom we see on the network.
func nearby(peers []peer.PeerInfo) int {
	n := 0
	for _, p := range peers {
		if p.Nearby || p.Connected {
			n++
		}
	}
	return n
}

// presenceLine stands under one's own name.
func presenceLine(w *world) string {
	switch n := nearby(w.Peers); {
	case offline(w.Status):
		return "No network, all is kept here"
	case n > 0:
		return fmt.Sprintf("%d ", n) + boundsOf(w.Status).near
	}
	return "Nobody nearby yet"
}

// firstLine stands below the first start's button.
func firstLine(w *world) string {
	switch n := nearby(w.Peers); {
	case n == 1:
		return "1 person nearby. You can join them in a moment."
	case n > 1:
		return fmt.Sprintf("%d people nearby. You can join them in a moment.", n)
	case offline(w.Status):
		return "No network now. You can write all the same."
	}
	return "Nobody nearby yet. You can write all the same."
}

// networkLine says how far words travel, in words and as a picture.
func networkLine(w *world) (words string, icon assets.Icon) {
	b := boundsOf(w.Status)
	return b.words, b.icon
}

// bounds are how far words travel: as the line below the page says it, as it stands
// under one's own name after how many are near, and as a picture.
type bounds struct {
	words, near string
	icon        assets.Icon
}

func boundsOf(s peer.Status) bounds {
	switch {
	case offline(s):
		return bounds{"No network", "", assets.IconWifiOff}
	case len(s.Far) == 1:
		return bounds{"This network and 1 address", "nearby, 1 address beyond", assets.IconLink}
	case len(s.Far) > 1:
		far := fmt.Sprintf("%d addresses", len(s.Far))
		return bounds{"This network and " + far, "nearby, " + far + " beyond", assets.IconLink}
	case !s.Discovery:
		return bounds{"By address only", "connected, by address only", assets.IconLink}
	case s.Invisible:
		return bounds{"Invisible, on this network only", "nearby, this network only", assets.IconWifi}
	}
	return bounds{"On this network only", "nearby, this network only", assets.IconWifi}
}

// offline says whether we know that there is no network. Without discovery we
// do not look.
func offline(s peer.Status) bool {
	return s.Running && s.Discovery && len(s.Networks) == 0
}

// tone is how a chip is coloured.
type tone int

const (
	toneGood tone = iota
	toneBusy
	toneBad
	toneQuiet
	toneAlone // saved, but with nobody else
)

// chipView is a short word on the state of the document.
type chipView struct {
	Words string
	Short string // where there is little room
	Tone  tone
}

// arrivingChip says that a text is not checked yet.
var arrivingChip = chipView{"Being checked…", "Checking…", toneBusy}

// chipOf says whether what was written is safe, and whom it has reached; of a text
// in which the person may not write, it says that. near says that somebody who lacks
// some of it is connected: they have it in a moment, and no colour changes for that.
func chipOf(s peer.DocState, near, readOnly bool) chipView {
	switch all := len(s.Reached) + len(s.Missing); {
	case s.Err != nil:
		return chipView{"Not saved", "Not saved", toneBad}
	case readOnly:
		return chipView{"Read only", "Read only", toneQuiet}
	case !s.Saved:
		return chipView{"Saving…", "Saving…", toneBusy}
	case all == 0:
		return chipView{"Saved", "Saved", toneGood}
	case len(s.Reached) == 0 && !near:
		return chipView{fmt.Sprintf("Saved, reached 0 of %d", all), "Saved", toneAlone}
	default:
		return chipView{fmt.Sprintf("Saved, reached %d of %d", len(s.Reached), all), "Saved", toneGood}
	}
}

// seenLine says when somebody was last there.
func seenLine(last, now time.Time) string {
	last = last.In(now.Location())
	day := func(t time.Time) string { return t.Format("2006-01-02") }
	switch {
	case last.IsZero() || last.Unix() <= 0:
		return "not seen yet"
	case day(last) == day(now):
		return "seen " + last.Format("15:04")
	case day(last) == day(now.AddDate(0, 0, -1)):
		return "seen yesterday"
	case last.Year() == now.Year():
		return "seen " + last.Format("2 January")
	}
	return "seen " + last.Format("2 January 2006")
}
