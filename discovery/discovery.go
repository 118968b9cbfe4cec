package discovery

import (
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Service is the DNS-SD service type that Starling announces.
	Service = "_starling._udp"
	// Version is the version of the announced record.
	Version = 1
)

var (
	// ErrConfig says that a [Config] cannot be announced.
	ErrConfig = errors.New("cannot be announced")
	// ErrRunning says that a [Finder] is asked to run twice at once.
	ErrRunning = errors.New("discovery is already running")
	// ErrNotHeard says that our own announcement did not come back to us: most
	// often a firewall on this machine drops UDP port 5353.
	ErrNotHeard = errors.New("our own announcement was not heard; a firewall may block UDP port 5353")
)

// Config is what a [Finder] announces.
type Config struct {
	// Tag is the start of the device ID: 16 lower-case hex digits. It names
	// both the instance and the host, so that two devices never share either.
	Tag string
	// Name is what the person chose. It is announced without invisible
	// characters and cut to 64 code points and 189 bytes.
	Name string
	// Port is the UDP port of the QUIC listener, 1 to 65535.
	Port int
	// Logger gets debug messages; nil means none.
	Logger *slog.Logger
}

// Hint is what some machine on the network says about a device. It is
// unverified.
type Hint struct {
	// Tag is 16 lower-case hex digits.
	Tag string
	// Name is at most 64 code points, none of them invisible; it may be empty.
	Name string
	// Version is the version of the record, 1 or more.
	Version int
	// Addrs are 1 to 8 addresses to try, IPv4 first; link-local IPv6 addresses
	// have a zone.
	Addrs []netip.AddrPort
	// Seen is when the device was last heard.
	Seen time.Time
}

// Event says that a device was found, that what it says of itself changed, or
// that it is gone: not heard in three browses in a row.
type Event struct {
	Hint Hint
	Gone bool
}

// Status is what is announced on one interface, to answer "why do I not see
// anyone?".
type Status struct {
	// Name is the interface.
	Name string
	// Addrs are the addresses announced there.
	Addrs []netip.Addr
	// Err is why announcing or browsing does not work just now, or nil.
	Err error
}

// Finder announces one device and browses for others.
type Finder struct {
	rec     record
	log     *slog.Logger
	wire    wire
	scan    func() ([]candidate, error)
	refresh chan struct{} // holds at most one wish
	running atomic.Bool

	mu     sync.Mutex
	status []Status
}

// New checks cfg and returns a Finder that does nothing until [Finder.Run]. The
// error wraps [ErrConfig].
func New(cfg Config) (*Finder, error) {
	rec, err := newRecord(cfg)
	if err != nil {
		return nil, err
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Finder{
		rec:     rec,
		log:     log,
		wire:    library{},
		scan:    systemCandidates,
		refresh: make(chan struct{}, 1),
	}, nil
}

// Refresh browses anew at once, or half a second after the last browse began
// if that is later. It never blocks and may be called from any goroutine; a
// Finder that does not run does it when it does.
func (f *Finder) Refresh() {
	select {
	case f.refresh <- struct{}{}:
	default: // a browse is already wished for
	}
}

// Interfaces returns what is announced where; nothing means that no interface
// can be used. It may be called from any goroutine.
func (f *Finder) Interfaces() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Status(nil), f.status...)
}

func (f *Finder) setStatus(links []link, err error) {
	status := make([]Status, 0, len(links))
	for _, l := range links {
		status = append(status, Status{Name: l.name(), Addrs: l.addrs, Err: err})
	}
	f.mu.Lock()
	f.status = status
	f.mu.Unlock()
}
