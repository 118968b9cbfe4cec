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
