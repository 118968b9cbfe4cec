package format_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/automerge/automerge-go"
)

// victimEnv makes the test binary a victim: it gives files to automerge-go,
// which may kill it.
const victimEnv = "STARLING_FORMAT_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victimEnv) != "" {
		if err := serveVictim(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveVictim answers each file with a line: what automerge-go makes of it.
func serveVictim(r io.Reader, w io.Writer) error {
	in := bufio.NewReader(r)
	for {
		var n uint32
		if err := binary.Read(in, binary.BigEndian, &n); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		file := make([]byte, n)
		if _, err := io.ReadFull(in, file); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", verdict(file)); err != nil {
			return err
		}
	}
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

// judge gives the files to child processes and returns a verdict for each;
// "killed" if the child died of it.
func judge(t *testing.T, files [][]byte) []string {
	t.Helper()
	var verdicts []string
	for len(verdicts) < len(files) {
		verdicts = append(verdicts, judgeUntilDeath(t, files[len(verdicts):])...)
		if len(verdicts) < len(files) {
			verdicts = append(verdicts, "killed")
		}
	}
	return verdicts
}

// judgeUntilDeath returns the verdicts that one child gave before it died.
func judgeUntilDeath(t *testing.T, files [][]byte) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var input, output bytes.Buffer
	for _, file := range files {
		input.Write(binary.BigEndian.AppendUint32(nil, uint32(len(file))))
		input.Write(file)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), victimEnv+"=1")
	cmd.Stdin, cmd.Stdout = &input, &output
	cmd.WaitDelay = 10 * time.Second
	runErr := cmd.Run()
	var verdicts []string
	for s := bufio.NewScanner(&output); s.Scan(); {
		verdicts = append(verdicts, s.Text())
	}
	if runErr == nil && len(verdicts) != len(files) {
		t.Fatalf("the victim answered %d of %d files", len(verdicts), len(files))
	}
	return verdicts
}
