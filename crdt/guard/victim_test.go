package guard_test

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

	"starling/crdt/format"

	"github.com/automerge/automerge-go"
)

// victimEnv makes the test binary a victim: it gives changes to automerge-go,
// which may kill it.
const victimEnv = "STARLING_GUARD_VICTIM"

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

// trial is a change to apply to the document that base makes.
type trial struct {
	base  []byte // chunks, one after the other
	chunk []byte
	text  []byte // what is under "content" then, after a byte that says that it is a text
}

// newTrial returns the trial of a change, which the guard has passed, on top
// of the chunks that made d. The change is added to d.
func newTrial(t testing.TB, d *doc, base []byte, c *format.Change, chunk []byte) trial {
	t.Helper()
	if err := d.add(c); err != nil {
		t.Fatalf("what the guard passes cannot be applied: %v\nbase %x\nchange %x", err, base, chunk)
	}
	tr := trial{base: base, chunk: chunk}
	if text, ok := d.text("content"); ok {
		tr.text = append([]byte{1}, text...)
	}
	return tr
}

// serveVictim answers each trial with a line: empty if all went well, or what
// is wrong.
func serveVictim(r io.Reader, w io.Writer) error {
	in := bufio.NewReader(r)
	for {
		base, err := readBlock(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		chunk, errChunk := readBlock(in)
		text, errText := readBlock(in)
		if err := errors.Join(errChunk, errText); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", verdict(trial{base, chunk, text})); err != nil {
			return err
		}
	}
}

func readBlock(r io.Reader) ([]byte, error) {
	var n uint32
	if err := binary.Read(r, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

func appendBlock(b, block []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(block)))
	return append(b, block...)
}

// verdict applies the trial's change and uses the document as a peer would.
func verdict(t trial) string {
	doc := automerge.New()
	if len(t.base) > 0 {
		if err := doc.LoadIncremental(t.base); err != nil {
			return fmt.Sprintf("base: %q", err)
		}
	}
	want, err := format.ParseChange(t.chunk)
	if err != nil {
		return fmt.Sprintf("parse: %q", err)
	}
	if err := doc.LoadIncremental(t.chunk); err != nil {
		return fmt.Sprintf("apply: %q", err)
	}
	kept, err := doc.Change(want.Hash)
	if err != nil {
		return fmt.Sprintf("not kept: %q", err)
	}
	if !bytes.Equal(kept.Save(), t.chunk) {
		return "kept with other bytes"
	}
	if bad := reloads(doc); bad != "" {
		return bad
	}
	if len(t.text) > 0 {
		if got, err := doc.Path("content").Text().Get(); err != nil || got != string(t.text[1:]) {
			return fmt.Sprintf("%q", fmt.Sprintf("text %q, %v, ours %q", got, err, t.text[1:]))
		}
	}
	if err := doc.Path("content").Text().Splice(0, 0, "x"); err != nil {
		return "" // the content is no text in some trials
	}
	if _, err := doc.Commit(""); err != nil {
		return fmt.Sprintf("commit: %q", err)
	}
	return reloads(doc)
}

// reloads saves the document, loads it and compares.
func reloads(doc *automerge.Doc) string {
	again, err := automerge.Load(doc.Save())
	if err != nil {
		return fmt.Sprintf("load of save: %q", err)
	}
	if fmt.Sprint(again.Heads()) != fmt.Sprint(doc.Heads()) {
		return "other heads after load"
	}
	a, errA := automerge.As[any](doc.Root())
	b, errB := automerge.As[any](again.Root())
	if fmt.Sprint(errA) != fmt.Sprint(errB) || fmt.Sprint(a) != fmt.Sprint(b) {
		return fmt.Sprintf("%q", fmt.Sprint("other content after load: ", a, errA, " and ", b, errB))
	}
	return ""
}

// tryAll gives the trials to child processes and returns an answer for each;
// "killed" if the child died of it.
func tryAll(t *testing.T, trials []trial) []string {
	t.Helper()
	var answers []string
	for len(answers) < len(trials) {
		answers = append(answers, tryUntilDeath(t, trials[len(answers):])...)
		if len(answers) < len(trials) {
			answers = append(answers, "killed")
		}
	}
	return answers
}

// tryUntilDeath returns the answers that one child gave before it died.
func tryUntilDeath(t *testing.T, trials []trial) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var input, output bytes.Buffer
	for _, tr := range trials {
		input.Write(appendBlock(appendBlock(appendBlock(nil, tr.base), tr.chunk), tr.text))
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), victimEnv+"=1")
	cmd.Stdin, cmd.Stdout = &input, &output
	cmd.WaitDelay = 10 * time.Second
	runErr := cmd.Run()
	var answers []string
	for s := bufio.NewScanner(&output); s.Scan(); {
		answers = append(answers, s.Text())
	}
	if runErr == nil && len(answers) != len(trials) {
		t.Fatalf("the victim answered %d of %d trials", len(answers), len(trials))
	}
	return answers
}
