package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"starling/sync/peer"
)

// swarm are peers in processes of their own that share a space.
type swarm struct {
	all   []*child
	at    []Started
	space string
}

// swarmUp starts peers with homes under dir. The first founds a space, and the
// others join it one after the other by its invitation. None is killed if it
// fails: the caller does that, in any case.
func swarmUp(dir string, n int, env ...string) (*swarm, error) {
	s := &swarm{at: make([]Started, n)}
	for i := range n {
		c, err := hire(fmt.Sprintf("Peer %d", i+1), env...)
		if err != nil {
			return s, err
		}
		s.all = append(s.all, c)
		if err := c.call("Start", StartArgs{filepath.Join(dir, fmt.Sprint(i+1)), c.name}, &s.at[i]); err != nil {
			return s, err
		}
	}
	if err := s.all[0].call("Found", true, &s.space); err != nil {
		return s, err
	}
	var link string
	if err := s.all[0].call("Invite", s.space, &link); err != nil {
		return s, err
	}
	for _, c := range s.all[1:] {
		if err := c.call("Join", link, nil); err != nil {
			return s, err
		}
	}
	return s, nil
}

// mesh connects everyone with everyone.
func (s *swarm) mesh() error {
	for i, c := range s.all {
		var before []string
		for _, other := range s.at[:i] {
			before = append(before, other.Address)
		}
		if err := c.call("Connect", before, nil); err != nil {
			return err
		}
	}
	return s.each(func(c *child) error { return c.call("Linked", len(s.all)-1, nil) })
}

// each does something with all at the same time.
func (s *swarm) each(do func(*child) error) error {
	failed := make(chan error, len(s.all))
	for _, c := range s.all {
		go func() { failed <- do(c) }()
	}
	var err error
	for range s.all {
		err = errors.Join(err, <-failed)
	}
	return err
}

func (s *swarm) end() error {
	all := s.all
	s.all = nil
	var err error
	for _, c := range all {
		err = errors.Join(err, c.end())
	}
	return err
}

func (s *swarm) kill() { killAll(s.all) }

// Found makes a space.
func (w *Worker) Found(_ bool, space *string) error {
	id, err := w.peer.NewSpace(context.Background(), "Bench")
	*space = id.String()
	return err
}

// Invite makes a link with which any number may join.
func (w *Worker) Invite(space string, link *string) error {
	id, err := peer.ParseSpaceID(space)
	if err != nil {
		return err
	}
	i, err := w.peer.Invite(context.Background(), id, peer.InviteOptions{})
	*link = i.Link
	return err
}

// Join joins a space.
func (w *Worker) Join(link string, _ *bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := w.peer.Join(ctx, link)
	return err
}

// Connect connects with those at some addresses.
func (w *Worker) Connect(addresses []string, _ *bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, a := range addresses {
		if _, err := w.peer.Connect(ctx, a); err != nil {
			return fmt.Errorf("connect with %s: %w", a, err)
		}
	}
	return nil
}

// Linked waits until the peer is connected with so many others.
func (w *Worker) Linked(n int, _ *bool) error { return w.linked(n) }
