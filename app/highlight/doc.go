// Package highlight finds the colours of code in a document: which parts of it
// are keywords, strings, comments and so on.
//
// It stands on chroma's engine. Chroma's own package of lexers reads all 280
// languages when the program starts (6 ms and 2.7 MB of garbage), so the
// languages people write notes with are kept in the folder lexers and are read
// when the first code is shown; the rules of one language are compiled when it
// is first met.
//
// Chroma's rules are backtracking expressions, and its lexers may panic and
// may go round in circles. Three things hold them: one expression may take
// matchTimeout, one call of Tokens may take callTimeout, and a panic is caught;
// what is caught or late has no colours.
package highlight
