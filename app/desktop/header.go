package desktop

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// header is the bar above the page: where this is, whether it is safe, who is
// here.
type header struct {
	root         *ground
	space, slash *label
	title        *label
	pill         *pill
	chip         *followChip
	crowd        *pressCrowd
	invite       *button
	view         *iconButton // how the page looks
	toggle       *iconButton
	places       *iconButton     // shows or hides the left column
	open         bool            // a document is
	owned        bool            // the space is ours to invite to
	here         []peer.DeviceID // whose figures are shown
}

// headerEvents are what a person does in the bar above the page.
type headerEvents struct {
	onInvite, onPlaces, onPeople, onView func()
	onGoTo                               func(peer.DeviceID) // to where somebody writes
	onStop                               func()              // following
	onReach                              func()              // wants to see who has the text
}

func newHeader(e headerEvents) *header {
	h := &header{
		space: newCutLabel("", faceText, inkDim), slash: newLabel("/", faceText, inkDim),
		title: newCutLabel("", faceStrong, inkText), pill: newPill(e.onReach),
		chip: newFollowChip(e.onStop), view: newIconButton(assets.IconLetters, e.onView),
		toggle: newIconButton(assets.IconPanelRight, e.onPeople), places: newIconButton(assets.IconPanelLeft, e.onPlaces),
	}
	h.crowd = newPressCrowd(22, inkPage, 4, func(i int) {
		if i < len(h.here) {
			e.onGoTo(h.here[i])
		}
	})
	h.invite = newButton(primary, "Invite", e.onInvite).withIcon(assets.IconUserPlus)
	h.invite.height, h.invite.pad = 29, 12
	rule := newHairline()
	h.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(280, assets.BarHeight) },
		func(size fyne.Size) {
			place(rule, 0, size.Height-1, size.Width, 1)
			h.placeCrumbs(h.placeTools(size))
		},
		h.space, h.slash, h.title, h.chip, h.pill, h.crowd, h.invite, h.view, h.toggle, h.places, rule)
	return h
}

// placeTools places what is at the right and returns what is left for the
// rest. Where there is little room, words go before pictures.
func (h *header) placeTools(size fyne.Size) (left float32) {
	h.invite.setTerse(size.Width < 600)
	follows := h.chip.name != ""
	h.pill.setShort(size.Width < 680 || follows && size.Width < 900)
	setVisible(h.crowd, size.Width >= 480)
	setVisible(h.invite, h.owned)
	setVisible(h.chip, follows && size.Width >= 480)
	// Who is followed matters more for a while, where there is no room for both.
	setVisible(h.pill, h.open && size.Width >= 340 && !(follows && size.Width < 640))
	x := size.Width - 11
	put := func(o fyne.CanvasObject, gap float32) {
		own := o.MinSize()
		if o.Visible() && own.Width > 0 {
			x -= own.Width
			place(o, x, middle(size.Height-1, own.Height), own.Width, own.Height)
			x -= gap
		}
	}
	put(h.toggle, 2)
	put(h.view, 6)
	put(h.invite, 10)
	put(h.crowd, 10)
	put(h.pill, 8)
	put(h.chip, 0)
	return x - 12
}

// crumbLeast is what the space's name keeps beside a long title, if it needs as
// much, and the title beside it.
const crumbLeast = 80

// placeCrumbs gives the title what it needs, then the space what is left, but
// some to each. Where there is no room for both, the title stays.
func (h *header) placeCrumbs(end float32) {
	own := h.places.MinSize()
	place(h.places, 10, middle(assets.BarHeight-1, own.Height), own.Width, own.Height)
	start := 10 + own.Width + 6
	const gap = 7
	slash := h.slash.natural()
	room := end - start - slash - 2*gap // for both
	least := min(h.space.natural(), crumbLeast)
	both := room-least >= crumbLeast && h.space.words != ""
	setVisible(h.space, both)
	setVisible(h.slash, both && h.title.words != "")
	x := start
	if both {
		space := min(h.space.natural(), max(least, room-h.title.natural()-1))
		place(h.space, x, 0, space+1, assets.BarHeight-1)
		x += space + gap
		place(h.slash, x, 0, slash, assets.BarHeight-1)
		x += slash + gap
	}
	place(h.title, x, 0, end-x, assets.BarHeight-1)
}

// show says where this is.
func (h *header) show(space, title string) {
	if h.space.words != space || h.title.words != title {
		h.space.set(space)
		h.title.set(title)
		h.root.Refresh()
	}
}

// showOwned says whether one may invite to the space.
func (h *header) showOwned(owned bool) {
	if h.owned != owned {
		h.owned = owned
		h.root.Refresh()
	}
}

// showState says whether the text is safe, who is here, and who of them is
// followed, "" for nobody. No chip is shown where no document is open.
func (h *header) showState(v chipView, open bool, here []hereNow, following string) {
	figures := make([]figure, len(here))
	h.here = h.here[:0]
	for i, p := range here {
		figures[i] = p.Figure
		h.here = append(h.here, p.ID)
	}
	figures = figures[:min(len(figures), h.crowd.most)]
	same := h.pill.view == v && h.open == open && slices.Equal(h.crowd.figures, figures) && h.chip.name == following
	if same {
		return
	}
	h.open = open
	h.pill.set(v)
	h.chip.set(following)
	h.crowd.set(figures)
	h.root.Refresh()
}

// status is the line below the page.
type status struct {
	root          *ground
	words, long   *label
	kind, network *label
	who, brief    *label // who has the text, at length and in short; "" while it isn't known
	reach         *picture
	view          statusView
}

func newStatus() *status {
	s := &status{
		words: newCutLabel("", faceSmall, inkDim), long: newLabel("", faceSmall, inkDim),
		kind:    newLabel("Markdown", faceSmall, inkDim),
		network: newLabel("", faceSmall, inkDim), who: newLabel("", faceSmall, inkDim), brief: newLabel("", faceSmall, inkDim), reach: newPicture(assets.IconWifi, 13, inkDim),
	}
	rule := newHairline()
	s.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(280, assets.StatusHeight) },
		func(size fyne.Size) {
			place(rule, 0, 0, size.Width, 1)
			s.place(size.Width, size.Height+1)
		},
		s.words, s.who, s.brief, s.long, s.kind, s.network, s.reach, rule)
	return s
}

// Gaps of the line.
const (
	statusEdge  = 16
	statusGap   = 16 // between words, at least
	statusReach = 13 // the picture of the network
)

// place lays out the line. Where there is little room, less is said: first the
// network has its picture alone, then words go, the least needed first, and what
// stays is cut.
func (s *status) place(width, height float32) {
	first := s.words.natural()
	if !s.view.Open || s.words.words == "" {
		first = 0
	}
	end := width - statusEdge
	network := s.network.natural()
	wordy := statusEdge+first+statusGap+statusReach+3+network <= end
	setVisible(s.network, wordy)
	if wordy {
		end -= network
		place(s.network, end, 0, network, height)
		end -= 3
	}
	end -= statusReach
	place(s.reach, end, middle(height, statusReach), statusReach, statusReach)
	s.placeWords(end-statusGap, height)
}

// placeWords places what is left of the network, up to end. Who has the text stands
// last, so that nothing that is counted moves with it, nor it with each key.
func (s *status) placeWords(end, height float32) {
	room := end - statusEdge
	for _, l := range []*label{s.words, s.who, s.brief, s.long, s.kind} { // as they matter
		fits := l.words != "" && (slotOf(l) <= room || l == s.words) && !(l == s.brief && s.who.Visible())
		setVisible(l, s.view.Open && fits && !(l == s.kind && s.view.Past))
		if fits {
			room -= slotOf(l) + statusGap
		}
	}
	x := float32(statusEdge)
	for _, l := range []*label{s.words, s.long, s.kind, s.who, s.brief} {
		if l.Visible() {
			place(l, x, 0, max(min(l.natural(), end-x), 0), height)
			x += slotOf(l) + statusGap
		}
	}
}

// slotOf is how wide a label may become by other digits.
func slotOf(l *label) float32 {
	widest := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '4' // no digit of the face is wider
		}
		return r
	}, l.words)
	return max(l.natural(), float32(math.Ceil(float64(l.face.width(widest)))))
}

// statusView is what the line says.
type statusView struct {
	Words      string
	Characters string // "" to say nothing of them
	Who, Brief string // who has the text; "" while it isn't known
	Network    string
	Icon       assets.Icon // of the network
	Open       bool        // a document is
	Past       bool        // what the page shows was
}

func (s *status) show(v statusView) {
	if s.view == v {
		return
	}
	s.view = v
	s.words.set(v.Words)
	s.long.set(v.Characters)
	s.who.set(v.Who)
	s.brief.set(v.Brief)
	s.network.set(v.Network)
	s.reach.set(v.Icon)
	s.root.Refresh()
}
