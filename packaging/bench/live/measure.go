package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// measured are the times of one case; those of a key lie at the same place in
// each list.
type measured struct {
	name           string
	typed          Typed
	there          Heard // at the other peer
	here           Heard // at the writer's, if asked for
	writer, reader time.Duration
	wire           wire // what went over the network
}

// measure lets one write and the other listen.
func (two *pair) measure(o options, c bench) (measured, error) {
	m := measured{name: c.name}
	var doc string
	if err := two.writer.call("NewDoc", DocArgs{two.space, c.text}, &doc); err != nil {
		return m, err
	}
	if err := two.listen(o, ListenArgs{doc, len(c.text)}); err != nil {
		return m, err
	}
	warm := TypeArgs{Doc: doc, At: c.at, Keys: o.warm, Rate: o.rate}
	if err := two.writer.call("Type", warm, &Typed{}); err != nil {
		return m, err
	}
	if err := profileBoth(o, c.name, []*child{two.writer, two.reader}); err != nil {
		return m, err
	}
	before, err := readWire()
	if err != nil {
		return m, err
	}
	writer, reader, err := two.cpu()
	if err != nil {
		return m, err
	}
	if err := two.writer.call("Type", TypeArgs{doc, c.at + o.warm, o.keys, o.rate}, &m.typed); err != nil {
		return m, err
	}
	if m.writer, m.reader, err = two.cpu(); err != nil {
		return m, err
	}
	m.writer -= writer
	m.reader -= reader
	if m.wire, err = wireSince(before); err != nil {
		return m, err
	}
	if err := profiled(o, []*child{two.writer, two.reader}); err != nil {
		return m, err
	}
	return m, errors.Join(two.heard(o, &m), two.compare(doc, len(c.text)+o.warm+o.keys))
}

func (two *pair) listen(o options, a ListenArgs) error {
	if o.trace {
		if err := two.writer.call("Listen", a, nil); err != nil {
			return err
		}
	}
	return two.reader.call("Listen", a, nil)
}

func (two *pair) heard(o options, m *measured) error {
	if err := two.reader.call("Heard", o.warm+o.keys, &m.there); err != nil {
		return err
	}
	m.there.forget(o.warm)
	if !o.trace {
		return nil
	}
	err := two.writer.call("Heard", o.warm+o.keys, &m.here)
	m.here.forget(o.warm)
	return err
}

// forget leaves the first n keys out.
func (h *Heard) forget(n int) {
	h.Committed, h.Shown = h.Committed[min(n, len(h.Committed)):], h.Shown[min(n, len(h.Shown)):]
}

// profile has a child begin to write profiles, if any are wanted.
func profile(o options, name string, c *child) error {
	if o.profile == "" {
		return nil
	}
	dir, err := filepath.Abs(o.profile)
	if err != nil {
		return err
	}
	return c.call("Profile", ProfileArgs{filepath.Join(dir, name), o.trace}, nil)
}

// profileBoth has the one who gives and the one who gets begin to write profiles,
// if any are wanted; profiled ends that.
func profileBoth(o options, name string, two []*child) error {
	return errors.Join(profile(o, name+".writer", two[0]), profile(o, name+".reader", two[1]))
}

func profiled(o options, children []*child) error {
	if o.profile == "" {
		return nil
	}
	var err error
	for _, c := range children {
		err = errors.Join(err, c.call("Profiled", true, nil))
	}
	return err
}

// compare makes sure that what was measured was the real thing.
func (two *pair) compare(doc string, length int) error {
	var here, there string
	if err := errors.Join(two.writer.call("Text", doc, &here), two.reader.call("Text", doc, &there)); err != nil {
		return err
	}
	if here != there || len(here) != length {
		return fmt.Errorf("the texts differ: %d and %d bytes, %d were written", len(here), len(there), length)
	}
	return nil
}
