package guard_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/automerge/automerge-go"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// victimEnv makes the test binary a victim: it gives changes to automerge-go,
// which may kill it.
const victimEnv = "STARLING_GUARD_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victimEnv) != "" {
		if err := formattest.Serve(os.Stdin, os.Stdout, 3, func(q [][]byte) string { return verdict(trial{q[0], q[1], q[2]}) }); err != nil {
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

// tryAll gives the trials to child processes and returns an answer for each.
func tryAll(t *testing.T, trials []trial) []string {
	t.Helper()
	victim := &formattest.Companion{Env: victimEnv}
	defer victim.Stop()
	questions := make([][][]byte, len(trials))
	for i, tr := range trials {
		questions[i] = [][]byte{tr.base, tr.chunk, tr.text}
	}
	answers, err := victim.AskAll(questions)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}
