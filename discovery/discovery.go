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
	// Invisible makes a Finder that announces nothing and answers nobody, and
	// still finds others. That it asks for them can be seen.
	Invisible bool
	// Trusted says whether a tag, unverified, is that of someone whose place
	// strangers may not take when there are too many neighbours. It is called
	// from Run's goroutine and must not block; nil means no one's.
	Trusted func(tag string) bool
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
// that it is gone: it said goodbye, or its records have run out, or it left
// three questions unanswered.
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
	// Sent counts our packets to all there, and Heard those of multicast DNS
	// that came from other machines, whatever they were about, since Run began
	// to use the interface. LastHeard is zero if there were none.
	Sent, Heard uint64
	LastHeard   time.Time
	// Err is why announcing or browsing does not work just now, or nil.
	Err error
}

// Finder announces one device and browses for others.
type Finder struct {
	rec     record
	cfg     Config
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
		cfg:     cfg,
		log:     log,
		wire:    system{},
		scan:    systemCandidates,
		refresh: make(chan struct{}, 1),
	}, nil
}

// Refresh asks anew who is there, at once or a second after the last question,
// and again 1, 3 and 9 s later; who then doesn't answer is gone. It never blocks
// and may be called from any goroutine; a Finder that does not run does it when
// it does.
func (f *Finder) Refresh() {
	select {
	case f.refresh <- struct{}{}:
	default: // it is already wished for
	}
}

// Interfaces returns what is announced where; nothing means that no interface
// can be used. It may be called from any goroutine.
func (f *Finder) Interfaces() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Status(nil), f.status...)
}

func (f *Finder) setStatus(status []Status) {
	f.mu.Lock()
	f.status = status
	f.mu.Unlock()
}
