package assets

// Type sizes of the interface, which go with Inter, in Fyne's units at scale 1.
const (
	TextSize  = 13
	SmallSize = 12
	LabelSize = 11 // semibold
)

// Radii of corners. A chip is round: half its height.
const (
	RowRadius    = 7
	FieldRadius  = 8 // buttons, too
	DialogRadius = 14
)

// Sizes of what the window is made of.
const (
	WindowWidth  = 1280
	WindowHeight = 800
	PlacesWidth  = 256 // the left column
	PeopleWidth  = 272 // the right column
	PageWidth    = 640 // centred
	PageTop      = 34  // above the first line
	RowHeight    = 30
	BarHeight    = 48 // the bar above the page
	StatusHeight = 30 // the bar below it
	IconSize     = 16
	SmallIcon    = 15
	HairlineSize = 1
)

// Space is the step of all spacing: use multiples of it.
const Space = 4
