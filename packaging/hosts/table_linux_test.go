package hosts

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// table is what the tests have seen, for people: no test fails because of a
// time in it. It is safe for concurrent use.
type table struct {
	title   string
	columns []string
	mu      sync.Mutex
	rows    [][]string
}

var (
	converging = &table{title: "Converging", columns: []string{
		"network", "hosts", "connected after a start", "edits", "same text everywhere after",
	}}
	comingBack = &table{title: "Coming back", columns: []string{
		"what happened to the second host", "missed after", "connected again after", "same text after",
	}}
)

// printTables writes all tables that have rows, as Markdown.
func printTables(w io.Writer) {
	for _, t := range []*table{converging, comingBack} {
		t.print(w)
	}
}

func (t *table) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s, seen on this run:\n\n| %s |\n|%s\n", t.title, strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// add takes a row; times stand in it in milliseconds, and a negative one for
// what does not apply.
func (t *table) add(test *testing.T, cells ...any) {
	test.Helper()
	row := make([]string, len(cells))
	for i, c := range cells {
		if took, ok := c.(time.Duration); ok {
			c = fmt.Sprintf("%d ms", took.Milliseconds())
			if took < 0 {
				c = "-"
			}
		}
		row[i] = fmt.Sprint(c)
	}
	test.Log(strings.Join(row, " | "))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, row)
}
