package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/app/control"
	"starling/sync/peer"
)

// lockWait is how long serve waits for whoever has the home open.
const lockWait = 5 * time.Second

// readyTick is how often a starting peer is asked whether it listens.
const readyTick = 20 * time.Millisecond

func serveCommand() *command {
	var listen string
	var alone bool
	return &command{
		name:  "serve",
		forms: []string{"[--listen ADDR] [--no-discovery]"},
		about: "run a peer until SIGTERM or SIGINT\n" +
			"--listen ADDR    the UDP address host:port; the default is all networks, at the\n" +
			"                 port of the last time or any free one\n" +
			"--no-discovery   neither look for neighbours nor be seen by them",
		flags: func(set *flag.FlagSet) {
			set.StringVar(&listen, "listen", "", "")
			set.BoolVar(&alone, "no-discovery", false, "")
		},
		run: func(ctx context.Context, j *job) error {
			if _, _, err := net.SplitHostPort(listen); listen != "" && err != nil {
				return misuse("--listen takes host:port, not %q", listen)
			}
			return serve(ctx, j, peer.Config{
				Home: j.home, Name: cmp.Or(j.name, peer.SystemName()), Make: true, LockWait: lockWait,
				Listen: listen, NoDiscovery: alone, Logger: logger(j.err, slog.LevelInfo),
			})
		},
	}
}

// serve runs a peer and its control socket until ctx ends.
func serve(ctx context.Context, j *job, config peer.Config) (err error) {
	p, err := peer.Open(ctx, config)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // told to stop while it waited for the home
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	server, err := control.Listen(j.home, p, config.Logger)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Run(ctx) })
	group.Go(func() error { return p.Run(ctx) })
	group.Go(func() error { return ready(ctx, j, p) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// served is what serve says when it is ready.
type served struct {
	ID     string   `json:"id"`
	Home   string   `json:"home"`
	Listen []string `json:"listen"`
}

// ready waits until the peer listens and says so, once.
func ready(ctx context.Context, j *job, p *peer.Peer) error {
	tick := time.NewTicker(readyTick)
	defer tick.Stop()
	for {
		s, err := p.Status(ctx)
		if err != nil {
			return err
		}
		if len(s.Listen) > 0 {
			_, err := fmt.Fprintf(j.err, "starlingd: serving %s on %s\n", j.home, strings.Join(s.Listen, " "))
			if err == nil && j.json {
				err = printJSON(j.out, served{s.ID.String(), j.home, s.Listen})
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
