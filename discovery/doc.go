// Package discovery finds neighbours on the local network by multicast DNS
// (RFC 6762) and DNS service discovery (RFC 6763), and lets them find us.
//
// A [Finder] announces one record, a tag and the name that the person chose,
// and browses for those of others. What it reports are hints: anyone on the
// network may say anything. Nothing here proves who is at an address; the TLS
// handshake does.
//
// The multicast itself is left to grandcat/zeroconf, behind the interface
// wire. That library answers fast but does little else, so this package does
// the rest:
//
//   - It announces and browses afresh when an interface or an address changes,
//     when the network comes up after us, and when the machine wakes up.
//   - It opens a new resolver for every browse, because one resolver reports
//     an instance once, and compares what comes with what it knows.
//   - It says goodbye before it announces. A neighbour's open resolver then
//     forgets what it heard from an earlier life of ours and reports the new
//     address or port at once.
//   - It forgets a neighbour after three missed browses: the library reports
//     neither goodbyes nor expiry.
//   - It checks every length beforehand, since the library stays silent about
//     records that do not fit, and keeps the library's log off the terminal.
//
// # Interfaces
//
// Used are all that are up and running, can multicast, are not point to point
// and have an address. If there is none, the loopback interface is used, so
// that two processes on a machine without a network still meet; Linux does not
// flag it as able to multicast, yet it carries 224.0.0.251. With another
// interface at hand two processes on one machine hear each other there.
//
// All interfaces share one registration. The library's sockets hear every
// interface whatever they are told, so with one registration for each
// interface, every one of them answers everywhere, and neighbours on one
// network are told our addresses on the others. A shared one, given no
// addresses, looks up those of the interface that a question came in on. Only
// if there is a single interface are its addresses given outright.
//
// # Known limits
//
// The library keeps one goroutine for up to 3.5 s after a registration was
// closed; it holds no socket and ends by itself. It reports an instance once a
// browse, so of a neighbour that is on two of our networks one address is
// known at a time. It does not tell on which interface an answer came, so
// with several, a link-local IPv6 address is reported once for each.
package discovery
