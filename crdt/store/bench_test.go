package store_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// signer seals as a device does: with an Ed25519 signature.
func signer(b *testing.B) func(crdt.Change) store.Head {
	b.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	check(b, err)
	return func(c crdt.Change) store.Head {
		h := storetest.Seal(1)(c)
		h.Sig = ed25519.Sign(key, c.Hash[:])
		return h
	}
}

// BenchmarkCommit is one change with its head, from Submit to Done: the median
// and the worst, checkpoints and flushes beside it included. The change has the time
// at which it is made: of the keys of a second, one writes when the document was
// changed last.
func BenchmarkCommit(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	a := storetest.NewAuthor("0123456789abcdef", 1)
	seal, title := signer(b), "A title"
	must := make(chan error, 1)
	var took []time.Duration
	for b.Loop() {
		changes := a.Take(1)
		changes[0].Time = time.Now().Unix()
		e := store.Entry{
			Doc: storetest.ID(1), Changes: changes, Seal: seal, Title: &title,
			Done: func(_ []store.Head, err error) { must <- err },
		}
		start := time.Now()
		s.Submit(e)
		if err := <-must; err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "crdt.commit")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "µs/p99")
	b.ReportMetric(float64(took[len(took)-1].Nanoseconds())/1e3, "µs/max")
}

// BenchmarkReceive is one change of one of 25 authors who write at the same time, as
// it comes from a peer with its head: each on top of another one's.
func BenchmarkReceive(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	var authors []*storetest.Author
	for i := range 25 {
		authors = append(authors, storetest.NewAuthor(fmt.Sprintf("%016d", i), uint64(i)))
	}
	done := make(chan error, 1)
	var last crdt.Hash
	for i := 0; b.Loop(); i++ {
		n := i % len(authors)
		var deps []crdt.Hash
		if i > 0 {
			deps = append(deps, last)
		}
		c := authors[n].Next(deps...)
		c.Time = time.Now().Unix()
		last = c.Hash
		s.Submit(store.Entry{
			Doc: storetest.ID(1), Changes: []crdt.Change{c}, Heads: []store.Head{storetest.Seal(n)(c)},
			Done: func(_ []store.Head, err error) { done <- err },
		})
		check(b, <-done)
	}
}

// BenchmarkBurst is one change each of 24 others that come at the same time, on a
// goroutine each.
func BenchmarkBurst(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	done := make(chan error, 24)
	var feeds []chan struct{}
	for n := range cap(done) {
		feed := make(chan struct{})
		defer close(feed)
		feeds = append(feeds, feed)
		a := storetest.NewAuthor(fmt.Sprintf("%016d", n), uint64(n))
		go func() {
			for range feed {
				c := a.Next()
				s.Submit(store.Entry{
					Doc: storetest.ID(1), Changes: []crdt.Change{c}, Heads: []store.Head{storetest.Seal(n)(c)},
					Done: func(_ []store.Head, err error) { done <- err },
				})
			}
		}()
	}
	for b.Loop() {
		for _, feed := range feeds {
			feed <- struct{}{}
		}
		for range feeds {
			check(b, <-done)
		}
	}
}

// BenchmarkCommit1000 is 1,000 entries of one change each, queued at once.
func BenchmarkCommit1000(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	a := storetest.NewAuthor("0123456789abcdef", 1)
	seal := signer(b)
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		changes := a.Take(1000)
		b.StartTimer()
		start := time.Now()
		for i := range changes {
			s.Submit(store.Entry{Doc: storetest.ID(1), Changes: changes[i : i+1], Seal: seal})
		}
		check(b, s.Flush(context.Background()))
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "crdt.commit_1000")
}

// BenchmarkLoad reads a document of 10,000 changes.
func BenchmarkLoad(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	s.Submit(store.Entry{Doc: storetest.ID(1), Changes: storetest.NewAuthor("a", 1).Take(10000)})
	check(b, s.Flush(context.Background()))
	for b.Loop() {
		if _, err := s.Load(context.Background(), storetest.ID(1)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompact replaces 10,000 changes by a snapshot; what it takes to turn
// that back into changes is not counted. max-wait is the longest that a commit
// to another document waited meanwhile.
func BenchmarkCompact(b *testing.B) {
	all := storetest.NewAuthor("a", 1).Take(10000)
	covers := crdt.Vector{"a": {Seq: 10000, Hash: all[9999].Hash}}
	var worst time.Duration
	for b.Loop() {
		b.StopTimer()
		s, err := store.Open(context.Background(), b.TempDir(), store.Options{
			Expand: func(_ []byte, yield func(crdt.Change) error) error { return give(all, yield) },
		})
		check(b, err)
		s.Submit(store.Entry{Doc: storetest.ID(1), Changes: all})
		check(b, s.Flush(context.Background()))
		b.StartTimer()
		done := make(chan error, 1)
		go func() { done <- s.Compact(context.Background(), storetest.ID(1), []byte("chunk"), covers) }()
		for waiting := true; waiting; {
			select {
			case err := <-done:
				check(b, err)
				waiting = false
			default:
				start := time.Now()
				check(b, s.Set(context.Background(), "k", []byte("v")))
				worst = max(worst, time.Since(start))
			}
		}
		b.StopTimer()
		check(b, s.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(worst.Microseconds())/1e3, "ms/max-wait")
}

// give yields changes.
func give(all []crdt.Change, yield func(crdt.Change) error) error {
	for _, c := range all {
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// many makes a store of 10,000 documents with texts of about 1 kB.
func many(b *testing.B) *store.Store {
	b.Helper()
	s := open(b, b.TempDir())
	words := strings.Fields("the starling sings at dusk over fields and rivers while others sleep in the old barn")
	for i := range 10000 {
		a, c := storetest.NewAuthor("a", uint64(i)), storetest.NewAuthor("c", uint64(i))
		s.Submit(store.Entry{Doc: storetest.ID(i), Space: storetest.Key(1), Changes: append(a.Take(1), c.Take(1)...)})
		var text strings.Builder
		for w := range 180 {
			text.WriteString(words[(i*w+w)%len(words)])
			fmt.Fprintf(&text, " w%d ", (i*7+w*w)%5000)
		}
		s.SetText(storetest.ID(i), nil, fmt.Sprintf("Title %d", i), text.String())
	}
	check(b, s.Flush(context.Background()))
	return s
}

// BenchmarkMany asks a store of 10,000 documents what a peer asks at a
// reconnect and a person while typing a word.
func BenchmarkMany(b *testing.B) {
	s := many(b)
	defer s.Close()
	b.Run("vectors", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Vectors(context.Background(), storetest.Key(1))
			check(b, err)
		}
	})
	b.Run("rows of a document", func(b *testing.B) {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		for i := 0; b.Loop(); i++ {
			_, err := s.HeadsSince(ctx, storetest.ID(i%10000), nil)
			check(b, err)
			check(b, s.ChangesSince(ctx, storetest.ID(i%10000), nil, func(crdt.Change) error { return nil }))
		}
	})
	for _, query := range []string{"s", "st", "star", "starling dusk", "w4999", "nothing"} {
		b.Run("search "+query, func(b *testing.B) {
			for b.Loop() {
				_, _, err := s.Search(context.Background(), query, 20)
				check(b, err)
			}
		})
	}
}

// BenchmarkSetText tells the text of a document of 100 kB anew.
func BenchmarkSetText(b *testing.B) {
	s := open(b, b.TempDir())
	defer s.Close()
	s.Submit(store.Entry{Doc: storetest.ID(1)})
	text := strings.Repeat("The starling sings at dusk. ", 3600)
	for i := 0; b.Loop(); i++ {
		s.SetText(storetest.ID(1), nil, "Title", text+fmt.Sprint(i))
		check(b, s.Flush(context.Background()))
	}
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
