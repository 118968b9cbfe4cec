// Package lab runs the headless program for tests of real processes: homes,
// commands on them, peers that serve and are stopped or killed, and what they
// print. It knows the program only from outside, by its command line and its
// control socket, and imports nothing of ours.
//
// All processes end with the test, and on Linux also when the test's own
// process is killed.
package lab
