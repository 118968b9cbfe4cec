package main

import (
	"cmp"
	"context"
	"flag"

	"starling/app/control"
	"starling/sync/peer"
)

// newSpace makes the home too if it is missing.
func newSpace(ctx context.Context, j *job) error {
	target := j.target()
	target.Make = true
	target.Name = cmp.Or(target.Name, peer.SystemName())
	space, err := control.Call(ctx, target, control.NewSpace, control.NewSpaceArgs{Name: []byte(j.args[0])})
	if err != nil {
		return err
	}
	return j.print(space, space.ID)
}

func listSpaces(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Spaces, control.None{}, func(list []control.Space) []string {
		j.ifNone(len(list), `there is no space yet; see "starlingd help space new" and "starlingd help space join"`)
		return rows(list, func(s control.Space) []string { return []string{s.ID, s.Name, roleIn(s)} })
	})
}

// roleIn is what we are in a space, or why we are in it no more.
func roleIn(s control.Space) string {
	switch {
	case s.Left:
		return "left"
	case s.RemovedBy != nil && s.Revoked:
		return "revoked by " + s.RemovedBy.Name
	case s.RemovedBy != nil:
		return "removed by " + s.RemovedBy.Name
	default:
		return s.Role
	}
}

func newDocumentCommand() *command {
	var title string
	return &command{
		name:  "doc new",
		forms: []string{"SPACE [--title T]"},
		about: "make a document and print its ID; it is empty, or has T as its heading",
		min:   1, max: 1,
		flags: func(set *flag.FlagSet) { set.StringVar(&title, "title", "", "") },
		run: func(ctx context.Context, j *job) error {
			args := control.NewDocumentArgs{Space: j.args[0]}
			if title != "" {
				args.Text = []byte("# " + title + "\n")
			}
			return simple(ctx, j, control.NewDocument, args, func(d control.Document) []string {
				return []string{d.ID}
			})
		},
	}
}

func listDocuments(ctx context.Context, j *job) error {
	var args control.DocumentsArgs
	if len(j.args) > 0 {
		if args.Space = j.args[0]; args.Space == "" {
			return misuse("SPACE is empty")
		}
	}
	return simple(ctx, j, control.Documents, args, func(list []control.Document) []string {
		j.ifNone(len(list), `there is no document; see "starlingd help doc new"`)
		return rows(list, func(d control.Document) []string { return []string{d.ID, d.Title, d.Space, moment(d.Updated)} })
	})
}
