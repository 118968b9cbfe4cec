package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"starling/crdt"
)

// TypeArgs say what to type.
type TypeArgs struct {
	Doc      string
	At, Keys int
	Rate     float64
}

// Typed are the times of the edit calls, one for each key.
type Typed struct{ Began, Ended []int64 }

// keys are typed round and round.
const keys = "the quick brown fox jumps over the lazy dog\n"

// Type types as a person does, one edit a key, each right of the one before.
func (w *Worker) Type(a TypeArgs, out *Typed) error {
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
	pace := rand.New(rand.NewPCG(1, 2)) // the same in every run
	next := time.Now()
	for i := range a.Keys {
		// From half to one and a half of the mean: nothing that comes round by
		// the second always meets the same key, or none.
		next = next.Add(time.Duration((0.5 + pace.Float64()) / a.Rate * float64(time.Second)))
		time.Sleep(time.Until(next))
		edit := crdt.Edit{Seen: seen, At: a.At + i, Insert: keys[i%len(keys) : i%len(keys)+1]}
		began := monotonic()
		patches, _, err := doc.Edit(edit)
		out.Ended = append(out.Ended, monotonic())
		out.Began = append(out.Began, began)
		if err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
		seen = patches[len(patches)-1].Num
	}
	return doc.Commit(context.Background())
}
