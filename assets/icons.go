package assets

import (
	"bytes"
	"embed"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
)

// Icon names one of the line icons in the folder icons.
type Icon string

// The icons that there are, by Lucide's names.
const (
	IconLetters        Icon = "a-large-small"
	IconArrowDown      Icon = "arrow-down"
	IconArrowLeft      Icon = "arrow-left"
	IconArrowLeftRight Icon = "arrow-left-right"
	IconArrowUp        Icon = "arrow-up"
	IconBird           Icon = "bird"
	IconCase           Icon = "case-sensitive"
	IconCheck          Icon = "check"
	IconChevronDown    Icon = "chevron-down"
	IconChevronRight   Icon = "chevron-right"
	IconChevronsUpDown Icon = "chevrons-up-down"
	IconCircleHelp     Icon = "circle-help"
	IconClock          Icon = "clock"
	IconCopy           Icon = "copy"
	IconEllipsis       Icon = "ellipsis"
	IconEye            Icon = "eye"
	IconFilePlus       Icon = "file-plus"
	IconFileText       Icon = "file-text"
	IconFolder         Icon = "folder"
	IconFolderOpen     Icon = "folder-open"
	IconFolderPlus     Icon = "folder-plus"
	IconHistory        Icon = "history"
	IconInfo           Icon = "info"
	IconLaptop         Icon = "laptop"
	IconLink           Icon = "link"
	IconLogOut         Icon = "log-out"
	IconMessageSquare  Icon = "message-square"
	IconMinus          Icon = "minus"
	IconPanelLeft      Icon = "panel-left"
	IconPanelRight     Icon = "panel-right"
	IconPencil         Icon = "pencil"
	IconPlus           Icon = "plus"
	IconRedo           Icon = "redo-2"
	IconRegexp         Icon = "regex"
	IconSearch         Icon = "search"
	IconSettings       Icon = "settings"
	IconSquare         Icon = "square"
	IconSquareCheck    Icon = "square-check"
	IconTrash          Icon = "trash-2"
	IconTriangleAlert  Icon = "triangle-alert"
	IconUndo           Icon = "undo-2"
	IconUser           Icon = "user"
	IconUserPlus       Icon = "user-plus"
	IconUsers          Icon = "users"
	IconWholeWord      Icon = "whole-word"
	IconWifi           Icon = "wifi"
	IconWifiOff        Icon = "wifi-off"
	IconX              Icon = "x"
)

//go:embed icons/*.svg
var iconFiles embed.FS

// In returns the icon drawn in a colour, alpha included. Two calls with the
// same colour return resources of the same name and content.
//
// The colour is part of the name because Fyne keeps drawn SVGs by name. The
// icons are filled outlines, so Fyne's own ThemedResource can colour them too.
//
// In panics if there is no such icon; the constants of this package all exist.
func (i Icon) In(c color.Color) fyne.Resource {
	svg, err := iconFiles.ReadFile("icons/" + string(i) + ".svg")
	if err != nil {
		panic(fmt.Sprintf("assets: no icon %q: %v", string(i), err))
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	rgb := fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
	fill := fmt.Sprintf(`fill="%s" fill-opacity="%.3f"`, rgb, float64(n.A)/255)
	drawn := bytes.ReplaceAll(svg, []byte(`fill="currentColor"`), []byte(fill))
	name := fmt.Sprintf("%s-%s%02x.svg", i, rgb[1:], n.A)
	return fyne.NewStaticResource(name, drawn)
}

//go:embed icon.png
var appIcon []byte

// AppIcon is the picture of the application, a PNG of 512 x 512.
var AppIcon fyne.Resource = fyne.NewStaticResource("icon.png", appIcon)
