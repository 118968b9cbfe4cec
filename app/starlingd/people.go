package main

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strconv"
	"strings"
	"time"

	"starling/app/control"
)

// roles are those that a person can have in a space.
var roles = []string{"owner", "editor", "commenter", "viewer"}

func checkRole(role string) error {
	if !slices.Contains(roles, role) {
		return misuse("%q is no role; the roles are %s", role, strings.Join(roles, ", "))
	}
	return nil
}

func membersOf(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Members, control.SpaceArgs{Space: j.args[0]}, func(list []control.Member) []string {
		return rows(list, func(m control.Member) []string {
			role := m.Role
			switch {
			case m.Left:
				role = "left"
			case m.Removed:
				role = "removed"
			}
			fields := []string{personID(m), m.Name, role, deviceCount(m.Devices)}
			if m.NotTheOne != "" {
				fields = append(fields, notTheOne(m.NotTheOne))
			}
			return fields
		})
	})
}

// personID is the ID by which a person is listed: that of a device that they have, since
// the first one, which names them, may have been revoked.
func personID(m control.Member) string {
	has := func(d control.Device) bool { return d.ID == m.ID }
	if len(m.Devices) == 0 || slices.ContainsFunc(m.Devices, has) {
		return m.ID
	}
	return m.Devices[0].ID
}

func addMemberCommand() *command {
	role := "editor"
	return &command{
		name: "space add", forms: []string{"SPACE PERSON [--role ROLE]"}, min: 2, max: 2,
		about: "add someone whom you have paired with, or again who was in the space before, near or\n" +
			"not; ROLE is owner, editor, commenter or viewer",
		flags: func(set *flag.FlagSet) { set.StringVar(&role, "role", role, "") },
		run: func(ctx context.Context, j *job) error {
			if err := checkRole(role); err != nil {
				return err
			}
			args := control.PersonArgs{Space: j.args[0], Person: j.args[1], Role: role}
			return simple(ctx, j, control.AddMember, args, func(c control.Changed) []string {
				j.warn(addedNote(c.Members, args.Person, role))
				return nil
			})
		},
	}
}

// addedNote says of somebody who was added, named by name or the start of an ID, that
// they were in before with another role, or don't know it yet, as they are not connected;
// else "".
func addedNote(members []control.Member, person, role string) string {
	for _, m := range members {
		starts := func(id string) bool { return strings.HasPrefix(id, strings.ToLower(person)) }
		is, connected := m.Name == person || starts(m.ID), false
		for _, d := range m.Devices {
			is = is || starts(d.ID)
			connected = connected || d.Connected
		}
		switch {
		case !is || m.Removed:
		case m.Role != role:
			return row(m.Name + " was in it already, and stays " + m.Role + `; see "starlingd space role"`)
		case !connected:
			return row(m.Name + " is added, and will see it as soon as their computer is near")
		}
	}
	return ""
}

// quiet prints nothing of a value: what was asked for was done.
func quiet[T any](T) []string { return nil }

func setRoleCommand() *command {
	return nowCommand(&command{
		name: "space role", forms: []string{"SPACE PERSON ROLE [--now]"}, min: 3, max: 3,
		about: "make someone an owner, editor, commenter or viewer; PERSON is a name or an ID.\n" +
			"What of theirs is still coming is waited for if they may write no more;\n" +
			"--now does not wait: what is not here yet does not count then",
	}, func(ctx context.Context, j *job, now bool) error {
		if err := checkRole(j.args[2]); err != nil {
			return err
		}
		return changed(ctx, j, control.SetRole, control.PersonArgs{Space: j.args[0], Person: j.args[1], Role: j.args[2], Now: now})
	})
}

func removeMemberCommand() *command {
	return nowCommand(&command{
		name: "space remove", forms: []string{"SPACE PERSON [--now]"}, min: 2, max: 2,
		about: "remove someone: what they write from now on is shown to nobody, unless one who\n" +
			"stays has built on it or takes it in. They keep what they have. What of theirs is\n" +
			"still coming is waited for, but not with --now; if it does not come within 20 s nothing\n" +
			"is done",
	}, func(ctx context.Context, j *job, now bool) error {
		return changed(ctx, j, control.RemoveMember, control.PersonArgs{Space: j.args[0], Person: j.args[1], Now: now})
	})
}

func leaveSpaceCommand() *command {
	return nowCommand(&command{
		name: "space leave", forms: []string{"SPACE [--now]"}, min: 1, max: 1,
		about: "leave a space; its texts stay readable here. What you wrote on other devices of\n" +
			"yours is waited for, but not with --now",
	}, func(ctx context.Context, j *job, now bool) error {
		return changed(ctx, j, control.Leave, control.PersonArgs{Space: j.args[0], Now: now})
	})
}

// waitingForRest is said while a line waits for what belongs before it.
const waitingForRest = "waiting for what is still coming, for 20 s at most; --now does not wait"

// nowCommand gives a command that draws a line the flag --now.
func nowCommand(c *command, run func(ctx context.Context, j *job, now bool) error) *command {
	now := false
	c.flags = func(set *flag.FlagSet) { set.BoolVar(&now, "now", false, "") }
	c.run = func(ctx context.Context, j *job) error {
		return j.whileWaiting(waitingForRest, func() error { return run(ctx, j, now) })
	}
	return c
}

// changed changes a space, and prints what a person is to be told of it.
func changed(ctx context.Context, j *job, op control.Op[control.PersonArgs, control.Changed], args control.PersonArgs) error {
	return simple(ctx, j, op, args, func(c control.Changed) []string {
		j.warn(c.Warning)
		return nil
	})
}

// inviteFlags is what "space invite" was told by flags.
type inviteFlags struct {
	role    string
	count   int
	expires time.Duration
	list    bool
	cancel  string
}

// A link that was meant for one person and is forgotten should not stay good.
const inviteExpires = 7 * 24 * time.Hour

// duration reads what Go's durations can say, and days.
func duration(s string) (time.Duration, error) {
	n, isDays := strings.CutSuffix(s, "d")
	if !isDays {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, errDuration
		}
		return d, nil
	}
	days, err := strconv.Atoi(n)
	if err != nil || days < 0 || days > maxDays {
		return 0, errDuration
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// maxDays is about a hundred years.
const maxDays = 36_500

var errDuration = errors.New("it takes minutes, hours or days: 30m, 12h, 3d")

func inviteCommand() *command {
	f := inviteFlags{role: "editor", count: 1, expires: inviteExpires}
	return &command{
		name:  "space invite",
		forms: []string{"SPACE [--role ROLE] [--count N] [--expires DURATION]", "SPACE --list", "SPACE --cancel INVITATION"},
		about: "print a link that lets its holder join; --count 0 is any number of people,\n" +
			"--expires 12h or 3d; 0 is never (the default is 7d)\n" +
			"--list               the invitations and who came by them\n" +
			"--cancel INVITATION  let nobody come by it any more",
		min: 1, max: 1,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&f.role, "role", f.role, "")
			set.IntVar(&f.count, "count", f.count, "")
			set.Func("expires", "", func(s string) (err error) { f.expires, err = duration(s); return err })
			set.BoolVar(&f.list, "list", false, "")
			set.StringVar(&f.cancel, "cancel", "", "")
		},
		run: func(ctx context.Context, j *job) error { return f.run(ctx, j) },
	}
}

func (f *inviteFlags) run(ctx context.Context, j *job) error {
	space := j.args[0]
	switch {
	case f.list && f.cancel != "":
		return misuse("--list and --cancel don't go together")
	case f.list:
		return simple(ctx, j, control.Invites, control.SpaceArgs{Space: space}, func(list []control.Invite) []string {
			return rows(list, inviteFields)
		})
	case f.cancel != "":
		return simple(ctx, j, control.CancelInvite, control.CancelArgs{Space: space, Invite: f.cancel}, quiet[control.None])
	case f.count < 0 || f.expires < 0:
		return misuse("--count and --expires can't be less than 0")
	}
	if err := checkRole(f.role); err != nil {
		return err
	}
	args := control.InviteArgs{Space: space, Role: f.role, Count: f.count, Expires: int64(f.expires / time.Second)}
	return simple(ctx, j, control.MakeInvite, args, func(i control.Invite) []string { return []string{i.Link} })
}

// inviteFields is a row of "space invite --list".
func inviteFields(i control.Invite) []string {
	state := "open"
	switch {
	case i.Cancelled:
		state = "cancelled"
	case i.Expiry != nil && i.Expiry.Before(time.Now()):
		state = "expired"
	case i.Count > 0 && len(i.Came) >= i.Count:
		state = "used"
	}
	came := make([]string, len(i.Came))
	for n, who := range i.Came {
		came[n] = who.Name
	}
	return []string{i.ID, i.Role, state, moment(i.Expiry), strings.Join(came, ", ")}
}

// lookingForInviter is said while nobody has answered yet.
const lookingForInviter = "looking for the people who made this link, for up to a minute; Ctrl-C stops"

func joinSpace(ctx context.Context, j *job) error {
	return j.whileWaiting(lookingForInviter, func() error {
		return simple(ctx, j, control.Join, control.JoinArgs{Link: j.args[0]}, func(s control.Space) []string {
			return []string{row(s.ID, s.Name, s.Role)}
		})
	})
}
