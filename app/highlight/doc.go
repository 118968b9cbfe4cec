// Package highlight finds the colours of code in a document: which parts of it
// are keywords, strings, comments and so on.
//
// The languages are those of chroma's own registry. Its rules are backtracking
// expressions, and its lexers may panic and may go round in circles for ever
// (chroma's issue 1377). So its rules are run with bounds: one expression may
// take matchTimeout, one call of Tokens callTimeout and byteTimeout, and a panic is
// caught; what is caught or late has no colours, and what was slow is tried once
// more, within the same time. Lexers whose rules can't be
// bounded are left out: those that are not plain rules (delegating ones,
// Markdown, HTTP, Lisp) or that run code of their own (Raku, reStructuredText).
package highlight
