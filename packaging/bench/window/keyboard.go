package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// keyboard presses keys on a screen by the XTEST extension. See the X Window
// System Protocol, version 11, and the X Test Extension Protocol, FakeInput.
type keyboard struct {
	conn   net.Conn
	opcode byte // of the extension's requests
}

// Keys as Xvfb numbers them (evdev).
const letterKey = 38

// openKeyboard connects to the server with the number given, without authority.
func openKeyboard(display string) (*keyboard, error) {
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+display)
	if err != nil {
		return nil, fmt.Errorf("open a keyboard: %w", err)
	}
	k := &keyboard{conn: conn}
	if err := errors.Join(k.greet(), k.find()); err != nil {
		return nil, fmt.Errorf("open a keyboard: %w", errors.Join(err, conn.Close()))
	}
	return k, nil
}

func (k *keyboard) close() error { return k.conn.Close() }

// greet sets the connection up. What the server says of itself is not needed.
func (k *keyboard) greet() error {
	if _, err := k.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(k.conn, head); err != nil {
		return err
	}
	if head[0] != 1 {
		return errors.New("the server refuses")
	}
	_, err := io.CopyN(io.Discard, k.conn, 4*int64(binary.LittleEndian.Uint16(head[6:])))
	return err
}

// find asks for the number of the extension (QueryExtension).
func (k *keyboard) find() error {
	const name = "XTEST"
	ask := append([]byte{98, 0, 4, 0, byte(len(name)), 0, 0, 0}, name+"\x00\x00\x00"...)
	if _, err := k.conn.Write(ask); err != nil {
		return err
	}
	answer := make([]byte, 32)
	if _, err := io.ReadFull(k.conn, answer); err != nil {
		return err
	}
	if answer[0] != 1 || answer[8] == 0 {
		return errors.New("the server has no " + name)
	}
	k.opcode = answer[9]
	return nil
}

// press presses and releases a key.
func (k *keyboard) press(key byte) error {
	var both []byte
	for _, event := range []byte{2, 3} { // KeyPress, KeyRelease
		request := make([]byte, 36)
		request[0], request[1], request[2] = k.opcode, 2, byte(len(request)/4) // FakeInput
		request[4], request[5] = event, key
		both = append(both, request...)
	}
	_, err := k.conn.Write(both)
	return err
}
