// Command bench holds measurements against the budgets.
//
//	go run ./packaging/bench report RESULTS...
//
// It reads result files, joins them with packaging/budgets.json, prints one
// table and writes bench.json, both at the top of the repository, where it
// must be run. A missed budget is shown, not an error: measuring succeeded.
//
// A line of a result file is one of
//
//	live.one_writer.p50 0.61
//	{"name": "live.one_writer.p50", "value": 0.61, "unit": "ms"}
//	BenchmarkAppend-2   1000   61034 ns/op   0.61 live.one_writer.p50
//
// where the last is the output of `go test -bench`: a metric whose unit is the
// name of a budget counts as that measurement, and ns/op under the benchmark's
// own name. Of several values for one name the last counts.
package main

import (
	"fmt"
	"os"
)

const (
	budgetsFile = "packaging/budgets.json"
	tableFile   = "bench.json"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "report" {
		fmt.Fprintln(os.Stderr, "usage: go run ./packaging/bench report RESULTS...")
		os.Exit(2)
	}
	if err := report(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func report(files []string) error {
	budgets, err := readBudgets(budgetsFile)
	if err != nil {
		return err
	}
	var results []result
	for _, name := range files {
		found, err := readResults(name, budgets)
		if err != nil {
			return err
		}
		results = append(results, found...)
	}
	rows := join(budgets, results)
	if err := writeTable(os.Stdout, rows); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return writeJSON(tableFile, rows)
}
