package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// Waiting is what one person wrote in a document, and is not shown there since they
// were removed, could write no more or their device was revoked: Since is "removal",
// "role" or "device". Said tells a person so. Text, if it was asked for, is that of the
// document with all that waits.
type Waiting struct {
	Document string     `json:"document"`
	Title    string     `json:"title"`
	By       Person     `json:"by"`
	Mine     bool       `json:"mine"`
	Since    string     `json:"since"`
	Changes  int        `json:"changes"`
	First    *time.Time `json:"first"`
	Last     *time.Time `json:"last"`
	Said     string     `json:"said"`
	Text     []byte     `json:"text,omitempty"`
}

// ListWaiting tells what waits beside a document, with the text, or beside all.
var ListWaiting = single("doc waiting", func(ctx context.Context, p *peer.Peer, a DocArgs) ([]Waiting, error) {
	if a.Doc == "" {
		return waitingBesideAll(ctx, p)
	}
	doc, err := findDocument(ctx, p, a.Doc)
	if err != nil {
		return nil, err
	}
	list, err := waitingBeside(ctx, p, doc)
	if err != nil || len(list) == 0 {
		return list, err
	}
	text, err := p.TextWith(ctx, doc)
	for i := range list {
		list[i].Text = []byte(text)
	}
	return list, err
})

func waitingBesideAll(ctx context.Context, p *peer.Peer) ([]Waiting, error) {
	docs, err := p.WaitingDocuments(ctx)
	if err != nil {
		return nil, err
	}
	all := []Waiting{}
	for _, doc := range docs {
		list, err := waitingBeside(ctx, p, doc)
		if errors.Is(err, peer.ErrNoDocument) {
			continue // nothing of it was ever shown
		}
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func waitingBeside(ctx context.Context, p *peer.Peer, doc crdt.DocID) ([]Waiting, error) {
	about, err := p.Document(ctx, doc)
	if err != nil {
		return nil, err
	}
	list, err := p.Waiting(ctx, doc)
	return each(list, func(w peer.Waiting) Waiting {
		return Waiting{
			Document: doc.String(), Title: about.Title, By: personOf(w.Person), Mine: w.Mine, Since: string(w.Since),
			Changes: w.Changes, First: moment(w.First), Last: moment(w.Last), Said: w.String(),
		}
	}), err
}

// TakeInArgs name documents by their IDs or the start of them.
type TakeInArgs struct {
	Docs []string `json:"docs"`
}

// TakenIn is how many changes were taken into a document, or why none were: Document
// is what it was named by then.
type TakenIn struct {
	Document string `json:"document"`
	Changes  int    `json:"changes"`
	Error    string `json:"error,omitempty"`
	Kind     string `json:"kind,omitempty"`
}

// Err is why nothing was taken in, nil if something was.
func (t TakenIn) Err() error {
	if t.Error == "" {
		return nil
	}
	return errorOf(response{Error: t.Error, Kind: t.Kind})
}

// TakeIn takes what waits beside documents when it looks into them, for everybody.
var TakeIn = single("doc take-in", func(ctx context.Context, p *peer.Peer, a TakeInArgs) ([]TakenIn, error) {
	if len(a.Docs) == 0 {
		return nil, fmt.Errorf("%w: no document is named", errBadRequest)
	}
	all := []TakenIn{}
	for _, arg := range a.Docs {
		taken, err := takeIn(ctx, p, arg)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			taken = TakenIn{Document: arg, Error: err.Error(), Kind: Kind(err)}
		}
		all = append(all, taken)
	}
	return all, nil
})

func takeIn(ctx context.Context, p *peer.Peer, arg string) (TakenIn, error) {
	doc, err := findDocument(ctx, p, arg)
	if err != nil {
		return TakenIn{}, err
	}
	list, err := p.Waiting(ctx, doc)
	if err != nil {
		return TakenIn{}, err
	}
	var tips []crdt.Hash
	for _, w := range list {
		tips = append(tips, w.Tips...)
	}
	n, err := p.TakeIn(ctx, doc, tips)
	return TakenIn{Document: doc.String(), Changes: n}, err
}
