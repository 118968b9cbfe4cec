package markdown

import "strings"

// front deals with front matter: YAML between two lines of --- at the very
// start. A first line of --- with nothing like YAML below it is a rule.
func (s *scanner) front(state State) bool {
	trimmed := strings.TrimRight(s.line, " \t\r")
	switch {
	case state == 0 && trimmed == "---":
		s.kind = FrontMatter
		s.next = flow{mode: modeFront, length: 1}
		return true
	case s.was.mode != modeFront:
		return false
	case s.was.length == 1 && !isYAML(trimmed):
		s.was = flow{}
		return false
	}
	s.kind = FrontMatter
	if trimmed != "---" && trimmed != "..." {
		s.next = flow{mode: modeFront}
	}
	return true
}

// isYAML reports whether a line may be the second of front matter.
func isYAML(line string) bool {
	if line == "---" || strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
		return true
	}
	key, _, ok := strings.Cut(line, ":")
	return ok && key != "" && len(key) < 80 && !strings.ContainsAny(key, " \t*_`[<>|")
}
