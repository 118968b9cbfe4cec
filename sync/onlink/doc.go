// Package onlink tells which addresses are on this very network: those that a
// packet reaches without passing a router. They are
//
//   - loopback;
//   - link-local (RFC 3927, RFC 4291 section 2.5.6), unless over a tunnel;
//   - whatever lies in a prefix of one of our own interfaces that is up and
//     neither point-to-point nor a tunnel: private, unique local (RFC 4193) and
//     global addresses alike, those of carriers (100.64/10, RFC 6598) no
//     differently.
//
// A tunnel is a VPN, an overlay, a dialled line or a modem: behind it is not
// this network, whatever its addresses look like.
//
// A [Table] is a picture of the interfaces at one moment and pure; a [Watch]
// keeps one current.
package onlink
