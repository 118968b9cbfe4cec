package discovery

import (
	"bytes"
	"io"
	"log"
	"sync"
)

// libraryLines holds what the library wrote to the standard log, until a
// running Finder passes it on. When it is full, lines are dropped.
var libraryLines = make(chan string, 16)

var quietMu sync.Mutex

// quietLibrary takes the library's lines out of the standard log, where they
// would reach the person's terminal. Lines of others pass. It stays in force,
// because a goroutine of the library may outlive its Finder; calling it again
// does no harm.
func quietLibrary() {
	quietMu.Lock()
	defer quietMu.Unlock()
	if _, done := log.Writer().(*quietWriter); !done {
		log.SetOutput(&quietWriter{next: log.Writer()})
	}
}

// quietWriter is handed one line at a time by package log. It must not log
// itself: the logger may hold its lock.
type quietWriter struct{ next io.Writer }

func (w *quietWriter) Write(line []byte) (int, error) {
	for _, mark := range []string{"[zeroconf] ", "[ERR] zeroconf: ", "[WARN] mdns: "} {
		if bytes.Contains(line, []byte(mark)) {
			select {
			case libraryLines <- string(bytes.TrimSpace(line)):
			default:
			}
			return len(line), nil
		}
	}
	return w.next.Write(line)
}
