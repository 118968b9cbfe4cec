package format_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/automerge/automerge-go"

	"starling/crdt/format/formattest"
)

// victimEnv makes the test binary a victim: it gives files to automerge-go,
// which may kill it.
const victimEnv = "STARLING_FORMAT_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victimEnv) != "" {
		if err := formattest.Serve(os.Stdin, os.Stdout, 1, func(q [][]byte) string { return verdict(q[0]) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// safe is the verdict on a file that automerge-go loads, saves and loads again.
const safe = "safe"

func verdict(file []byte) string {
	doc, err := automerge.Load(file)
	if err != nil {
		return fmt.Sprintf("refused: %q", err)
	}
	if _, err := automerge.As[any](doc.Root()); err != nil {
		return fmt.Sprintf("read: %q", err)
	}
	again, err := automerge.Load(doc.Save())
	if err != nil {
		return fmt.Sprintf("load of save: %q", err)
	}
	if fmt.Sprint(again.Heads()) != fmt.Sprint(doc.Heads()) {
		return "other heads after load"
	}
	return safe
}

// judge gives the files to child processes and returns a verdict for each.
func judge(t *testing.T, files [][]byte) []string {
	t.Helper()
	victim := &formattest.Companion{Env: victimEnv}
	defer victim.Stop()
	questions := make([][][]byte, len(files))
	for i, file := range files {
		questions[i] = [][]byte{file}
	}
	verdicts, err := victim.AskAll(questions)
	if err != nil {
		t.Fatal(err)
	}
	return verdicts
}
