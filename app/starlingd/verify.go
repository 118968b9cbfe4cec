package main

import (
	"context"
	"fmt"
	"strings"

	"starling/app/control"
)

// verifiedJSON is what verify found of all documents together.
type verifiedJSON struct {
	Documents []control.Verified `json:"documents"`
	Checked   int                `json:"checked"`
	Wrong     int                `json:"wrong"`
}

// verify prints a line for each document as soon as it is checked, and a sum.
func verify(ctx context.Context, j *job) error {
	all := verifiedJSON{Documents: []control.Verified{}}
	changes, judged := 0, 0
	err := control.Stream(ctx, j.target(), control.Verify, control.VerifyArgs{Docs: j.args}, func(v control.Verified) error {
		all.Documents = append(all.Documents, v)
		all.Checked++
		changes += v.Changes
		if v.Judged {
			judged++
		}
		if len(v.Problems) > 0 {
			all.Wrong++
		}
		if j.json {
			return nil
		}
		return j.print(nil, verdict(v))
	})
	if err != nil {
		return err
	}
	sum := fmt.Sprintf("%s with %s: all in order", count(all.Checked, "document"), count(changes, "change"))
	if all.Wrong > 0 {
		sum = fmt.Sprintf("%d of %s wrong", all.Wrong, count(all.Checked, "document"))
	}
	if n := all.Checked - judged; n > 0 {
		sum += fmt.Sprintf("; automerge-go was not asked about %d", n)
	}
	if err := j.print(all, sum); err != nil {
		return err
	}
	if all.Wrong > 0 {
		return errTold
	}
	return nil
}

// verdict is the line of one document: some 200 characters, whatever is wrong
// with it.
func verdict(v control.Verified) string {
	title := clip(v.Title, titleRoom)
	if n := len(v.Problems); n > 0 {
		return row("wrong", v.ID, title, fmt.Sprintf("%s: connect to someone who has it, or keep what "+
			`"starlingd cat" still shows; see more with --json`, count(n, "problem")))
	}
	said := append([]string{count(v.Changes, "change") + " by " + count(v.Authors, "author")}, v.Notes...)
	return row("ok", v.ID, title, clip(strings.Join(said, "; "), wordsRoom))
}

// What there is room for in the line of a document, in characters.
const (
	titleRoom = 40
	wordsRoom = 110
)

// clip is the beginning of a text that is longer than so many characters.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
