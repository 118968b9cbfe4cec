package highlight

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
)

// Kind is what a part of code is, as far as colours go.
type Kind uint8

// The kinds of tokens. What chroma takes for an error is Plain: code in a note
// is often a fragment.
const (
	Plain Kind = iota
	Keyword
	Name
	Type
	Function
	String
	Number
	Comment
	Operator
)

// Token is a part of code of one kind: the bytes from From up to To.
type Token struct {
	From, To int
	Kind     Kind
}

// MaxCode is the longest code that gets colours, in bytes.
const MaxCode = 64 << 10

// Tokens returns the coloured parts of code, ascending and apart, beginning
// and ending at rune boundaries; what lies between them is Plain. language is
// the info string of a fence, such as "go" or "C++"; only its first word
// counts, in either case.
//
// It returns nil for an unknown language, for code above [MaxCode] or of invalid
// UTF-8, and where the lexer fails or takes too long (0.25 s for a line and
// 0.9 s for 64 KiB as a rule, never more than 2 s). The first call for a
// language is slower by the 2 to 30 ms its rules take to be compiled. A line
// takes 0.1 to 0.3 ms, forty lines 4 to 10: callers keep the result, and ask
// away from the UI goroutine. Tokens is safe for concurrent use, and never
// panics.
func Tokens(language, code string) []Token {
	if code == "" || len(code) > MaxCode || !utf8.ValidString(code) {
		return nil
	}
	e := take()
	defer put(e)
	lexer := e.find(language)
	if lexer == nil {
		return nil
	}
	return e.run(lexer, code)
}

// run is Tokens for one of the engine's lexers.
func (e *engine) run(lexer chroma.Lexer, code string) []Token {
	e.end = time.Now().Add(callTimeout + time.Duration(len(code))*byteTimeout)
	tokens := e.attempt(lexer, code)
	// An expression that was stopped matches nothing, and then another one does
	// that means something else. That happens to good ones on a busy computer.
	if e.slow {
		if again := e.attempt(lexer, code); again != nil {
			return again
		}
	}
	return tokens
}

// attempt is run, up to the engine's end.
func (e *engine) attempt(lexer chroma.Lexer, code string) (tokens []Token) {
	// A lexer's faults, a rule that does not fit its state or a guard's
	// errLate, come as panics by chroma's design. The lexer's state belongs to
	// this call alone, so nothing is left half done.
	defer func() {
		if recover() != nil {
			tokens = nil
		}
	}()
	e.matched, e.slow = time.Time{}, false
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, code)
	if err != nil {
		return nil
	}
	at := 0
	for t := next(); t != chroma.EOF && at < len(code); t = next() {
		if time.Now().After(e.end) {
			return nil
		}
		value := t.Value
		if len(value) > len(code)-at {
			// The newline that lexers which need one add at the end.
			value = strings.TrimSuffix(value, "\n")
		}
		if !strings.HasPrefix(code[at:], value) {
			return nil // not this code's token: no colours rather than wrong ones
		}
		tokens = add(tokens, Token{From: at, To: at + len(value), Kind: kindOf(t.Type)})
		at += len(value)
	}
	return tokens
}

// add appends t to tokens, or lengthens the last of them by it.
func add(tokens []Token, t Token) []Token {
	if t.Kind == Plain || t.From == t.To {
		return tokens
	}
	if n := len(tokens); n > 0 && tokens[n-1].To == t.From && tokens[n-1].Kind == t.Kind {
		tokens[n-1].To = t.To
		return tokens
	}
	return append(tokens, t)
}

// kindOf returns our kind for one of chroma's.
func kindOf(t chroma.TokenType) Kind {
	switch t {
	case chroma.KeywordType, chroma.NameClass, chroma.NameException:
		return Type
	case chroma.NameTag, chroma.OperatorWord, chroma.OperatorReserved, chroma.CommentPreproc,
		chroma.GenericDeleted, chroma.NameBuiltinPseudo:
		return Keyword
	case chroma.CommentPreprocFile, chroma.GenericInserted:
		return String
	case chroma.NameDecorator, chroma.NameBuiltin, chroma.GenericHeading, chroma.GenericSubheading:
		return Function
	case chroma.LiteralDate:
		return Number
	}
	switch t.SubCategory() {
	case chroma.NameFunction:
		return Function
	case chroma.LiteralNumber:
		return Number
	}
	return kinds[t.Category()]
}

// kinds are the kinds of chroma's categories; Plain is left out.
var kinds = map[chroma.TokenType]Kind{
	chroma.Keyword:  Keyword,
	chroma.Name:     Name,
	chroma.Literal:  String,
	chroma.Operator: Operator,
	chroma.Comment:  Comment,
}
