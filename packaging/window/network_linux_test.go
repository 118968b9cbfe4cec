package window

import (
	"fmt"
	"os/exec"
	"testing"

	"starling/packaging/lab"
)

// network makes a network that holds nothing but a loopback interface, and
// returns the words that run a program in it.
func network(t *testing.T) []string {
	t.Helper()
	for _, tool := range []string{"unshare", "nsenter", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			lab.Unable(t, "needs "+tool+": run make deps-test")
		}
	}
	// What holds the network open says when it is up and ends with our pipe.
	holder := exec.Command("unshare", "--net", "--", "sh", "-c", "ip link set lo up && echo up && exec cat")
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = holder.Wait()
	})
	if n, err := out.Read(make([]byte, 3)); n == 0 || err != nil {
		lab.Unable(t, "needs root, for a network of its own")
	}
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", holder.Process.Pid), "--"}
}
