package assets

import _ "embed"

// Help is the help, in Markdown.
//
//go:embed help/help.md
var Help string
