package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"starling/sync/peer"
)

// node is a peer and its life on the network.
type node struct {
	peer *peer.Peer
	stop context.CancelFunc // nil while it is not on the network
	ran  chan error
}

// newNode opens a peer in a new home, or one that is there.
func newNode(a StartArgs) (*node, error) {
	p, err := peer.Open(context.Background(), peer.Config{
		Home: a.Home, Name: a.Name, Make: true, NoDiscovery: true, Listen: "127.0.0.1:0",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})).With("at", a.Name),
	})
	if err != nil {
		return nil, err
	}
	return &node{peer: p}, nil
}

// join puts the peer on the network.
func (n *node) join() (out Started, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	n.stop, n.ran = cancel, make(chan error, 1)
	go func() { n.ran <- n.peer.Run(ctx) }()
	err = await("the peer runs", func() (bool, error) {
		st, err := n.peer.Status(ctx)
		if err == nil && st.Running {
			out = Started{ID: st.ID.String(), Address: st.Listen[0]}
		}
		return st.Running, err
	})
	return out, err
}

// leave takes it off the network.
func (n *node) leave() error {
	if n.stop == nil {
		return nil
	}
	n.stop()
	n.stop = nil
	return <-n.ran
}

func (n *node) close() error { return errors.Join(n.leave(), n.peer.Close()) }

// linked waits until the peer is connected with so many others.
func (n *node) linked(count int) error {
	return await("all are connected", func() (bool, error) {
		connected := 0
		for _, p := range n.peer.Peers() {
			if p.Connected {
				connected++
			}
		}
		return connected == count, nil
	})
}
