package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var someBudgets = []budget{
	{Name: "live.p50", Unit: "ms", Budget: 0.7},
	{Name: "live.p99", Unit: "ms", Budget: 2},
	{Name: "desktop.memory", Unit: "MB", Budget: 100},
}

func TestParseResults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []result
	}{
		{"plain lines", "live.p50 0.5\n\n# a remark\nlive.p99\t2e0\n", []result{{Name: "live.p50", Value: 0.5}, {Name: "live.p99", Value: 2}}},
		{"JSON lines", `{"name":"size","value":0,"unit":"kB"}`, []result{{"size", 0, "kB"}}},
		{
			"go test -bench",
			"goos: linux\ngoarch: amd64\npkg: starling/crdt\ncpu: any\nBenchmarkOpen\nBenchmarkOpen-2  \t 100\t 61034 ns/op\t 0.61 live.p50\t 12 B/op\t 3 allocs/op\n    open_test.go:3: a log\nPASS\nok  \tstarling/crdt\t1.2s\n?   \tstarling/x\t[no test files]\n",
			[]result{{"BenchmarkOpen-2", 61034, "ns/op"}, {Name: "live.p50", Value: 0.61}},
		},
	} {
		got, err := parseResults(strings.NewReader(c.text), someBudgets)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestParseResultsRefuses(t *testing.T) {
	for _, text := range []string{
		"live.p50 fast",
		"live.p50 NaN",
		"live.p50 +Inf",
		"live.p50",
		"live.p50 0.5 ms",
		"FAIL\tstarling/crdt\t1s",
		"{\"name\":\"live.p50\"}",
		"{\"value\":1}",
		"{\"name\":",
		"BenchmarkOpen-2 100 61034",
	} {
		if got, err := parseResults(strings.NewReader(text), someBudgets); err == nil || got != nil {
			t.Errorf("%q gave %v, %v; want an error and nothing else", text, got, err)
		}
	}
}

func TestTable(t *testing.T) {
	rows := join(someBudgets, []result{
		{Name: "live.p99", Value: 9},
		{Name: "live.p99", Value: 2.0001},
		{Name: "other", Value: 3, Unit: "s"},
		{Name: "live.p50", Value: 0.7},
	})
	var table strings.Builder
	if err := writeTable(&table, rows); err != nil {
		t.Fatal(err)
	}
	const want = `name            value  unit  budget  ok
live.p50        0.7    ms    0.7     yes
live.p99        2      ms    2       NO
desktop.memory  -      MB    100     not measured
other           3      s     -       -
`
	if table.String() != want {
		t.Errorf("the table is\n%swant\n%s", table.String(), want)
	}

	name := filepath.Join(t.TempDir(), "bench.json")
	if err := writeJSON(name, rows); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var compact []map[string]any
	if err := json.Unmarshal(data, &compact); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(compact)
	if err != nil {
		t.Fatal(err)
	}
	const wantJSON = `[{"budget":0.7,"name":"live.p50","ok":true,"unit":"ms","value":0.7},` +
		`{"budget":2,"name":"live.p99","ok":false,"unit":"ms","value":2.0001},` +
		`{"budget":100,"name":"desktop.memory","ok":false,"unit":"MB","value":null},` +
		`{"budget":null,"name":"other","ok":true,"unit":"s","value":3}]`
	if string(again) != wantJSON {
		t.Errorf("bench.json holds\n%s\nwant\n%s", again, wantJSON)
	}
}

func TestOurBudgets(t *testing.T) {
	budgets, err := readBudgets("../budgets.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(budgets) == 0 {
		t.Error("there are no budgets")
	}
	for _, b := range budgets {
		if b.What == "" {
			t.Errorf("%s does not say what it measures", b.Name)
		}
	}
}

func TestReadBudgetsRefuses(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`[{"name":"a","unit":"s","budget":1},{"name":"a","unit":"s","budget":2}]`,
		`[{"name":"a","unit":"s"}]`,
		`[{"name":"a","budget":1}]`,
		`[{"unit":"s","budget":1}]`,
	} {
		name := filepath.Join(t.TempDir(), "budgets.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readBudgets(name); err == nil {
			t.Errorf("%s gave %v, want an error", text, got)
		}
	}
}
