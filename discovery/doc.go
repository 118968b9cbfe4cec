// Package discovery finds neighbours on the local network by multicast DNS
// (RFC 6762) and DNS service discovery (RFC 6763), and lets them find us.
//
// A [Finder] announces one record, a tag and the name that the person chose,
// and browses for those of others. What it reports are hints: anyone on the
// network may say anything. Nothing here proves who is at an address; the TLS
// handshake does.
//
// It speaks multicast DNS itself. The parts:
//
//   - message.go and hear.go make and read packets;
//   - engine.go, port.go and listen.go decide what to ask and to say. They are
//     told the time and do nothing themselves, so whole networks are simulated
//     in tests;
//   - tracker.go keeps the neighbours, with their lifetimes;
//   - run.go watches the interfaces and drives the engine; socket.go sends and
//     receives, behind the interface wire.
//
// # What is said
//
// One who is new to a network announces itself at once and a second later (RFC
// 6762, section 8.3), asks after 20 to 60 ms, after 1, 3 and 9 s, and then each
// 30 to 60 s or when a record has lived 80 % of its time (section 5.2). A
// question lists who is known (section 7.1), so in a calm network nobody need
// answer. Answers wait 20 to 120 ms, serve all who have asked meanwhile, and go
// out once a second at most (section 6). A goodbye ends it (section 10.1).
// There is no probing (section 8.1): names come from a hash of a public key and
// are unique.
//
// By that alone a lost packet costs a second or more. Therefore a question also
// lists the asker itself, and whoever hears of someone whom it has not heard
// asks for that one by name, from a port of its own, as one-shot questions are
// (section 5.1); the answer, twice, comes to it alone. It does so every 60 ms
// until it knows all, gives up on one who doesn't answer 16 times, and has few
// such rounds to spend, so that nobody can make it chatter. Without loss
// nothing of this is sent.
//
// All packets have hop limit 1: no router passes them on. (Section 11
// recommends 255, for receivers that check.)
//
// # Interfaces
//
// Used are all that are up and running, can multicast, are not point to point
// and have an address. If there is none, the loopback interface is used, so
// that two processes on a machine without a network still meet; Linux does not
// flag it as able to multicast, yet it carries 224.0.0.251. With another
// interface at hand two processes on one machine hear each other there.
//
// Each interface and family is a port with sockets of its own, so neighbours on
// one network are told our addresses there and no others. Where there is IPv4 we
// ask and announce over it alone, which halves the packets. Over IPv6 we listen
// and answer, and begin to speak when someone is heard there who isn't heard
// over IPv4. What comes from outside the interface's own networks is dropped
// (section 11).
//
// # Limits
//
// Strangers may send anything. At most 256 neighbours are remembered, those in
// Config.Trusted before others; 1,000 packets are taken in half a second, and
// of one packet 64 instances; names are 64 code points without control or
// direction characters. Someone on the network can still announce devices that
// don't exist, and say goodbye for others, who then contradict when next asked.
package discovery
