// Package doctor answers "why can I not see this person?".
//
// [Examine] is told what the peer knows ([Facts], which the caller fills from
// the peer's status and list of people), looks at the machine itself for at most
// 3 s, and applies plain rules to both. Each [Finding] says what is the matter
// and what to do, in words for anyone.
//
// Looking at the machine is done by probes: they read files, run commands that
// only list, and send one empty datagram to an address on this network. None
// needs to be root; one that isn't allowed to look tells nothing. What commands
// print is read by pure functions, tested with real output.
package doctor
