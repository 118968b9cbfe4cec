package editor

import (
	"strings"
	"testing"
)

// TestLongTablesStayAligned holds that the columns of a long table are aligned as
// its head says, however far below that a row is.
func TestLongTablesStayAligned(t *testing.T) {
	const rows = 1000
	row := "| gull | 7 |\n| dunlin | 340 |\n"
	s := newStage(t, "| a | b |\n|--:|---|\n| 1 | 2 |\n\nbetween\n\n| species | seen |\n|---|------:|\n"+strings.Repeat(row, rows/2)+"\nend\n")
	for _, line := range []int{9, 150, 210, 600, rows} {
		s.GoToLine(line)
		ends := make(map[float32]int)
		for i := range s.view.lines {
			l := &s.view.lines[i]
			if !strings.Contains(row, l.text+"\n") || l.text == "" {
				continue
			}
			digit := strings.LastIndexByte(l.text, ' ')
			ends[round(l.X(0, digit))]++
		}
		if len(ends) != 1 {
			t.Errorf("in line %d the numbers end at %v", line, ends)
		}
	}
}

// columnsAt are where the letters c begin in the rows in view, by how many.
func (s *stage) columnsAt(sign string) map[float32]int {
	at := make(map[float32]int)
	for i := range s.view.lines {
		l := &s.view.lines[i]
		if n := strings.Index(l.text, sign); n >= 0 {
			at[round(l.X(0, n))]++
		}
	}
	return at
}

// TestWideTables holds that short columns stay aligned beside one that is wider
// than the page.
func TestWideTables(t *testing.T) {
	long := strings.Repeat("long ", 60)
	for name, text := range map[string]string{
		"the last":  "| a | @ c |\n|---|---|\n| bbbbb | @ " + long + "|\n| b | @ d |\n",
		"the first": "| a | @ c |\n|---|---|\n| bbb | @ d |\n| " + long + "| c |\n| bb | @ e |\n",
		"both":      "| a | @ c |\n|---|---|\n| " + long + "| " + long + " |\n| b | @ d |\n| bbb | @ e |\n",
	} {
		s := newStage(t, text)
		if at := s.columnsAt("@"); len(at) != 1 {
			t.Errorf("%s: the second column begins at %v", name, at)
		}
		for i := range s.view.lines {
			if l := &s.view.lines[i]; !strings.Contains(l.text, "long") && len(l.Rows) != 1 {
				t.Errorf("%s: %q wraps", name, l.text)
			}
		}
	}
}

// TestWhatIsBesideARow holds that who writes before the first pipe of a row leaves
// the others as they are.
func TestWhatIsBesideARow(t *testing.T) {
	text := "| a | @ c |\n|---|---|\n| bbbbbbb | @ d |\n| bbb | @ "
	s := newStage(t, text+"e |\n")
	before := s.columnsAt("@ d")
	s.GoTo(strings.Index(text, "| bbb |"))
	s.TypedRune('x')
	for x := range before {
		for _, sign := range []string{"@ c", "@ d"} {
			for now := range s.columnsAt(sign) {
				if abs(now-x) > 1 {
					t.Errorf("%s begins at %v, not at %v", sign, now, x)
				}
			}
		}
	}
}
