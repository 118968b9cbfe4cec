package desktop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"starling/app/editor"
)

// settingsFile lies in the home and holds how the person likes to read.
const settingsFile = "view.json"

// Names of the page's fonts and widths, as the file has them.
const (
	faceOfSerif = "serif"
	faceOfSans  = "sans"
	faceOfMono  = "mono"

	widthNarrow = "narrow"
	widthNormal = "normal"
	widthWide   = "wide"
	widthFull   = "full"
)

var (
	pageFaces  = []string{faceOfSerif, faceOfSans, faceOfMono}
	pageWidths = []string{widthNarrow, widthNormal, widthWide, widthFull}
)

// zooms are the steps of the page's size, in percent, within the editor's limits.
var zooms = []int{100 * editor.MinZoom, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 100 * editor.MaxZoom}

// settings is how the person likes to read, in every document.
type settings struct {
	Face       string // of pageFaces
	Width      string // of pageWidths
	Zoom       int    // percent
	HideMarks  bool
	Typewriter bool
	Focus      bool // on the paragraph
	Invisibles bool // spaces and tabs
	Authors    bool // colours of who wrote
	Deleted    bool // deleted text
	// NoSpelling is off by nature, so that spelling is on where nothing is kept.
	NoSpelling bool
	// Languages are the dictionaries that were chosen; none means those that
	// fit the person's language.
	Languages []string
	// Told are the forks that the person was told of, by the document that holds
	// the other text.
	Told []string `json:",omitempty"`
}

// maxTold is how many forks are remembered as told, besides those that there are.
const maxTold = 256

func usualSettings() settings {
	return settings{Face: faceOfSerif, Width: widthNormal, Zoom: 100}
}

// sane makes what a file holds usable.
func (s settings) sane() settings {
	usual := usualSettings()
	if !slices.Contains(pageFaces, s.Face) {
		s.Face = usual.Face
	}
	if !slices.Contains(pageWidths, s.Width) {
		s.Width = usual.Width
	}
	if s.Zoom == 0 {
		s.Zoom = usual.Zoom
	}
	s.Zoom = min(max(s.Zoom, zooms[0]), zooms[len(zooms)-1])
	return s
}

// zoomed is the next step of the size above or below.
func zoomed(percent, by int) int {
	if by > 0 {
		for _, z := range zooms {
			if z > percent {
				return z
			}
		}
		return zooms[len(zooms)-1]
	}
	for _, z := range slices.Backward(zooms) {
		if z < percent {
			return z
		}
	}
	return zooms[0]
}

// page is what the editor is to know of them.
func (s settings) page() editor.Settings {
	faces := map[string]editor.PageFace{faceOfSans: editor.Sans, faceOfMono: editor.Mono}
	widths := map[string]float32{
		widthNarrow: editor.NarrowColumn, widthNormal: editor.NormalColumn,
		widthWide: editor.WideColumn, widthFull: editor.FullColumn,
	}
	return editor.Settings{
		Face: faces[s.Face], Column: widths[s.Width], Zoom: float32(s.Zoom) / 100,
		HideMarks: s.HideMarks, Typewriter: s.Typewriter, Focus: s.Focus,
		Invisibles: s.Invisibles, Authors: s.Authors, Deleted: s.Deleted,
	}
}

// with takes on what the person changed in the editor by a key.
func (s settings) with(e editor.Settings) settings {
	if e.Zoom > 0 {
		s.Zoom = int(e.Zoom*100 + 0.5)
	}
	s.HideMarks, s.Typewriter, s.Focus = e.HideMarks, e.Typewriter, e.Focus
	s.Invisibles, s.Authors, s.Deleted = e.Invisibles, e.Authors, e.Deleted
	return s.sane()
}

// readSettings reads them from a home. Where nothing is kept, or what is kept
// is no use, they are the usual ones; err says why, if that is worth saying.
func readSettings(home string) (settings, error) {
	data, err := os.ReadFile(filepath.Join(home, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return usualSettings(), nil
	}
	if err != nil {
		return usualSettings(), fmt.Errorf("read how you like to read: %w", err)
	}
	s := usualSettings()
	if err := json.Unmarshal(data, &s); err != nil {
		return usualSettings(), fmt.Errorf("read %s: %w", settingsFile, err)
	}
	return s.sane(), nil
}

// writeSettings keeps them, whole or not at all.
func writeSettings(home string, s settings) error {
	data, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return fmt.Errorf("keep how you like to read: %w", err)
	}
	if err := replaceFile(filepath.Join(home, settingsFile), append(data, '\n')); err != nil {
		return fmt.Errorf("keep how you like to read: %w", err)
	}
	return nil
}

// replaceFile writes a file, whole or not at all.
func replaceFile(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
