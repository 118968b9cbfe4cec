// Package desktop is Starling's window: documents on the left, the text in the
// middle, and on the right people, the outline of the text, or what was of the
// document. A bar to find something, a menu and the help come and go around the
// text; how it looks is kept in the home, beside the documents.
//
// [Run] opens the peer of a home, shows the window, and ends everything in
// order when the window closes. Three layers lie under it:
//
//   - widgets of our own, drawn with the fonts, colours and measures of package
//     assets, which know nothing of documents or people;
//   - pure functions that turn what the peer knows into what the window says:
//     rows, sentences, chips;
//   - a bridge that gathers the peer's events and reads on goroutines of its
//     own and brings the outcome to the window in one call.
//
// The goroutine of the window never waits: what may touch a disk or a network
// runs on the bridge. It edits a document directly, which takes a short lock
// and no I/O.
package desktop
