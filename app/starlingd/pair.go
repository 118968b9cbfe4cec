package main

import (
	"context"
	"flag"
	"fmt"

	"starling/app/control"
)

// pairFlags is what "pair" was told by flags.
type pairFlags struct {
	list                   bool
	confirm, reject, space string
	as                     string
	mine, other            bool
	set                    *flag.FlagSet
}

func pairCommand() *command {
	var f pairFlags
	return &command{
		name: "pair",
		forms: []string{
			"PEER [--space SPACE]",
			"--list",
			"--confirm CODE [--space SPACE] [--as PERSON | --other | --mine]",
			"--reject CODE",
		},
		about: "get to know another device: both people compare the six digits and confirm\n" +
			"them, each with --confirm. PEER prints the code and waits for both answers\n" +
			"--space SPACE   let the other person write in this space\n" +
			"--as PERSON     it is a new device of someone you know, which that person or an\n" +
			"                owner of the space signs too\n" +
			"--other         it is somebody else than the one you know, of the same or nearly the\n" +
			"                same name\n" +
			"--mine          it asked with \"device link\", and is to be your own",
		max: 1,
		flags: func(set *flag.FlagSet) {
			f.set = set
			set.BoolVar(&f.list, "list", false, "")
			set.StringVar(&f.confirm, "confirm", "", "")
			set.StringVar(&f.reject, "reject", "", "")
			set.StringVar(&f.space, "space", "", "")
			set.StringVar(&f.as, "as", "", "")
			set.BoolVar(&f.other, "other", false, "")
			set.BoolVar(&f.mine, "mine", false, "")
		},
		run: func(ctx context.Context, j *job) error { return f.run(ctx, j) },
	}
}

func (f *pairFlags) run(ctx context.Context, j *job) error {
	given := map[string]bool{}
	f.set.Visit(func(flag *flag.Flag) { given[flag.Name] = true })
	forms := len(j.args)
	for _, name := range []string{"list", "confirm", "reject"} {
		if given[name] {
			forms++
		}
	}
	switch {
	case forms != 1:
		return misuse("pair takes one of PEER, --list, --confirm and --reject")
	case given["space"] && (given["list"] || given["reject"]):
		return misuse("--space goes with PEER or --confirm")
	case given["space"] && f.space == "":
		return misuse("--space is empty")
	case given["as"] && (!given["confirm"] || f.as == ""):
		return misuse("--as takes a person, and goes with --confirm")
	case f.mine && (!given["confirm"] || given["space"]):
		return misuse("--mine goes with --confirm alone")
	case f.other && !given["confirm"]:
		return misuse("--other goes with --confirm")
	case f.mine && f.other || f.mine && given["as"] || f.other && given["as"]:
		return misuse("--confirm takes one of --as, --other and --mine")
	case given["list"]:
		return listPairings(ctx, j)
	case given["confirm"]:
		return answer(ctx, j, control.ConfirmPairing, control.AnswerArgs{Code: f.confirm, Space: f.space, As: f.as, Other: f.other, Mine: f.mine},
			"confirmed here; it is done as soon as %s has confirmed it too")
	case given["reject"]:
		return answer(ctx, j, control.RejectPairing, control.AnswerArgs{Code: f.reject}, "rejected; %s has to ask again")
	default:
		return pairingSteps(ctx, j, control.StartPairing, control.PairArgs{Peer: j.args[0], Space: f.space}, f.words())
	}
}

// pairingWords are what is told of a pairing with somebody, by name, with the code and
// when it is done.
type pairingWords struct{ next, done string }

func (f *pairFlags) words() pairingWords {
	w := pairingWords{
		next: `compare the code with the one that %[1]s sees; if they are the same, ` +
			`"starlingd pair --confirm %[2]s" on both sides; Ctrl-C rejects`,
		done: "paired with %s",
	}
	if f.space == "" {
		w.done += `; share a space with "starlingd space add SPACE PERSON"`
	}
	return w
}

// doneWith says of a pairing that is done with whom, and whose device that is now.
func (w pairingWords) doneWith(p control.Pairing) string {
	name := row(p.Name)
	switch {
	case p.As != "":
		return fmt.Sprintf("paired with %s, taken for a new device of %s", name, row(p.As))
	case p.Link:
		return fmt.Sprintf("linked with %s, which is your own device now", name)
	default:
		return fmt.Sprintf(w.done, name)
	}
}

// pairingSteps prints the code as soon as it is known, and what was done in the
// end. With --json the one value comes at the end, so the code goes to standard
// error.
func pairingSteps[A any](ctx context.Context, j *job, op control.Op[A, control.PairStep], args A, words pairingWords) error {
	return control.Stream(ctx, j.target(), op, args, func(s control.PairStep) error {
		switch {
		case j.json && s.Paired:
			return printJSON(j.out, s)
		case s.Paired:
			j.warn(words.doneWith(s.Pairing))
			return nil
		}
		out := j.out
		if j.json {
			out = j.err
		}
		_, err := fmt.Fprintln(out, s.Code)
		j.warn(fmt.Sprintf(words.next, row(s.Name), s.Code))
		return err
	})
}

func listPairings(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Pairings, control.None{}, func(list []control.Pairing) []string {
		j.ifNone(len(list), "nobody asks to pair, and nobody is asked")
		return rows(list, func(p control.Pairing) []string {
			direction := "outgoing"
			if p.Incoming {
				direction = "incoming"
			}
			return []string{p.Code, p.ID, p.Name, direction, mark(p.Confirmed, "confirmed"), aboutPairing(p)}
		})
	})
}

// aboutPairing is what one must know of a pairing before confirming it.
func aboutPairing(p control.Pairing) string {
	switch {
	case p.Link:
		return "becomes your own device"
	case p.As != "":
		return "a new device of " + p.As
	case p.LooksLike != "":
		return notTheOne(p.LooksLike)
	default:
		return "-"
	}
}

func answer(ctx context.Context, j *job, op control.Op[control.AnswerArgs, control.Pairing], args control.AnswerArgs, done string) error {
	if !control.IsCode(args.Code) {
		return misuse("%q is not a code of six digits", args.Code)
	}
	return simple(ctx, j, op, args, func(p control.Pairing) []string {
		j.warn(fmt.Sprintf(done, row(p.Name)))
		return nil
	})
}
