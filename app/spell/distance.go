package spell

import (
	"strings"
	"unicode"
)

// target is a misspelt word that others are compared with.
type target struct {
	runes []rune
	lower []rune
	caps  capitals
}

// newTarget returns a word ready to be compared.
func newTarget(word string) target {
	return target{[]rune(word), []rune(strings.ToLower(word)), capsOf(word)}
}

// cost returns how far a word is from the target in the costs of typical
// mistakes, or more than maxCost.
func (t target) cost(word string) int {
	w := []rune(word)
	if d := len(w) - len(t.runes); d > 2 || d < -2 {
		return maxCost + 1
	}
	lower := make([]rune, len(w))
	capitals := false
	for i, r := range w {
		lower[i] = unicode.ToLower(r)
		capitals = capitals || i < len(t.runes) && lower[i] != r && t.runes[i] == lower[i]
	}
	cost := editCost(t.lower, lower)
	if len(w) > 0 && len(t.lower) > 0 && lower[0] != t.lower[0] {
		cost += costFirst
	}
	if capitals {
		cost += costCase
	}
	return cost
}

// editCost is the weighted distance of optimal string alignment: letters
// added, left out, replaced, and neighbours swapped.
func editCost(from, to []rune) int {
	before := make([]int, len(to)+1)
	row := make([]int, len(to)+1)
	next := make([]int, len(to)+1)
	for j := range row {
		row[j] = j * costEdit
	}
	for i, a := range from {
		next[0] = (i + 1) * costEdit
		for j, b := range to {
			change := costEdit
			if a == b {
				change = 0
			}
			drop, put := costEdit, costEdit
			if i > 0 && from[i-1] == a {
				drop = costTwice
			}
			if j > 0 && to[j-1] == b {
				put = costTwice
			}
			next[j+1] = min(row[j]+change, row[j+1]+drop, next[j]+put)
			if i > 0 && j > 0 && a == to[j-1] && b == from[i-1] {
				next[j+1] = min(next[j+1], before[j-1]+costSwap)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(to)]
}
