package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

const (
	writers     = 25
	writersRate = 5 // keys a second, each
)

// letter is what one of many writers types, so that every key has a name: the
// n-th letter of that writer.
func letter(writer int) rune { return 'A' + rune(writer) }

// sheet is a text with a line for each of so many writers.
func sheet(writers int) string { return "# notes\n" + strings.Repeat("-\n", writers) }

// writers25 has 25 peers, each in a process of its own and connected with all
// others, write in one document at 5 keys a second each, and every other one
// listen. A delivery is one key at one of the 24.
func writers25(o options, results, say io.Writer) error {
	dir, err := os.MkdirTemp("", "starling-live-")
	if err != nil {
		return fmt.Errorf("make the homes: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := swarmUp(dir, o.writers)
	defer s.kill()
	if err != nil {
		return err
	}
	if err := s.mesh(); err != nil {
		return err
	}
	m, err := s.sing(o)
	if err != nil {
		return err
	}
	m.report(results, say)
	return s.end()
}

// chorus are the times of all keys of many writers.
type chorus struct {
	began      [][]int64   // by writer
	heard      [][][]int64 // by listener, by writer
	used, took time.Duration
}

// sing has everyone write and listen.
func (s *swarm) sing(o options) (m chorus, err error) {
	var doc string
	if err := s.all[0].call("NewDoc", DocArgs{s.space, sheet(len(s.all))}, &doc); err != nil {
		return m, err
	}
	if err := s.each(func(c *child) error { return c.call("ListenTo", doc, nil) }); err != nil {
		return m, err
	}
	keys := max(o.keys/writersRate, 1)
	warm := min(writersRate*2, keys)
	if _, err := s.write(doc, warm); err != nil {
		return m, err
	}
	for n, c := range s.all {
		if err := profile(o, fmt.Sprintf("writers25.%d", n+1), c); err != nil {
			return m, err
		}
	}
	before, err := cpuOf(s.all)
	if err != nil {
		return m, err
	}
	start := time.Now()
	if m.began, err = s.write(doc, keys); err != nil {
		return m, err
	}
	m.took = time.Since(start)
	after, err := cpuOf(s.all)
	if err != nil {
		return m, err
	}
	m.used = after - before
	if err := profiled(o, s.all); err != nil {
		return m, err
	}
	return m, s.gatherHeard(&m, doc, warm, keys)
}

// write has everyone type so many keys, and returns when each was typed.
func (s *swarm) write(doc string, keys int) ([][]int64, error) {
	began := make([][]int64, len(s.all))
	err := s.each(func(c *child) error {
		n := slices.Index(s.all, c)
		var typed Typed
		err := c.call("TypeAmong", AmongArgs{doc, n, keys, writersRate}, &typed)
		began[n] = typed.Began
		return err
	})
	return began, err
}

// gatherHeard waits until everyone has heard everything, and makes sure that all
// have the same text.
func (s *swarm) gatherHeard(m *chorus, doc string, warm, keys int) error {
	texts := make([]string, len(s.all))
	m.heard = make([][][]int64, len(s.all))
	err := s.each(func(c *child) error {
		n := slices.Index(s.all, c)
		if err := c.call("HeardAll", HeardAllArgs{len(s.all), warm + keys}, &m.heard[n]); err != nil {
			return err
		}
		for writer := range m.heard[n] {
			m.heard[n][writer] = m.heard[n][writer][warm:]
		}
		return c.call("Text", doc, &texts[n])
	})
	if err != nil {
		return err
	}
	want := len(sheet(len(s.all))) + len(s.all)*(warm+keys)
	for _, text := range texts {
		if text != texts[0] || len(text) != want {
			return fmt.Errorf("the texts differ: %d and %d bytes instead of %d", len(text), len(texts[0]), want)
		}
	}
	return nil
}

func (m chorus) report(results, say io.Writer) {
	var all []int64
	for listener, heard := range m.heard {
		for writer, times := range heard {
			if writer != listener {
				all = append(all, between(m.began[writer], times)...)
			}
		}
	}
	times := spreadOf(all)
	name := fmt.Sprintf("writers%d", len(m.began))
	a := m.used.Seconds() * 1000 / float64(len(all))
	fmt.Fprintf(say, "%s, each a process, %d deliveries in %v\n", name, len(all), m.took.Round(time.Millisecond))
	fmt.Fprintf(say, "  committed there        %v\n", times)
	fmt.Fprintf(say, "  processor a delivery   %.3f ms; in all %.0f %% of a core\n", a, 100*m.used.Seconds()/m.took.Seconds())
	printLine(results, "live."+name+".p50", times.p50, "ms")
	printLine(results, "live."+name+".p99", times.p99, "ms")
	printLine(results, "live."+name+".cpu_per_delivery", a, "ms")
}

// AmongArgs say what one of many writers types.
type AmongArgs struct {
	Doc          string
	Writer, Keys int
	Rate         float64
}

// TypeAmong types while others do, too, each on a line of their own.
func (w *Worker) TypeAmong(a AmongArgs, out *Typed) error {
	id, err := crdt.ParseDocID(a.Doc)
	if err != nil {
		return err
	}
	doc, err := w.peer.OpenDocument(context.Background(), id)
	if err != nil {
		return err
	}
	defer doc.Close()
	_, seen := doc.Snapshot()
	at := len(sheet(a.Writer+1)) - 1                   // at the end of the writer's line
	pace := rand.New(rand.NewPCG(uint64(a.Writer), 2)) // the same in every run
	next := time.Now()
	for i := range a.Keys {
		next = next.Add(time.Duration((0.5 + pace.Float64()) / a.Rate * float64(time.Second)))
		time.Sleep(time.Until(next))
		began := monotonic()
		patches, own, err := doc.Edit(crdt.Edit{Seen: seen, At: at, Insert: string(letter(a.Writer))})
		out.Began = append(out.Began, began)
		out.Ended = append(out.Ended, monotonic())
		if err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
		for _, p := range patches {
			at = p.Shift(at, p.Num < own) // only what is ours moves us on where we are
			seen = p.Num
		}
	}
	return doc.Commit(context.Background())
}

// choir notes when the keys of each of many writers are committed.
type choir struct {
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	times map[rune][]int64
	err   error
}

// ListenTo waits until a document is here and begins to note what comes.
func (w *Worker) ListenTo(doc string, _ *bool) error {
	id, err := crdt.ParseDocID(doc)
	if err != nil {
		return err
	}
	if err := await("the document arrives", func() (bool, error) {
		_, err := w.peer.Text(context.Background(), id)
		return err == nil, err
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &choir{cancel: cancel, times: make(map[rune][]int64)}
	w.choir = c
	ready := make(chan struct{})
	c.done.Go(func() {
		err := w.peer.Watch(ctx, id, func() error { close(ready); return nil }, c.hear)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.err = errors.Join(c.err, err)
	})
	<-ready
	return nil
}

func (c *choir) hear(ev peer.WatchEvent) error {
	now := monotonic()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range ev.Insert {
		c.times[r] = append(c.times[r], now)
	}
	return nil
}

// HeardAllArgs say what is to be heard: so many keys of so many writers.
type HeardAllArgs struct{ Writers, Keys int }

// HeardAll waits for all keys, returns by writer when they came, and listens no
// more.
func (w *Worker) HeardAll(a HeardAllArgs, out *[][]int64) error {
	c := w.choir
	missing := func() (names string) {
		for n := range a.Writers {
			if got := len(c.times[letter(n)]); got != a.Keys {
				names += fmt.Sprintf(" %d of %c", got, letter(n))
			}
		}
		return strings.TrimSpace(names)
	}
	err := await(fmt.Sprintf("%d keys of each of %d writers arrive", a.Keys, a.Writers), func() (bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if names := missing(); names != "" {
			return false, errors.Join(c.err, errors.New("there are "+names))
		}
		return true, c.err
	})
	c.cancel()
	c.done.Wait()
	for n := range a.Writers {
		*out = append(*out, c.times[letter(n)])
	}
	return err
}
