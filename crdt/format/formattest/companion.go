package formattest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Killed is what a [Companion] answers that died, or was ended because it did
// not answer.
const Killed = "killed"

// patience is how long a victim may think about one question.
const patience = 30 * time.Second

// Companion is a victim, the test's own program as a child that gives bytes to
// automerge-go. It is asked one question at a time, by a fuzzer that makes them
// up as it goes, and lives as long as it can. It is for one goroutine at a time.
type Companion struct {
	// Env is the environment variable that makes the program a victim.
	Env string

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Ask gives the victim a question of some blocks, each after four bytes of its
// length (big endian), and returns the line that it answers, or [Killed].
func (v *Companion) Ask(blocks ...[]byte) (string, error) {
	if v.cmd == nil {
		if err := v.start(); err != nil {
			return "", err
		}
	}
	hung := time.AfterFunc(patience, func() { _ = v.cmd.Process.Kill() })
	answer, err := v.ask(blocks)
	if !hung.Stop() || err != nil {
		v.Stop()
		return Killed, nil
	}
	return answer, nil
}

func (v *Companion) ask(blocks [][]byte) (string, error) {
	var question []byte
	for _, b := range blocks {
		question = append(binary.BigEndian.AppendUint32(question, uint32(len(b))), b...)
	}
	if _, err := v.in.Write(question); err != nil {
		return "", err
	}
	line, err := v.out.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

func (v *Companion) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), v.Env+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	v.cmd, v.in, v.out = cmd, in, bufio.NewReader(out)
	return nil
}

// Stop ends the victim. The next question begins another.
func (v *Companion) Stop() {
	if v.cmd == nil {
		return
	}
	_ = v.cmd.Process.Kill() // it may be dead already, and is no loss
	_ = v.cmd.Wait()
	v.cmd, v.in, v.out = nil, nil, nil
}

// AskAll asks questions one after the other and returns the answers.
func (v *Companion) AskAll(questions [][][]byte) ([]string, error) {
	answers := make([]string, len(questions))
	for i, q := range questions {
		var err error
		if answers[i], err = v.Ask(q...); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// Serve is the victim's side: it reads questions of some blocks each and writes
// a line for each answer, until r ends.
func Serve(r io.Reader, w io.Writer, blocks int, answer func([][]byte) string) error {
	in := bufio.NewReader(r)
	question := make([][]byte, blocks)
	for {
		for i := range question {
			block, err := readBlock(in)
			if i == 0 && errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			question[i] = block
		}
		if _, err := fmt.Fprintf(w, "%s\n", answer(question)); err != nil {
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
