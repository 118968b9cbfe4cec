package peer

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A title is made anew for each edit, from a bounded part of the text; so it is a
// function of that part alone. All are in code points.
const (
	maxTitle     = 120  // of the title itself
	usualLine    = 80   // of the line that it is made of, as a rule: less to read
	maxTitleLine = 512  // of that line
	maxFront     = 4096 // of front matter and the line behind it
)

// titleOf is what a document with this text is called; see [titleFrom].
func titleOf(text string) string {
	return titleFrom(func(n int) string { return firstRunes(text, n) })
}

// titleFrom is what a document is called: the title that its front matter gives
// it, or else the first line as one reads it, behind any front matter. head gives
// the first n code points of the text.
func titleFrom(head func(n int) string) string {
	line, _, ended := strings.Cut(head(usualLine), "\n")
	if !ended {
		line, _, ended = strings.Cut(head(maxTitleLine), "\n")
	}
	if ended && strings.TrimRight(line, " \t\r") == "---" {
		if title, ok := frontTitle(head(maxFront)); ok {
			return tidy(title)
		}
	}
	return tidy(readable(line))
}

// titleReach is how many code points at the start of a text its title follows from:
// what happens behind them leaves it as it is. If it follows from all of the text,
// that is more than any text has.
func titleReach(head func(n int) string) int {
	start := head(maxTitleLine)
	line, _, ended := strings.Cut(start, "\n")
	switch n := utf8.RuneCountInString(line); {
	case ended && strings.TrimRight(line, " \t\r") == "---":
		return math.MaxInt
	case ended:
		return n + 1
	case n == maxTitleLine:
		return n
	}
	return math.MaxInt
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// tidy makes one line of words of a title, and cuts it.
func tidy(title string) string {
	title = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, title)
	return strings.TrimSpace(firstRunes(strings.TrimSpace(title), maxTitle))
}

// frontTitle is the title of a text that begins with a line of ---, if that
// begins YAML front matter and is no rule. It is so for the title and for the page
// alike.
func frontTitle(text string) (title string, ok bool) {
	_, rest, _ := strings.Cut(text, "\n")
	for first := true; rest != ""; first = false {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimRight(line, " \t\r")
		switch {
		case first && !beginsYAML(line):
			return "", false
		case line == "---" || line == "...":
			return firstLineOf(rest), true
		}
		key, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(key, "title") {
			if title := yamlText(value, rest); title != "" {
				return title, true
			}
		}
	}
	return "", true
}

// beginsYAML reports whether a line may be the first of front matter; it is the
// page's own rule.
func beginsYAML(line string) bool {
	if line == "---" || strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
		return true
	}
	key, _, ok := strings.Cut(line, ":")
	return ok && key != "" && len(key) < 80 && !strings.ContainsAny(key, " \t*_`[<>|")
}

// firstLineOf is the first line that is not blank, as one reads it.
func firstLineOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n"), "\n")
	return readable(firstRunes(line, maxTitleLine))
}

// yamlText reads a scalar (yaml.org/spec/1.2.2, chapters 7 and 8) as far as
// titles need it: of one in several lines it is the first.
func yamlText(value, rest string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	switch value[0] {
	case '|', '>':
		line, _, _ := strings.Cut(rest, "\n")
		if !strings.HasPrefix(line, " ") {
			return ""
		}
		return strings.TrimSpace(line)
	case '"':
		if quoted, err := strconv.QuotedPrefix(value); err == nil {
			if text, err := strconv.Unquote(quoted); err == nil {
				return text
			}
		}
		return strings.Trim(value, `"`)
	case '\'':
		inner := strings.ReplaceAll(value[1:], "''", "\x00")
		inner, _, _ = strings.Cut(inner, "'")
		return strings.ReplaceAll(inner, "\x00", "'")
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
