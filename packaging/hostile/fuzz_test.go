package hostile

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"starling/packaging/lab"
)

// fuzzed are the fuzzers of what others send: how long each looks for something
// new in a soak, and how many inputs some try each time, which takes seconds: a busy
// machine would do nothing in a given time. What they find is written to the testdata
// of their package, to be kept.
var fuzzed = []struct{ pkg, name, soak, always string }{
	// What anybody on the network can send.
	{"discovery", "FuzzHear", "60s", "10000x"},
	{"discovery", "FuzzParse", "30s", ""},
	{"sync/protocol", "FuzzTalk", "100s", "2000x"},
	{"sync/protocol", "FuzzReadFrame", "30s", ""},
	{"sync/protocol", "FuzzDecode", "60s", ""},
	{"sync/identity", "FuzzParseDeviceID", "10s", ""},
	{"sync/names", "FuzzNames", "20s", ""},
	// What a person is given.
	{"sync/trust", "FuzzParseTicket", "30s", ""},
	{"sync/peer", "FuzzRestore", "60s", ""},
	// What members send.
	{"sync/protocol", "FuzzSession", "100s", ""},
	{"sync/protocol", "FuzzLongChange", "30s", ""},
	{"sync/trust", "FuzzParseStatement", "60s", ""},
	{"sync/trust", "FuzzRoster", "100s", ""},
	{"sync/peer", "FuzzTitle", "30s", ""},
	{"sync/peer", "FuzzIntake", "50s", "1000x"},
	{"crdt/format", "FuzzParseChange", "100s", "20000x"},
	{"crdt/format", "FuzzDocument", "150s", "10000x"},
	{"crdt/guard", "FuzzGuard", "150s", "3000x"},
	{"crdt/guard", "FuzzMutated", "150s", "500x"},
	{"crdt/guard", "FuzzOwn", "60s", ""},
}

func TestFuzz(t *testing.T) {
	for _, f := range fuzzed {
		if f.always == "" && !lab.Soak() {
			continue // its seeds are run with its package
		}
		t.Run(f.pkg+" "+f.name, func(t *testing.T) {
			long := f.always
			if lab.Soak() {
				long = f.soak
			}
			out, err := fuzz(t, f.pkg, f.name, long)
			if err != nil && endedLate(out) {
				t.Logf("once more: %v\n%s", err, out)
				out, err = fuzz(t, f.pkg, f.name, long)
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func fuzz(t *testing.T, pkg, name, long string) ([]byte, error) {
	cmd := exec.CommandContext(t.Context(), "go", "test", "starling/"+pkg, "-run", "^$", "-fuzz", "^"+name+"$",
		"-fuzztime", long, "-fuzzminimizetime", "10x") // or all the time goes into making inputs small
	cmd.Env = os.Environ()
	return cmd.CombinedOutput()
}

// endedLate reports whether a soak failed only since a worker was at work when the time
// was over, as go test says on a busy machine, and found no input.
func endedLate(out []byte) bool {
	return bytes.Contains(out, []byte("context deadline exceeded")) && !bytes.Contains(out, []byte("Failing input"))
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)

// No fuzzer of what others send is forgotten.
func TestAllFuzzersAreListed(t *testing.T) {
	listed := make(map[string]bool)
	for _, f := range fuzzed {
		listed[f.pkg+" "+f.name] = false
	}
	root := os.DirFS("../..")
	for _, dir := range []string{"sync", "discovery", "crdt/format", "crdt/guard"} {
		err := fs.WalkDir(root, dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(root, path)
			for _, m := range fuzzFunc.FindAllSubmatch(text, -1) {
				name := filepath.ToSlash(filepath.Dir(path)) + " " + string(m[1])
				if _, ok := listed[name]; !ok {
					t.Errorf("%s is not listed", name)
				}
				listed[name] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, found := range listed {
		if !found {
			t.Errorf("there is no %s", name)
		}
	}
}
