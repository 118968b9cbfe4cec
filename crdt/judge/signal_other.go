//go:build !unix

package judge

import "os"

// endedByOthers is asked only where a judge is linked.
func endedByOthers(*os.ProcessState) bool { return false }
