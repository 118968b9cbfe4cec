package crdt_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"starling/crdt"
)

// People read the past while others write: each answer is that of one moment,
// and nothing is read that is being written (which the race detector sees).
func TestThePastIsReadBesideWriting(t *testing.T) {
	d := openAs(t, "a", crdt.Config{})
	first, err := d.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	other := openAs(t, "b", crdt.Config{Changes: []crdt.Change{first}})
	begin := d.Now()
	stop := make(chan struct{})
	var all sync.WaitGroup
	read := func(f func() error) {
		all.Go(func() {
			for {
				if err := f(); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	read(func() error {
		now := d.Now()
		was, err1 := d.TextAt(now)
		pieces, err2 := d.Diff(begin, now)
		lines, err3 := d.Blame(now)
		var diff, blame strings.Builder
		for _, p := range pieces {
			diff.WriteString(p.Text)
		}
		for _, l := range lines {
			for _, p := range l.Pieces {
				blame.WriteString(p.Text)
			}
		}
		if diff.String() != was || blame.String() != was || err1 != nil || err2 != nil || err3 != nil {
			return fmt.Errorf("text %q, difference %q, authors %q, %w, %w, %w", was, &diff, &blame, err1, err2, err3)
		}
		return nil
	})
	read(func() error {
		versions := d.History()
		last := versions[len(versions)-1]
		if _, err := d.FindVersion(last.ID.String()); err != nil {
			return err
		}
		d.CanUndo()
		return nil
	})
	for i := range 150 {
		_, seen := d.Text()
		if _, err := d.Edit(crdt.Edit{Seen: seen, Insert: fmt.Sprintf("mine %d\n", i)}, noon); err != nil {
			t.Error(err)
		}
		_, seen = other.Text()
		out, err := other.Edit(crdt.Edit{Seen: seen, Insert: "theirs\n"}, noon)
		if err != nil {
			t.Error(err)
		}
		if _, err := d.Apply(out.Changes); err != nil {
			t.Error(err)
		}
		if _, seen = d.Text(); i%10 == 5 {
			if _, err := d.Undo(seen, noon); err != nil {
				t.Error(err)
			}
		}
	}
	close(stop)
	all.Wait()
}
