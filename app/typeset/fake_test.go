package typeset

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

func testFonts(t testing.TB) Fonts {
	return Fonts{
		Regular: fontFile(t, "SourceSerif4-Regular"), SemiBold: fontFile(t, "SourceSerif4-SemiBold"),
		Bold: fontFile(t, "SourceSerif4-Bold"), Italic: fontFile(t, "SourceSerif4-Italic"),
		BoldItalic: fontFile(t, "SourceSerif4-BoldItalic"), Mono: fontFile(t, "JetBrainsMono-Regular"),
		MonoBold: fontFile(t, "JetBrainsMono-Bold"), UI: fontFile(t, "Inter-SemiBold"),
	}
}

var files = make(map[string]fyne.Resource)

func fontFile(t testing.TB, name string) fyne.Resource {
	t.Helper()
	if f, ok := files[name]; ok {
		return f
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "assets", "fonts", name+".ttf"))
	if err != nil {
		t.Fatal(err)
	}
	files[name] = fyne.NewStaticResource(name+".ttf", data)
	return files[name]
}

var ink = Ink{Face: Regular, Size: 17}

// page is a line as the page has it.
func page(text string, width float32, spans ...Span) Line {
	return Line{Text: text, Spans: spans, Width: width, Row: 27.5, Base: ink}
}
