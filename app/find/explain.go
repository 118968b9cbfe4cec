package find

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// sentence is an error that is shown to people as it is.
type sentence string

func (s sentence) Error() string { return string(s) }

// explain says in a sentence what is wrong with an expression, and where if that
// can be told.
func explain(text string, err error) error {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return sentence("This is not a regular expression.")
	}
	words := inWords(wrong)
	at := -1
	switch wrong.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		at = lonely(text)
	case syntax.ErrTrailingBackslash:
		at = len(text) - 1
	default:
		if wrong.Expr != "" && strings.Count(text, wrong.Expr) == 1 {
			at = strings.Index(text, wrong.Expr)
		}
	}
	if at >= 0 {
		return sentence(fmt.Sprintf("%s, at character %d.", words, utf8.RuneCountInString(text[:at])+1))
	}
	return sentence(words + ".")
}

// inWords is the sentence without its full stop.
func inWords(wrong *syntax.Error) string {
	switch wrong.Code {
	case syntax.ErrMissingParen:
		return "There is a ( without its )"
	case syntax.ErrUnexpectedParen:
		return "There is a ) without its ("
	case syntax.ErrMissingBracket:
		return "There is a [ without its ]"
	case syntax.ErrTrailingBackslash:
		return `There is a \ with nothing after it`
	case syntax.ErrMissingRepeatArgument:
		return fmt.Sprintf("There is nothing before %s to repeat", wrong.Expr)
	case syntax.ErrInvalidRepeatOp:
		return fmt.Sprintf("%s repeats what repeats already", wrong.Expr)
	case syntax.ErrInvalidRepeatSize:
		return fmt.Sprintf("Nothing can be repeated as %s asks", wrong.Expr)
	case syntax.ErrInvalidCharRange:
		return fmt.Sprintf("The range %s is the wrong way round", wrong.Expr)
	case syntax.ErrInvalidCharClass, syntax.ErrInvalidEscape:
		return fmt.Sprintf("%s has no meaning", wrong.Expr)
	case syntax.ErrInvalidNamedCapture:
		return fmt.Sprintf("%s is no name for a group", wrong.Expr)
	case syntax.ErrInvalidPerlOp:
		return fmt.Sprintf("%s is not known here; there is no looking ahead or back", wrong.Expr)
	case syntax.ErrInvalidUTF8:
		return "This is not text"
	case syntax.ErrLarge, syntax.ErrNestingDepth:
		return "This expression is too large"
	}
	return "This is not a regular expression"
}

// lonely returns the byte of the last ( that nothing closes, or of the first ) that
// nothing opens; -1 if there is neither.
func lonely(text string) int {
	var open []int
	class := -1 // where a [ opened a class
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if strings.HasPrefix(text[i:], `\Q`) {
				end := strings.Index(text[i:], `\E`)
				if end < 0 {
					end = len(text) - i
				}
				i += end
			}
			i++
		case class >= 0:
			if first := i == class+1 || i == class+2 && text[i-1] == '^'; c == ']' && !first {
				class = -1
			} else if end := strings.Index(text[i:], ":]"); strings.HasPrefix(text[i:], "[:") && end > 0 {
				i += end + 1
			}
		case c == '[':
			class = i
		case c == '(':
			open = append(open, i)
		case c == ')' && len(open) == 0:
			return i
		case c == ')':
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}
