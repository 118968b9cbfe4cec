package desktop

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"starling/app/editor"
)

// maxSought is how many code points of the selection a search begins with; what
// is longer was hardly selected to be sought.
const maxSought = 200

// foundView is what the bar says of a search.
type foundView struct {
	Count string
	Error string // why it can't be searched for
}

// noMatch says that there is none.
const noMatch = "No match"

// foundOf says how a search stands; text is what is sought.
func foundOf(text string, f editor.Found) foundView {
	switch {
	case text == "":
		return foundView{}
	case f.Err != nil:
		return foundView{Error: f.Err.Error()}
	case f.Count == 0:
		return foundView{Count: noMatch}
	}
	count := grouped(f.Count)
	if f.More {
		count += "+"
	}
	if f.Current > 0 {
		return foundView{Count: grouped(f.Current) + " of " + count}
	}
	if f.Count == 1 {
		return foundView{Count: "1 match"}
	}
	return foundView{Count: count + " matches"}
}

// soughtIn is what a search begins with when text is selected: nothing, if that
// is long or goes over lines.
func soughtIn(selected string) string {
	if strings.ContainsRune(selected, '\n') || utf8.RuneCountInString(selected) > maxSought {
		return ""
	}
	return selected
}

// grouped writes a number that is not negative with a comma at each thousand.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// lineAsked reads the number of a line; ok is false if there is none.
func lineAsked(text string) (n int, ok bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ",", "")
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}
