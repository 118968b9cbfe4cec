// Package find searches a text for what a person looks for. It knows nothing of
// documents or of a screen.
//
// A literal is compared code point by code point. Without Case two code points
// are the same if Unicode's simple case folding makes them so: K, k and the
// Kelvin sign; s and ſ; ß and ẞ; the three sigmas. A match therefore has as many
// code points as the query: ß does not match ss, and İ and ı match only
// themselves. Nothing is normalised: é written as one code point does not match e
// with a combining accent, and e matches the letter under one.
//
// A whole word begins and ends where letters, marks, digits and connectors such as
// _ do not go on. An apostrophe parts words, so that homme is found in l'homme.
// In scripts written without spaces, such as Chinese and Thai, words may begin and
// end between any two letters.
//
// Regular expressions are those of package regexp, with ^ and $ at every line. An
// expression that cannot match a newline is searched some lines at a time; others
// see the whole text at once. To find one match takes Go's expressions time in
// proportion to the text, or to its line, whatever they are; but an expression such
// as a.*c|a may take that for each match. A search can be stopped after a few
// lines or matches, and later after as many matches as it has.
package find
