package desktop

import (
	"starling/app/editor"
	"starling/app/typeset"
	"starling/assets"
)

// pageTheme is the look of a text.
func pageTheme(t *assets.Tokens) editor.Theme {
	return editor.Theme{
		Page: t.Page, Text: t.Text, Dim: t.Dim, Faint: t.Faint, Accent: t.Accent,
		Code: t.Code, Line: t.Line, Selection: t.Selection, Arrived: t.Arrived,
		Found: t.Found, Wrong: t.Wrong,
		Keyword: t.Keyword, String: t.String, Comment: t.Comment, Number: t.Number,
		Function: t.Function, Type: t.Type,
		Serif: typeset.Fonts{
			typeset.Regular: assets.SerifRegular, typeset.SemiBold: assets.SerifSemiBold, typeset.Bold: assets.SerifBold,
			typeset.Italic: assets.SerifItalic, typeset.BoldItalic: assets.SerifBoldItalic,
			typeset.Mono: assets.MonoRegular, typeset.MonoBold: assets.MonoBold, typeset.UI: assets.InterSemiBold,
		},
		Sans: typeset.Fonts{
			typeset.Regular: assets.InterRegular, typeset.SemiBold: assets.InterSemiBold, typeset.Bold: assets.InterBold,
			typeset.Italic: assets.InterItalic, typeset.BoldItalic: assets.InterBoldItalic,
			typeset.Mono: assets.MonoRegular, typeset.MonoBold: assets.MonoBold, typeset.UI: assets.InterSemiBold,
		},
		// It has no italic here: emphasis shows by its marks and its weight.
		Mono: typeset.Fonts{
			typeset.Regular: assets.MonoRegular, typeset.SemiBold: assets.MonoBold, typeset.Bold: assets.MonoBold,
			typeset.Italic: assets.MonoRegular, typeset.BoldItalic: assets.MonoBold,
			typeset.Mono: assets.MonoRegular, typeset.MonoBold: assets.MonoBold, typeset.UI: assets.InterSemiBold,
		},
	}
}
