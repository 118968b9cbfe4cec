package main

import (
	"context"
	"flag"
	"net/netip"
	"slices"
	"strings"

	"starling/app/control"
)

func allowCommand() *command {
	var list bool
	var remove string
	return &command{
		name: "allow", forms: []string{"ADDR", "--list", "--remove ADDR"}, max: 1,
		about: "speak with an address that is not on your own network; without any such, packets\n" +
			"leave with a hop limit of 1 and no router passes them on",
		flags: func(set *flag.FlagSet) {
			set.BoolVar(&list, "list", false, "")
			set.StringVar(&remove, "remove", "", "")
		},
		run: func(ctx context.Context, j *job) error {
			lines := func(addrs []string) []string { return addrs }
			switch {
			case list && remove == "" && len(j.args) == 0:
				return simple(ctx, j, control.Allowed, control.None{}, lines)
			case remove != "" && !list && len(j.args) == 0:
				return simple(ctx, j, control.Disallow, control.AddressArgs{Address: remove}, lines)
			case len(j.args) == 1 && !list && remove == "":
				return simple(ctx, j, control.Allow, control.AddressArgs{Address: j.args[0]}, func(addrs []string) []string {
					if ip, ok := addressIn(j.args[0]); ok && !slices.Contains(addrs, ip) {
						j.tell(ip + " is on this network, where nothing needs to be allowed; nothing was added.")
					}
					return addrs
				})
			}
			return misuse("allow takes one of ADDR, --list and --remove")
		},
	}
}

// addressIn is the IP address that was typed, with or without a port, as lists have it.
func addressIn(typed string) (string, bool) {
	typed = strings.TrimSpace(typed)
	if a, err := netip.ParseAddrPort(typed); err == nil {
		return a.Addr().Unmap().String(), true
	}
	a, err := netip.ParseAddr(strings.Trim(typed, "[]"))
	return a.Unmap().String(), err == nil
}

func invisible(ctx context.Context, j *job) error {
	var args control.VisibleArgs
	switch j.args[0] {
	case "on":
		args.Invisible = true
	case "off":
	default:
		return misuse("invisible takes on or off, not %q", j.args[0])
	}
	if _, err := control.Call(ctx, j.target(), control.SetInvisible, args); err != nil {
		return err
	}
	now := "You are visible: whoever is on this network sees your name."
	if args.Invisible {
		now = "You are invisible: nobody on this network sees you but those who know you."
	}
	j.tell(now)
	return j.print(args)
}

// findings prints what the doctor found, what matters most first.
func findings(ctx context.Context, j *job) error {
	args := control.DoctorArgs{}
	if len(j.args) > 0 {
		args.Who = j.args[0]
	}
	return j.whileWaiting("looking, for some seconds", func() error {
		return simple(ctx, j, control.Doctor, args, findingLines)
	})
}

func findingLines(list []control.Finding) (lines []string) {
	for _, f := range list {
		lines = append(lines, row(f.Level, f.What))
		if f.Do != "" {
			lines = append(lines, row("", f.Do))
		}
	}
	return lines
}
