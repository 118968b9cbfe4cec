// Package build holds tests of the programs that `make cross` has built for
// other systems: that each is what its system takes, that the headless ones
// need no C library, and that the one for this machine does its work. The
// variable STARLING_CROSS names the folder with one folder for each system.
package build
