package hostile

import (
	"os"
	"os/exec"
	"testing"

	"starling/packaging/lab"
)

// The fuzzers look for something new: for seconds, or ten minutes in a soak. What
// they find is written to the testdata of their package, to be kept.
func TestFuzz(t *testing.T) {
	for _, f := range []struct{ pkg, name, soak string }{
		{"crdt/format", "FuzzParseChange", "100s"},
		{"crdt/format", "FuzzDocument", "150s"},
		{"crdt/guard", "FuzzGuard", "150s"},
		{"crdt/guard", "FuzzMutated", "150s"},
		{"sync/peer", "FuzzIntake", "50s"},
	} {
		t.Run(f.name, func(t *testing.T) {
			long := "3s"
			if lab.Soak() {
				long = f.soak
			}
			cmd := exec.CommandContext(t.Context(), "go", "test", "starling/"+f.pkg, "-run", "^$", "-fuzz", "^"+f.name+"$",
				"-fuzztime", long, "-fuzzminimizetime", "10x") // or all the time goes into making inputs small
			cmd.Env = os.Environ()
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
