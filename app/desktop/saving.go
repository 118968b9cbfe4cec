package desktop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// What a space held that one is no longer in can be saved: a file for each document.

// saveForms are what documents can be saved as, and what that means.
var saveForms = []struct {
	words, below string
	format       peer.Format
}{
	{"The text", "Markdown, which every editor reads.", peer.FormatMarkdown},
	{"All of its past", "Automerge, with who wrote what and when.", peer.FormatAutomerge},
}

const (
	// maxFileName is how long the name of a file is at most, in bytes, before its
	// number and ending, as many disks take 255; maxFolders is how many folders of one
	// name are made.
	maxFileName = 120
	maxFolders  = 1000
	// maxPath is the longest folder that a field takes, in code points.
	maxPath = 1000
)

// newSaveRow is a row of a menu.
func (w *window) newSaveRow(space peer.Space) *rowButton {
	return newRowButton(assets.IconCopy, "Save what it held…", "", func() { w.askSave(space) })
}

// askSave asks where to save what a space held, and as what.
func (w *window) askSave(space peer.Space) {
	var where string
	w.bridge.do(func(context.Context) error { // it looks at the disk
		where = saveFolder(space)
		return nil
	}, func(error) { w.askSaveIn(space, where) })
}

// askSaveIn is askSave, with the folder that it proposes.
func (w *window) askSaveIn(space peer.Space, proposed string) {
	wide := w.wide()
	form := saveForms[0]
	folder := newField("A folder", 38, faceText)
	folder.most = maxPath
	folder.SetText(proposed)
	below := newProse(form.below, wide, faceSmall, inkDim)
	choice := newSegments([]string{saveForms[0].words, saveForms[1].words}, 0, func(i int) {
		form = saveForms[i]
		below.set(form.below)
	})
	save := newButton(primary, "Save", nil)
	save.do = func() {
		if where := strings.TrimSpace(folder.Text()); where != "" {
			w.closeDialog()
			w.save(space, where, form.format)
		}
	}
	folder.onSubmit = save.do
	folder.onChange = func(text string) { save.setDisabled(strings.TrimSpace(text) == "") }
	w.openDialog(newDialog(newStack(12,
		newHeading("Save what “"+nameOr(space.Name, "this space")+"” held", wide),
		newProse("Each document becomes a file, in a new folder:", wide, faceText, inkDim),
		folder,
		newOutdented(newChoice("What of it", choice), choiceEdge, 0), below,
		newEndLine(newButton(plain, "Cancel", w.closeDialog), save)), w.closeDialog))
	w.Canvas().Focus(folder)
}

// saveFolder proposes where to save a space. It looks at the disk.
func saveFolder(space peer.Space) string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	if documents := filepath.Join(home, "Documents"); isFolder(documents) {
		home = documents
	}
	return filepath.Join(home, fileName(nameOr(space.Name, "Starling")))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// save saves the documents of a space and tells where they are.
func (w *window) save(space peer.Space, folder string, format peer.Format) {
	var out saved
	w.bridge.do(func(ctx context.Context) (err error) {
		out, err = saveSpace(ctx, w.peer, space.ID, folder, format)
		return err
	}, func(err error) {
		var file *fs.PathError
		switch {
		case errors.As(err, &file):
			w.page.showNotice(newNotice(true, "“"+file.Path+"” can't be written: "+file.Err.Error()+".", "Choose another folder",
				func() { w.askSave(space) }, func() { w.page.showNotice(nil) }))
		case err != nil:
			w.complain(err)
		default:
			w.notify(out.line(), "", nil)
		}
	})
}

// saved is what came of saving a space.
type saved struct {
	folder    string
	documents int
	damaged   int // which could not be read
	failed    int // which could not be written, or not for another reason
}

func (s saved) line() string {
	line := fmt.Sprintf("%d documents are in %s.", s.documents, s.folder)
	if s.documents == 1 {
		line = "1 document is in " + s.folder + "."
	}
	switch {
	case s.damaged == 1:
		line += " 1 more is damaged and could not be saved."
	case s.damaged > 1:
		line += fmt.Sprintf(" %d more are damaged and could not be saved.", s.damaged)
	}
	if s.failed > 0 {
		line += fmt.Sprintf(" %d more could not be saved.", s.failed)
	}
	return line
}

// saveSpace writes each document of a space into a file in a new folder. Nothing
// that is there is written over. A document that can't be saved is counted; the first
// such error is returned if none could be.
func saveSpace(ctx context.Context, p *peer.Peer, space peer.SpaceID, folder string, format peer.Format) (saved, error) {
	documents, err := p.Documents(ctx, space)
	if err != nil {
		return saved{}, fmt.Errorf("save a space: %w", err)
	}
	out := saved{}
	if out.folder, err = newFolder(folder); err != nil {
		return out, fmt.Errorf("save a space: %w", err)
	}
	var first error
	names := map[string]bool{}
	for _, d := range documents {
		path := filepath.Join(out.folder, uniqueName(names, fileName(titleOf(d)))+"."+string(format))
		switch err := saveDocument(ctx, p, d.ID, path, format); {
		case err == nil:
			out.documents++
		case ctx.Err() != nil:
			return out, err
		case errors.Is(err, peer.ErrDamaged):
			out.damaged++
		default:
			out.failed++
			first = cmp.Or(first, err)
		}
	}
	if out.documents > 0 {
		return out, nil
	}
	return out, first
}

// saveDocument writes a document into a new file, all of it or none.
func saveDocument(ctx context.Context, p *peer.Peer, id crdt.DocID, path string, format peer.Format) error {
	data, err := p.Export(ctx, id, format)
	if err == nil {
		if err = os.WriteFile(path, data, 0o600); err != nil {
			_ = os.Remove(path) // it may not be there
		}
	}
	if err != nil {
		return fmt.Errorf("save document %v: %w", id, err)
	}
	return nil
}

// newFolder makes a folder of a name or, where something is, of that and a number.
func newFolder(path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		tried := path
		if n > 1 {
			tried = fmt.Sprintf("%s %d", path, n)
		}
		err := os.Mkdir(tried, 0o700)
		if !errors.Is(err, fs.ErrExist) || n == maxFolders {
			return tried, err
		}
	}
}

// uniqueName is a name, with a number if need be, that is not among names, which
// note it; case is not told apart.
func uniqueName(names map[string]bool, name string) string {
	unique := name
	for n := 2; names[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s %d", name, n)
	}
	names[strings.ToLower(unique)] = true
	return unique
}

// fileName makes a title fit to be a file's name on every system.
func fileName(title string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, title)
	if end := maxFileName; len(name) > end {
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	if name = strings.Trim(name, " ."); name == "" {
		return "Untitled"
	}
	device, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch strings.TrimRight(device, "0123456789") {
	case "con", "prn", "aux", "nul", "com", "lpt": // Windows keeps these for itself
		name = "_" + name
	}
	return name
}
