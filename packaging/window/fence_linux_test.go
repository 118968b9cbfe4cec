package window

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"starling/packaging/lab"
)

// caughtUp waits until each window has handled what was pressed and typed so far,
// and has drawn what came of it: on a busy machine that takes longer than pressing.
// What a program does besides, on other goroutines, is not waited for.
//
// A window answers the second question in a later turn than the first one, and it
// draws at the end of a turn.
func (s *screen) caughtUp() {
	s.t.Helper()
	for _, text := range s.windows() {
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			s.t.Fatalf("xdotool names a window %q", text)
		}
		for range 2 {
			if err := s.x.ping(uint32(id)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// ping asks a window whether it is alive, and returns when it has said so, or when
// there is no such window any more: _NET_WM_PING of the Extended Window Manager
// Hints, which a window gets behind all the keys and clicks before. Its answer goes
// to the root window.
func (d *display) ping(id uint32) error {
	if err := d.tryPing(id); err != nil {
		return fmt.Errorf("ask whether window %d is alive: %w", id, err)
	}
	return nil
}

func (d *display) tryPing(id uint32) error {
	protocols, err := d.atom("WM_PROTOCOLS")
	if err != nil {
		return err
	}
	ping, err := d.atom("_NET_WM_PING")
	if err != nil {
		return err
	}
	if err := d.listen(); err != nil {
		return err
	}
	d.pings++
	if err := d.send(id, protocols, ping, d.pings, id); err != nil {
		return err
	}
	if err := d.conn.SetReadDeadline(time.Now().Add(lab.Soon)); err != nil {
		return err
	}
	for {
		b, err := d.next()
		if gone := serverError(0); errors.As(err, &gone) && gone == badWindow {
			break
		}
		if err != nil {
			return err
		}
		const clientMessage, sent = 33, 0x80
		if b[0] == clientMessage|sent && order.Uint32(b[8:]) == protocols && order.Uint32(b[12:]) == ping && order.Uint32(b[16:]) == d.pings {
			break
		}
	}
	return d.conn.SetReadDeadline(time.Time{})
}

// listen has what is sent to the root window come here (ChangeWindowAttributes).
func (d *display) listen() error {
	if d.pings > 0 {
		return nil
	}
	const eventMask, substructureNotify = 1 << 11, 1 << 19
	b := order.AppendUint32([]byte{2, 0, 0, 0}, d.root)
	b = order.AppendUint32(b, eventMask)
	return d.request(order.AppendUint32(b, substructureNotify))
}
