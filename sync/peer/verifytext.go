package peer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"starling/crdt"
)

// lagNote says that only the search was wrong about a document, and is right now.
const lagNote = "the search was behind; it has caught up"

// checkOpen holds the open document, its title and the search against the text.
// Somebody may be writing in it; then these follow in a moment. A title and a
// search that are behind are no fault of the document: they are made anew.
func (v *verification) checkOpen(ctx context.Context) error {
	d, err := v.p.openStored(ctx, v.id)
	if err != nil {
		return nil // which was told
	}
	defer v.p.docs.release(d)
	v.compare(d.text(), "the open document")
	d.index()
	wrong, err := v.checkLists(ctx)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		v.lagged = true
		d.indexAgain()
		if wrong, err = v.checkLists(ctx); err != nil {
			return err
		}
	}
	if !d.text().Vector().Equal(v.at) {
		v.note("somebody writes in it, so title and search were not compared")
		return nil
	}
	for _, w := range wrong {
		v.problem("%s", w)
	}
	if v.lagged && len(wrong) == 0 {
		v.note(lagNote)
	}
	return nil
}

// checkLists says what title and search have wrong once the store has all that
// they were told.
func (v *verification) checkLists(ctx context.Context) (wrong []string, err error) {
	if err := v.p.store.Flush(ctx); err != nil {
		return nil, err
	}
	if v.report.Document, err = v.p.Document(ctx, v.id); err != nil {
		return nil, err
	}
	if want := titleOf(v.text); v.report.Title != want {
		wrong = append(wrong, fmt.Sprintf("the title is %q, of which the text knows nothing", v.report.Title))
	}
	unfound, err := v.unfound(ctx)
	if unfound != "" {
		wrong = append(wrong, fmt.Sprintf("the search does not find it by %q", unfound))
	}
	return wrong, err
}

const (
	// sampleWords is how many words the search is asked for at a time.
	sampleWords = 8
	// sampleOften is how often one of them may stand in the text: the search
	// looks at all its places, and takes a while for thousands.
	sampleOften = 8
	// sampleHits is how many documents may hold the same words before it is not
	// told whether this one is among them.
	sampleHits = 256
)

// unfound returns words of the beginning, the middle or the end of the text by
// which the search does not find the document, or "".
func (v *verification) unfound(ctx context.Context) (string, error) {
	words := rareWords(plainWords(v.text))
	for _, at := range []int{0, (len(words) - sampleWords) / 2, len(words) - sampleWords} {
		at = max(at, 0)
		sample := strings.Join(words[at:min(at+sampleWords, len(words))], " ")
		if sample == "" {
			return "", nil
		}
		hits, _, err := v.p.Search(ctx, sample, sampleHits)
		if err != nil {
			return "", err
		}
		if len(hits) < sampleHits && !holds(hits, v.id) {
			return sample, nil
		}
	}
	return "", nil
}

func holds(hits []Hit, id crdt.DocID) bool {
	return slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == id })
}

// plainWords are words on which all agree where they begin and end, whatever
// version of Unicode they know, and that are short enough for a query.
func plainWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r < unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	const (
		longest = 60    // bytes
		plain   = 0x530 // where Latin, Greek and Cyrillic end
	)
	return slices.DeleteFunc(words, func(w string) bool {
		return len(w) > longest || strings.ContainsFunc(w, func(r rune) bool {
			return r >= plain || !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
	})
}

// rareWords are the words that do not stand in a text often, each once.
func rareWords(words []string) []string {
	often := make(map[string]int)
	for _, w := range words {
		often[strings.ToLower(w)]++
	}
	return slices.DeleteFunc(words, func(w string) bool {
		w = strings.ToLower(w)
		n := often[w]
		delete(often, w) // so that it counts once
		return n == 0 || n > sampleOften
	})
}
