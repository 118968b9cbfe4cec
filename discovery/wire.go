package discovery

import (
	"context"
	"net"
)

// family is the IP version that a browse speaks.
type family int

const (
	overIPv4 family = iota
	overIPv6
	families // how many there are
)

// answer is what one instance of the service said, as it came from the
// network: nothing in it has been checked.
type answer struct {
	instance string
	port     int
	text     []string
	v4, v6   []net.IP
}

// wire speaks multicast DNS.
type wire interface {
	// announce answers questions for rec on links until stop is called. What
	// neighbours still remember of an earlier announcement of the same
	// instance is taken back first. stop says goodbye and must be called once.
	announce(rec record, links []link) (stop func(), err error)

	// browse asks for the service on links and hands every instance to got, at
	// least once, from one goroutine, until ctx ends. got may block until ctx
	// ends. When browse returns, got is not called again.
	browse(ctx context.Context, f family, links []link, got func(answer)) error
}
