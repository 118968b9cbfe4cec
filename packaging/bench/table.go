package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
)

// row is one line of the table. Value is nil while not measured, Budget where
// there is none.
type row struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit"`
	Budget *float64 `json:"budget"`
	OK     bool     `json:"ok"`
}

// join puts each result beside its budget: first the budgets in their order,
// then what has none in the order of measuring.
func join(budgets []budget, results []result) []row {
	rows := make([]row, 0, len(budgets)+len(results))
	place := map[string]int{}
	for _, b := range budgets {
		place[b.Name] = len(rows)
		rows = append(rows, row{Name: b.Name, Unit: b.Unit, Budget: &b.Budget})
	}
	for _, r := range results {
		i, known := place[r.Name]
		if !known {
			i = len(rows)
			place[r.Name] = i
			rows = append(rows, row{Name: r.Name, Unit: r.Unit})
		}
		rows[i].Value = &r.Value
		rows[i].OK = rows[i].Budget == nil || r.Value <= *rows[i].Budget
	}
	return rows
}

func writeTable(w io.Writer, rows []row) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\tvalue\tunit\tbudget\tok")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Name, number(r.Value), r.Unit, number(r.Budget), verdict(r))
	}
	return table.Flush()
}

func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'g', 4, 64)
}

func verdict(r row) string {
	switch {
	case r.Value == nil:
		return "not measured"
	case r.Budget == nil:
		return "-"
	case r.OK:
		return "yes"
	}
	return "NO"
}

func writeJSON(name string, rows []row) error {
	data, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.WriteFile(name, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
