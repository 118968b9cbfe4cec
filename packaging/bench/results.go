package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// budget is an upper bound of one measurement.
type budget struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Budget float64 `json:"budget"`
	What   string  `json:"what"`
}

// result is one measured value. Unit may be empty where a budget names it.
type result struct {
	Name  string
	Value float64
	Unit  string
}

func readBudgets(name string) ([]budget, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the budgets (run at the top of the repository): %w", err)
	}
	var budgets []budget
	if err := json.Unmarshal(data, &budgets); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	seen := map[string]bool{}
	for _, b := range budgets {
		if b.Name == "" || b.Unit == "" || b.Budget <= 0 || seen[b.Name] {
			return nil, fmt.Errorf("read %s: %q is incomplete or named twice", name, b.Name)
		}
		seen[b.Name] = true
	}
	return budgets, nil
}

func readResults(name string, budgets []budget) ([]result, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	defer file.Close()
	results, err := parseResults(file, budgets)
	if err != nil {
		return nil, fmt.Errorf("read results %s: %w", name, err)
	}
	return results, nil
}

// parseResults reads lines as the package's comment describes them. A line
// that it can't place is an error, so that no measurement is lost by a slip.
func parseResults(r io.Reader, budgets []budget) ([]result, error) {
	var results []result
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		found, err := parseLine(lines.Text(), budgets)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		results = append(results, found...)
	}
	return results, lines.Err()
}

func parseLine(line string, budgets []budget) ([]result, error) {
	fields := strings.Fields(line)
	switch {
	case len(fields) == 0 || isChatter(line):
		return nil, nil
	case strings.HasPrefix(line, "{"):
		return parseJSON(line)
	case strings.HasPrefix(line, "Benchmark"):
		return parseBenchmark(fields, budgets)
	case len(fields) == 2:
		value, err := parseValue(fields[1])
		if err != nil {
			return nil, err
		}
		return []result{{Name: fields[0], Value: value}}, nil
	}
	return nil, fmt.Errorf("not a measurement: %q", line)
}

// isChatter knows what `go test -bench` prints besides its measurements.
func isChatter(line string) bool {
	for _, start := range []string{"#", " ", "\t", "goos:", "goarch:", "pkg:", "cpu:", "PASS", "ok ", "ok\t", "?", "---"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

func parseJSON(line string) ([]result, error) {
	var found struct {
		Name  string   `json:"name"`
		Value *float64 `json:"value"`
		Unit  string   `json:"unit"`
	}
	if err := json.Unmarshal([]byte(line), &found); err != nil {
		return nil, fmt.Errorf("not a measurement: %w", err)
	}
	if found.Name == "" || found.Value == nil {
		return nil, fmt.Errorf("name or value is missing: %s", line)
	}
	return []result{{Name: found.Name, Value: *found.Value, Unit: found.Unit}}, nil
}

// parseBenchmark reads "BenchmarkName-P  iterations  value unit  value unit".
// A name alone comes from a benchmark that logs, or from one with children.
func parseBenchmark(fields []string, budgets []budget) ([]result, error) {
	if len(fields) == 1 {
		return nil, nil
	}
	if len(fields)%2 != 0 {
		return nil, fmt.Errorf("not a benchmark's line: %q", strings.Join(fields, " "))
	}
	var results []result
	for i := 2; i < len(fields); i += 2 {
		value, err := parseValue(fields[i])
		if err != nil {
			return nil, err
		}
		unit := fields[i+1]
		switch {
		case isBudget(budgets, unit):
			results = append(results, result{Name: unit, Value: value})
		case unit == "ns/op":
			results = append(results, result{Name: fields[0], Value: value, Unit: unit})
		}
	}
	return results, nil
}

func isBudget(budgets []budget, name string) bool {
	for _, b := range budgets {
		if b.Name == name {
			return true
		}
	}
	return false
}

func parseValue(text string) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("not a number: %w", err)
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, errors.New("not a finite number: " + text)
	}
	return value, nil
}
