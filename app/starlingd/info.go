package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"starling/app/control"
)

func id(ctx context.Context, j *job) error {
	return simple(ctx, j, control.ID, control.None{}, func(p control.Person) []string {
		return []string{p.ID}
	})
}

func status(ctx context.Context, j *job) error {
	if len(j.args) > 0 {
		return reachOf(ctx, j)
	}
	return simple(ctx, j, control.GetStatus, control.None{}, func(s control.Status) []string {
		return append([]string{
			row("id", s.ID),
			row("name", s.Name),
			row("home", s.Home),
			row("running", strconv.FormatBool(s.Running)),
			row("listen", strings.Join(s.Listen, " ")),
			row("discovery", strconv.FormatBool(s.Discovery)),
			row("networks", strings.Join(s.Networks, " ")),
			row("problem", s.Problem),
			row("connected", strconv.Itoa(s.Connected)),
			row("spaces", strconv.Itoa(s.Spaces)),
			row("documents", strconv.Itoa(s.Documents)),
			row("behind", strconv.Itoa(s.Behind)),
			row("damage", s.Damage),
			row("hop limit", strconv.Itoa(s.HopLimit)),
			row("allowed", strings.Join(s.Far, " ")),
			row("invisible", strconv.FormatBool(s.Invisible)),
		}, forked(s.Forks)...)
	})
}

// forked says of each document that has two texts in which other one the second
// stands, and whose device went on in two places.
func forked(forks []control.Fork) (out []string) {
	for _, f := range forks {
		out = append(out, row("forked", f.Document, f.Branch, f.Name))
	}
	return out
}

func peers(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Peers, control.None{}, func(list []control.Neighbour) []string {
		j.ifNone(len(list), `nobody is known or near; "starlingd doctor" says why`)
		return rows(list, neighbour)
	})
}

// neighbour is the fields of a row of "peers".
func neighbour(n control.Neighbour) []string {
	return []string{
		n.ID, n.Name, mark(n.Nearby, "nearby"), mark(n.Known, "known"),
		mark(n.Connected, "connected"), n.Address, moment(n.LastSeen), remark(n),
	}
}

// notTheOne is said of somebody who could be taken for a known person.
func notTheOne(known string) string { return "not the " + known + " you know" }

// remark is what one must know of a neighbour before adding them.
func remark(n control.Neighbour) string {
	switch {
	case n.Mine:
		return "yours"
	case n.LooksLike != "":
		return notTheOne(n.LooksLike)
	default:
		return "-"
	}
}

func connect(ctx context.Context, j *job) error {
	address := j.args[0]
	if _, _, err := net.SplitHostPort(address); err != nil {
		return misuse("ADDR is host:port, not %q", address)
	}
	args := control.ConnectArgs{Address: address}
	err := simple(ctx, j, control.Connect, args, func(n control.Neighbour) []string {
		return []string{row(n.ID, n.Name)}
	})
	if err != nil && ctx.Err() == nil && !explained(err) {
		return fmt.Errorf(`%w: check the address and that "starlingd serve" runs there`, err)
	}
	return err
}

// moment is a time as in JSON, or "-".
func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.RFC3339)
}
