package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"starling/sync/identity"
)

const (
	labelRedeem  = "starling/redeem/1"
	ticketScheme = "starling:"
	// ticketVersion is the first byte of a ticket.
	ticketVersion = 1
	// MaxTicketAddrs is how many addresses a ticket holds.
	MaxTicketAddrs = 8
	// MaxTicket is the length of the longest ticket as text.
	MaxTicket = 512
)

// ErrBadTicket says that a text is not an invitation link.
var ErrBadTicket = errors.New("not an invitation link, or only a part of one")

// Ticket is an invitation link. Its seed makes the signing key whose public half
// stands in the roster; whoever has the link has the key, and it is never sent.
type Ticket struct {
	Seed    [32]byte
	Space   SpaceID
	Inviter identity.DeviceID
	// Addrs are where the inviter was, IP and port, for networks without
	// multicast.
	Addrs []string
}

// NewTicketSeed draws the secret of an invitation.
func NewTicketSeed() (seed [32]byte, err error) {
	if _, err := rand.Read(seed[:]); err != nil {
		return seed, fmt.Errorf("draw the key of an invitation: %w", err)
	}
	return seed, nil
}

// String is the link: below 300 bytes with four addresses. What is no IP with a
// port is left out, and so are the zones, which mean nothing elsewhere.
func (t Ticket) String() string {
	b := append([]byte{ticketVersion}, t.Seed[:]...)
	b = append(b, t.Space[:]...)
	b = append(b, t.Inviter[:]...)
	var addrs []netip.AddrPort
	for _, a := range t.Addrs {
		ap, err := netip.ParseAddrPort(a)
		if err == nil && len(addrs) < MaxTicketAddrs {
			addrs = append(addrs, netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()))
		}
	}
	b = append(b, byte(len(addrs)))
	for _, a := range addrs {
		ip := a.Addr().AsSlice()
		b = append(append(b, byte(len(ip))), ip...)
		b = binary.BigEndian.AppendUint16(b, a.Port())
	}
	return ticketScheme + base64.RawURLEncoding.EncodeToString(b)
}

// ParseTicket reads what [Ticket.String] wrote, and nothing else but spaces
// around it. It fails with [ErrBadTicket].
func ParseTicket(text string) (Ticket, error) {
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, ticketScheme)
	if !ok || len(text) > MaxTicket {
		return Ticket{}, ErrBadTicket
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(b) < 1+3*32+1 || b[0] != ticketVersion {
		return Ticket{}, ErrBadTicket
	}
	r := bytes.NewBuffer(b[1:])
	t := Ticket{
		Seed: [32]byte(r.Next(32)), Space: SpaceID(r.Next(32)), Inviter: identity.DeviceID(r.Next(32)),
	}
	count := int(r.Next(1)[0])
	if count > MaxTicketAddrs {
		return Ticket{}, ErrBadTicket
	}
	for range count {
		size, _ := r.ReadByte()
		ip, ok := netip.AddrFromSlice(r.Next(int(size)))
		port := r.Next(2)
		if !ok || len(port) != 2 {
			return Ticket{}, ErrBadTicket
		}
		t.Addrs = append(t.Addrs, netip.AddrPortFrom(ip, binary.BigEndian.Uint16(port)).String())
	}
	if t.String() != text {
		return Ticket{}, ErrBadTicket
	}
	return t, nil
}

func (t Ticket) key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(t.Seed[:]) }

// Key is the public half, as the roster names it.
func (t Ticket) Key() [32]byte { return [32]byte(t.key().Public().(ed25519.PublicKey)) }

func redeemMessage(device identity.DeviceID, exporter [32]byte) []byte {
	m := append([]byte(labelRedeem), device[:]...)
	return append(m, exporter[:]...)
}

// Redeem is what a newcomer shows: a signature over its device and the TLS
// exporter, so that it serves no one else and on no other connection.
func (t Ticket) Redeem(device identity.DeviceID, exporter [32]byte) []byte {
	return ed25519.Sign(t.key(), redeemMessage(device, exporter))
}

// CheckRedeem fails with [ErrBadSignature] if sig is not by the invitation's key
// for this device and connection.
func CheckRedeem(key [32]byte, device identity.DeviceID, exporter [32]byte, sig []byte) error {
	if len(sig) != ed25519.SignatureSize || !ed25519.Verify(key[:], redeemMessage(device, exporter), sig) {
		return fmt.Errorf("redeem for %v: %w", device, ErrBadSignature)
	}
	return nil
}
