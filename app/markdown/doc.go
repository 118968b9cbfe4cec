// Package markdown tells what each line of a Markdown text is, how it is
// styled, and how the keys of a writer change it.
//
// Text is read line by line, so that a key costs one line however long the
// text. What a line is depends on three things alone: the [State] that flows
// down to it from the lines above ([Next]), what the line below makes of it
// ([Look]: an underline of a heading, a table's delimiter row), and its own
// text ([Parse]). All three are comparable, so a caller can keep what Parse
// returned under them as its key. Everything here is pure and safe for
// concurrent use; time and memory grow with the length of a line, never with
// its square.
//
// # Flavour
//
// GitHub's: CommonMark 0.31 with tables, task lists, strikethrough, footnotes
// and bare links, and YAML front matter. It is compared with goldmark in the
// tests, for every kind of block and inline that the two share. Whole pages
// ([Page]) are goldmark's. Nothing else is: on a text of 1 MB it takes about ten
// times the 20 ms of [Outline], and would now and then disagree with what is
// drawn.
//
// # Known differences
//
// What cannot be told from a line and the state above it, or would flicker
// while one types:
//
//   - Emphasis, code and links end with their line.
//   - A reference link [text][label] is styled whether or not label is defined,
//     a shortcut [label] is never. A footnote's [^label] is always.
//   - A heading that is underlined is its last line alone. One dash does not
//     underline, since it mostly begins a list.
//   - A table's header counts its cells modulo 8 when it is compared with the
//     delimiter row below.
//   - Nested containers are kept seven quotes deep, and lists inside quotes to
//     column 17. A quote inside a list's item holds no block of several lines.
//   - A link reference definition is one line.
//   - A list in a footnote counts as one level deeper.
//   - Parentheses nest eight deep in a link's destination.
//   - A bare link goes on to the next white space or <, as GitHub's do and
//     goldmark's do not.
//   - An empty item with a space behind its marker begins below the text of
//     the item that it is in, with no blank line between.
//   - "- [ ] " is a task before anything is written behind it.
//   - Bare e-mail addresses are no links; <a@b.example> is.
//   - Character references such as &amp; stay as they are.
//   - A ~ behind an escaped one may begin or end what is struck through; for
//     goldmark it is text.
//   - Lines above [MaxInline] bytes get no inline styles.
package markdown
