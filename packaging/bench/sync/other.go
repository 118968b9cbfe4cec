//go:build !linux

// Command sync measures how peers find one another and catch up. It needs the
// network namespaces of Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "sync: not measured: needs Linux")
}
