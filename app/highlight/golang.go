package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// The words of Go by what they are (the Go language specification, "Keywords"
// and "Predeclared identifiers").
const (
	goKeywords  = "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var"
	goConstants = "true false iota nil"
	goTypes     = "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr"
	goBuiltins  = "append cap clear close complex copy delete imag len make max min new panic print println real recover"
)

// newGo returns the lexer for Go, which chroma has as a program only.
func newGo() (chroma.Lexer, error) {
	return chroma.NewLexer(&chroma.Config{
		Name:      "Go",
		Aliases:   []string{"go", "golang"},
		Filenames: []string{"*.go"},
	}, func() chroma.Rules { return bound(goRules()) })
}

// goWords are Go's words by what they are.
var goWords = map[chroma.TokenType]string{
	chroma.Keyword:         goKeywords,
	chroma.KeywordConstant: goConstants,
	chroma.KeywordType:     goTypes,
	chroma.NameBuiltin:     goBuiltins,
}

// goRules are the lexical elements of the specification, the frequent ones
// first.
func goRules() chroma.Rules {
	kinds := map[string]chroma.TokenType{}
	for kind, words := range goWords {
		for w := range strings.FieldsSeq(words) {
			kinds[w] = kind
		}
	}
	identifier := func(or chroma.TokenType) chroma.Emitter {
		return chroma.EmitterFunc(func(groups []string, _ *chroma.LexerState) chroma.Iterator {
			kind, known := kinds[groups[0]]
			if !known || kind == chroma.NameBuiltin && or != chroma.NameFunction {
				kind = or
			}
			return chroma.Literator(chroma.Token{Type: kind, Value: groups[0]})
		})
	}
	return chroma.Rules{"root": {
		{Pattern: `[\s()\[\]{},;]+`, Type: chroma.Punctuation},
		{Pattern: `[_\p{L}][_\p{L}\p{Nd}]*(?=\()`, Type: identifier(chroma.NameFunction)},
		{Pattern: `[_\p{L}][_\p{L}\p{Nd}]*`, Type: identifier(chroma.NameOther)},
		{Pattern: `//[^\n]*`, Type: chroma.CommentSingle},
		{Pattern: `/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?`, Type: chroma.CommentMultiline},
		{Pattern: `"(?:[^"\\\n]|\\.)*"?`, Type: chroma.LiteralString},
		{Pattern: "`[^`]*`?", Type: chroma.LiteralString},
		{Pattern: `'(?:[^'\\\n]|\\.)*'?`, Type: chroma.LiteralStringChar},
		{Pattern: `0[xX][0-9a-fA-F_.]+(?:[pP][+-]?[0-9_]+)?i?`, Type: chroma.LiteralNumberHex},
		{Pattern: `0[bBoO][0-9_]+i?`, Type: chroma.LiteralNumberBin},
		{Pattern: `(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?i?`, Type: chroma.LiteralNumber},
		{Pattern: `[-+*/%&|^<>=!:~]`, Type: chroma.Operator},
		{Pattern: `\.+`, Type: chroma.Punctuation},
	}}
}
