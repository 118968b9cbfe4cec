package store

import (
	"context"
	"errors"
	"testing"

	"starling/crdt"
)

// The judge has the last word, and is not asked about what is wrong anyway. What
// ends with the caller's context is no judgement.
func TestJudge(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	all := []crdt.Change{a(50), a(50), a(50)}
	s.Submit(Entry{Doc: doc, Changes: all})
	flushHere(t, s)
	no, asked := errors.New("no"), 0
	ctx, cancel := context.WithCancel(t.Context())
	verdicts := []func(ctx context.Context) error{
		func(context.Context) error { return no },
		func(ctx context.Context) error { cancel(); return ctx.Err() },
		func(context.Context) error { return nil },
	}
	s.judge = func(ctx context.Context, chunk []byte) error {
		if string(chunk) != "chunk" {
			t.Errorf("asked about %q", chunk)
		}
		asked++
		return verdicts[asked-1](ctx)
	}
	compact := func(ctx context.Context, want error) {
		t.Helper()
		if err := s.Compact(ctx, doc, []byte("chunk"), upTo(all)); !errors.Is(err, want) {
			t.Errorf("compact: %v, want %v", err, want)
		}
		if want != nil {
			wantLoad(t, s, doc, all, DamageError{})
		}
	}
	s.expand = expandTo(all[:2])
	compact(t.Context(), ErrNotSame)
	if asked != 0 {
		t.Error("asked about a snapshot that is wrong anyway")
	}
	s.expand = expandTo(all)
	compact(t.Context(), ErrJudged)
	compact(ctx, context.Canceled)
	compact(t.Context(), nil)
	wantLoad(t, s, doc, nil, DamageError{})
}
