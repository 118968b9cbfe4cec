package window

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
)

// display is a connection to an X server that speaks the little that we need:
// it reads pictures and asks windows to close, as window managers do, which
// xdotool can't. It is for one goroutine. See the X Window System Protocol,
// version 11.
type display struct {
	conn net.Conn
	root uint32
	size image.Point // of the screen, in pixels
	// pings is how many windows were asked whether they are alive.
	pings uint32
}

// serverError is an error that the server reports, by its number.
type serverError uint8

// badWindow is that there is no such window.
const badWindow serverError = 3

func (e serverError) Error() string { return fmt.Sprintf("the server reports error %d", uint8(e)) }

var order = binary.LittleEndian

// dialX connects to the server with the number given, without authority.
func dialX(number string) (*display, error) {
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+number)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %w", number, err)
	}
	d := &display{conn: conn}
	if err := d.setup(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to display %s: %w", number, err)
	}
	return d, nil
}

// setup greets the server and learns about its first screen ("Connection
// Setup").
func (d *display) setup() error {
	if _, err := d.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(d.conn, head); err != nil {
		return err
	}
	rest := make([]byte, 4*int(order.Uint16(head[6:])))
	if _, err := io.ReadFull(d.conn, rest); err != nil {
		return err
	}
	const success, fixed, format, screen = 1, 32, 8, 40
	if head[0] != success || len(rest) < fixed {
		return fmt.Errorf("the server refused: %q", rest)
	}
	vendor, formats := int(order.Uint16(rest[16:])), int(rest[21])
	at := fixed + (vendor+3)/4*4 + format*formats
	if len(rest) < at+screen {
		return errors.New("the server has no screen")
	}
	d.root = order.Uint32(rest[at:])
	d.size = image.Pt(int(order.Uint16(rest[at+20:])), int(order.Uint16(rest[at+22:])))
	return nil
}

// request sends a request; its length is filled in.
func (d *display) request(b []byte) error {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	order.PutUint16(b[2:], uint16(len(b)/4))
	_, err := d.conn.Write(b)
	return err
}

// reply reads the next reply and passes over events, which come unasked when
// the keyboard's map changes.
func (d *display) reply() ([]byte, error) {
	for {
		b, err := d.next()
		if err != nil || b[0] == 1 {
			return b, err
		}
	}
}

// next reads the next reply or event.
func (d *display) next() ([]byte, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(d.conn, b); err != nil {
		return nil, err
	}
	switch b[0] {
	case 0:
		return nil, serverError(b[1])
	case 1:
		rest := make([]byte, 4*int(order.Uint32(b[4:])))
		_, err := io.ReadFull(d.conn, rest)
		return append(b, rest...), err
	default:
		return b, nil
	}
}

// picture reads what the screen shows (GetImage). Screens of ours have a depth
// of 24, which comes as blue, green, red and a byte to fill up.
func (d *display) picture() (*image.RGBA, error) {
	b := []byte{73, 2, 0, 0} // GetImage, ZPixmap
	b = order.AppendUint32(b, d.root)
	b = append(b, 0, 0, 0, 0) // x, y
	b = order.AppendUint16(b, uint16(d.size.X))
	b = order.AppendUint16(b, uint16(d.size.Y))
	b = order.AppendUint32(b, 0xFFFFFFFF) // all planes
	if err := d.request(b); err != nil {
		return nil, fmt.Errorf("read the screen: %w", err)
	}
	got, err := d.reply()
	if err != nil {
		return nil, fmt.Errorf("read the screen: %w", err)
	}
	img := image.NewRGBA(image.Rectangle{Max: d.size})
	from := got[32:]
	if len(from) < len(img.Pix) {
		return nil, fmt.Errorf("read the screen: %d bytes for %v", len(from), d.size)
	}
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = from[i+2], from[i+1], from[i], 0xFF
	}
	return img, nil
}

// atom returns the number of a name (InternAtom).
func (d *display) atom(name string) (uint32, error) {
	b := order.AppendUint16([]byte{16, 0, 0, 0}, uint16(len(name)))
	if err := d.request(append(append(b, 0, 0), name...)); err != nil {
		return 0, err
	}
	got, err := d.reply()
	if err != nil {
		return 0, err
	}
	return order.Uint32(got[8:]), nil
}

// closeWindow asks a window to close, as its close button does (SendEvent of
// WM_DELETE_WINDOW, ICCCM 4.2.8.1).
func (d *display) closeWindow(id uint32) error {
	protocols, err := d.atom("WM_PROTOCOLS")
	if err != nil {
		return fmt.Errorf("close a window: %w", err)
	}
	remove, err := d.atom("WM_DELETE_WINDOW")
	if err != nil {
		return fmt.Errorf("close a window: %w", err)
	}
	if err := d.send(id, protocols, remove); err != nil {
		return fmt.Errorf("close a window: %w", err)
	}
	return nil
}

// send sends a message of at most five values to a window (SendEvent of a
// ClientMessage).
func (d *display) send(id, kind uint32, values ...uint32) error {
	b := []byte{25, 0, 0, 0}
	b = order.AppendUint32(b, id)
	b = append(b, 0, 0, 0, 0)   // to the window's owner
	b = append(b, 33, 32, 0, 0) // ClientMessage of 32 bit values
	b = order.AppendUint32(b, id)
	b = order.AppendUint32(b, kind)
	for _, v := range values {
		b = order.AppendUint32(b, v)
	}
	return d.request(append(b, make([]byte, 4*(5-len(values)))...))
}
