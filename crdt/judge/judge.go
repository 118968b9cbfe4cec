package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

var (
	// ErrUnavailable means that there is no judge in this build, or that the
	// program has not called [Main].
	ErrUnavailable = errors.New("automerge-go is not there to judge")
	// ErrRefused means that automerge-go says that the bytes are bad.
	ErrRefused = errors.New("automerge-go refuses it")
	// ErrDied means that the child ended without an answer: the bytes killed
	// automerge-go.
	ErrDied = errors.New("automerge-go died of it")
	// ErrLimits means that the child took too long or too much, which says
	// nothing of the bytes.
	ErrLimits = errors.New("automerge-go took more than it may")
)

// Verdict is what automerge-go read.
type Verdict struct {
	Heads [][32]byte // hashes of the last changes, in no order
	// HasText says whether there is a text under the key; block markers in it
	// read as U+FFFC.
	HasText bool
	Text    string
}

// Limits are what one question may cost. The zero value of a field stands for
// that of [DefaultLimits].
type Limits struct {
	Time   time.Duration // from the child's start to its end
	Memory int64         // bytes of address space that the question may add
	Answer int64         // bytes of the answer, which come into our own memory
}

// DefaultLimits let automerge-go load a document of a million edits; 260,000 take
// it 2 s and less than 1 GB.
var DefaultLimits = Limits{Time: time.Minute, Memory: 4 << 30, Answer: 64 << 20}

func (l Limits) orDefault() Limits {
	if l.Time <= 0 {
		l.Time = DefaultLimits.Time
	}
	if l.Memory <= 0 {
		l.Memory = DefaultLimits.Memory
	}
	if l.Answer <= 0 {
		l.Answer = DefaultLimits.Answer
	}
	return l
}

// childEnv makes a process the child. Its value is the protocol's version, as
// the program on the disk may have been replaced by a newer one.
const (
	childEnv = "STARLING_JUDGE"
	version  = "1"
)

// ready is set once this program is known to call Main. Otherwise a child would
// be the whole program again, and a test binary would start itself for ever.
var ready atomic.Bool

// Main must be the first call in main, and in the TestMain of tests that ask.
// It returns at once, unless the process is a child: then it answers and ends
// the process.
func Main() {
	got, child := os.LookupEnv(childEnv)
	if !child {
		ready.Store(true)
		return
	}
	if got != version {
		fmt.Fprintf(os.Stderr, "judge: version %q is asked for, this is %s\n", got, version)
		os.Exit(exitUnfit)
	}
	os.Exit(serve(os.Stdin, os.Stdout))
}

// Available says whether there is anyone to ask.
func Available() bool { return linked && ready.Load() }

// Ask asks about a document within [DefaultLimits]; see [Limits.Ask].
func Ask(ctx context.Context, chunks []byte, key string) (Verdict, error) {
	return Limits{}.Ask(ctx, chunks, key)
}

// turn is held by the one question that is being answered.
var turn = make(chan struct{}, 1)

// Ask lets automerge-go load chunks, which lie one after the other: a document
// chunk, or changes in causal order, or the one and then the others. It returns
// the heads and the text under the root key. Changes whose dependencies are
// missing behind a document chunk are ignored without a word, so compare the
// heads.
//
// The error is [ErrRefused] or [ErrDied] if the bytes are bad, [ErrLimits] or
// [ErrUnavailable] if nothing can be said of them, or that of ctx. Ask blocks;
// it waits for its turn, which does not count as time taken. It may be called
// from any goroutine and keeps nothing of chunks.
func (l Limits) Ask(ctx context.Context, chunks []byte, key string) (Verdict, error) {
	if !Available() {
		return Verdict{}, ErrUnavailable
	}
	if len(chunks) > maxBlock {
		return Verdict{}, fmt.Errorf("%d bytes to judge: %w", len(chunks), ErrLimits)
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return Verdict{}, fmt.Errorf("wait for the judge: %w", ctx.Err())
	}
	l = l.orDefault()
	answer, err := runChild(ctx, l, appendQuestion(nil, question{l.Memory, key, chunks}))
	if err != nil {
		return Verdict{}, fmt.Errorf("judge %d bytes: %w", len(chunks), err)
	}
	v, err := parseAnswer(answer)
	if err != nil {
		return Verdict{}, fmt.Errorf("judge %d bytes: %w", len(chunks), err)
	}
	return v, nil
}
