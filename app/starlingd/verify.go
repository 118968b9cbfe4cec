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

// verdict is the line of one document.
func verdict(v control.Verified) string {
	if len(v.Problems) > 0 {
		return row("wrong", v.ID, v.Title, strings.Join(append(v.Problems, v.Notes...), "; "))
	}
	said := append([]string{count(v.Changes, "change") + " by " + count(v.Authors, "author")}, v.Notes...)
	return row("ok", v.ID, v.Title, strings.Join(said, "; "))
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
