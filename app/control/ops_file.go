package control

import (
	"context"

	"starling/sync/peer"
)

// The most that an import takes, in bytes: a file, and a text.
const (
	MaxImport     = peer.MaxImport
	MaxImportText = peer.MaxImportText
)

// ImportArgs is what to make documents of, and the space for them, "" for one's
// own first space, which is made if there is none.
type ImportArgs struct {
	Space string       `json:"space"`
	Files []ImportFile `json:"files"`
}

// ImportFile is the name and the content of a file. The name says nothing but
// what its owner takes it for.
type ImportFile struct {
	Name []byte `json:"name"`
	Data []byte `json:"data"`
}

// ImportStep is what became of one file: a document, or an error and its kind.
type ImportStep struct {
	// File is its place in the arguments.
	File     int       `json:"file"`
	Document *Document `json:"document,omitempty"`
	Error    string    `json:"error,omitempty"`
	Kind     string    `json:"kind,omitempty"`
}

// Err is why the file did not become a document, nil if it did.
func (s ImportStep) Err() error {
	if s.Document != nil {
		return nil
	}
	return errorOf(response{Error: s.Error, Kind: s.Kind})
}

// Import makes a document of each file, and gives a step for each, in order. The
// document is committed when its step comes.
var Import = Op[ImportArgs, ImportStep]{name: "import", run: importFiles}

func importFiles(ctx context.Context, p *peer.Peer, a ImportArgs, emit func(ImportStep) error) error {
	space, err := findOptionalSpace(ctx, p, a.Space)
	if err == nil && a.Space == "" {
		space, err = p.FirstSpace(ctx)
	}
	if err != nil {
		return err
	}
	for i, f := range a.Files {
		step := ImportStep{File: i}
		if d, err := importFile(ctx, p, space, f); err == nil {
			step.Document = &d
		} else if ctx.Err() != nil {
			return ctx.Err()
		} else {
			step.Error, step.Kind = err.Error(), Kind(err)
		}
		if err := emit(step); err != nil {
			return err
		}
	}
	return nil
}

func importFile(ctx context.Context, p *peer.Peer, space peer.SpaceID, f ImportFile) (Document, error) {
	id, err := p.Import(ctx, space, string(f.Name), f.Data)
	if err != nil {
		return Document{}, err
	}
	d, err := p.Document(ctx, id)
	return documentOf(d), err
}

// ExportArgs names a document and a format: "automerge", "md" or "txt".
type ExportArgs struct {
	Doc    string `json:"doc"`
	Format string `json:"format"`
}

// Exported is the file that a document makes.
type Exported struct {
	ID     string `json:"id"`
	Format string `json:"format"`
	Data   []byte `json:"data"`
}

// Export gives the file that a document makes.
var Export = single("export", func(ctx context.Context, p *peer.Peer, a ExportArgs) (Exported, error) {
	id, err := findDocument(ctx, p, a.Doc)
	if err != nil {
		return Exported{}, err
	}
	data, err := p.Export(ctx, id, peer.Format(a.Format))
	return Exported{id.String(), a.Format, data}, err
})

// Formats are what documents can be exported as.
func Formats() []string {
	return []string{string(peer.FormatAutomerge), string(peer.FormatMarkdown), string(peer.FormatText)}
}

// VerifyArgs names the documents to verify, all of them if there are none.
type VerifyArgs struct {
	Docs []string `json:"docs"`
}

// Verified is what was found of a document. Without problems all is right; notes
// say what could not be checked, and that the search was behind. Judged says that automerge-go has read it too.
type Verified struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Space    string   `json:"space"`
	Changes  int      `json:"changes"`
	Authors  int      `json:"authors"`
	Judged   bool     `json:"judged"`
	Problems []string `json:"problems"`
	Notes    []string `json:"notes"`
}

// Verify checks documents one by one, and gives what it found of each.
var Verify = Op[VerifyArgs, Verified]{name: "verify", run: verify}

func verify(ctx context.Context, p *peer.Peer, a VerifyArgs, emit func(Verified) error) error {
	ids, err := findDocuments(ctx, p, a.Docs)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := p.Verify(ctx, id)
		if err != nil {
			return err
		}
		err = emit(Verified{
			ID: id.String(), Title: r.Title, Space: r.Space.String(), Changes: r.Changes, Authors: r.Authors,
			Judged: r.Judged, Problems: some(r.Problems), Notes: some(r.Notes),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
