package judge

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// How a child ends when it has no answer, apart from the C library's own ways.
const (
	exitUnfit    = 20 // no judge at all, or of another version
	exitQuestion = 21 // the question cannot be read
	exitOrphan   = 22 // the parent is gone
	exitMemory   = 23 // too much memory was taken
	exitAnswer   = 24 // nobody takes the answer
)

// serve is the child: it answers one question and returns the exit code.
func serve(in io.Reader, out io.Writer) int {
	if !linked {
		return complain(exitUnfit, ErrUnavailable)
	}
	r := bufio.NewReader(in)
	memory, err := readMemory(r)
	if err != nil {
		return complain(exitQuestion, err)
	}
	// Before anything else: the question takes memory, too.
	if err := limitMemory(memory); err != nil {
		return complain(exitUnfit, err)
	}
	key, err := readBlock(r)
	if err != nil {
		return complain(exitQuestion, err)
	}
	chunks, err := readBlock(r)
	if err != nil {
		return complain(exitQuestion, err)
	}
	// Ends with the process, at the latest when the parent does.
	go func() {
		_, _ = io.Copy(io.Discard, r)
		os.Exit(complain(exitOrphan, errors.New("the parent is gone")))
	}()
	if _, err := out.Write(answer(chunks, string(key))); err != nil {
		return complain(exitAnswer, err)
	}
	return 0
}

func answer(chunks []byte, key string) []byte {
	v, err := examine(chunks, key)
	if err != nil {
		return appendRefusal(nil, err)
	}
	return appendVerdict(nil, v)
}

func complain(code int, err error) int {
	fmt.Fprintln(os.Stderr, "judge:", err)
	return code
}
