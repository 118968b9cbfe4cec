package format

import (
	"fmt"
	"iter"
)

// DocumentColumns gives the inflated bytes of a document's known columns.
func DocumentColumns(d *Document) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i, data := range d.changes {
			if !yield(fmt.Sprintf("change column %#x", docChangeColumns[i]), data) {
				return
			}
		}
		for i, data := range d.ops {
			if !yield(fmt.Sprintf("operation column %#x", docOpColumns[i]), data) {
				return
			}
		}
	}
}
