package assets

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"image"
	"image/color"
	"image/png"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// ink is the colour that the tests draw with.
var ink = color.NRGBA{R: 0xB4, G: 0x43, B: 0x6C, A: 0xFF}

func TestIconsAndConstantsAreTheSame(t *testing.T) {
	entries, err := os.ReadDir("icons")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".svg"); ok {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	names := iconConstants(t)
	slices.Sort(names)
	if !slices.Equal(files, names) {
		t.Errorf("files and constants differ:\nfiles     %v\nconstants %v", files, names)
	}
}

func TestIconsAreDrawnInTheirColour(t *testing.T) {
	test.NewTempApp(t)
	for _, name := range iconConstants(t) {
		img := drawIcon(Icon(name).In(ink))
		full, other := 0, 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
				switch {
				case near(c.R, ink.R) && near(c.G, ink.G) && near(c.B, ink.B):
					full++
				case c.R < ink.R-2 || c.B < ink.B-2:
					other++ // darker than the ink: not a blend of it with the white ground
				}
			}
		}
		if full < 60 {
			t.Errorf("%s has only %d pixels of its colour", name, full)
		}
		if other > 0 {
			t.Errorf("%s has %d pixels of another colour", name, other)
		}
	}
}

func near(a, b uint8) bool { return a <= b+3 && b <= a+3 }

// Fyne's SVG reader draws strokes in pixels of the screen whatever the icon's
// size, and repeated arcs wrong. So an icon is filled outlines; see the README
// beside them.
func TestIconsAreOutlines(t *testing.T) {
	form := regexp.MustCompile(`^<svg [^>]*viewBox="0 0 24 24">\n(  <path fill="currentColor" d="[MLQCZ0-9. -]+"/>\n)+</svg>\n$`)
	for _, name := range iconConstants(t) {
		svg, err := os.ReadFile("icons/" + name + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		if !form.Match(svg) {
			t.Errorf("%s was not made by outline.cjs", name)
		}
	}
}

// A resource's name decides whether Fyne draws it anew, so it must tell
// colours and alphas apart.
func TestIconNameTellsTheColour(t *testing.T) {
	names := map[string]bool{}
	colours := []color.Color{
		hex(0x000000), hex(0x000001), fade(hex(0x000000), 0x80), color.Transparent,
	}
	for _, c := range colours {
		names[IconBird.In(c).Name()] = true
	}
	if len(names) != len(colours) {
		t.Errorf("%d colours share %d names: %v", len(colours), len(names), names)
	}
	if a, b := IconBird.In(color.Black), IconBird.In(color.NRGBA{A: 0xFF}); a.Name() != b.Name() {
		t.Errorf("one colour has two names: %s and %s", a.Name(), b.Name())
	}
}

func TestFyneCanColourIcons(t *testing.T) {
	test.NewTempApp(t)
	themed := theme.NewThemedResource(IconBird.In(ink))
	if got := string(themed.Content()); !strings.Contains(got, "<path") || strings.Contains(got, "#b4436c") {
		t.Errorf("the theme did not colour the icon: %s", got)
	}
}

func TestUnknownIconPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an icon that is not there gave a resource")
		}
	}()
	Icon("no-such-bird").In(color.Black)
}

// Fyne draws with the theme's font when a font can't be read, and says so only
// in the log. Every font of ours must measure unlike that one, know letters of
// the scripts that it was kept for, and kern.
func TestFontsAreRead(t *testing.T) {
	test.NewTempApp(t)
	width := func(text string, font fyne.Resource) float32 {
		size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, 100, fyne.TextStyle{}, font)
		return size.Width
	}
	const sample = "Read it aloud, gently"
	kerned := []fyne.Resource{
		InterRegular, InterMedium, InterSemiBold, InterBold, InterItalic, InterBoldItalic,
		SerifRegular, SerifSemiBold, SerifBold, SerifItalic, SerifBoldItalic,
	}
	seen := map[float32]string{width(sample, nil): "the theme's font"}
	for _, font := range kerned {
		w := width(sample, font)
		if other, taken := seen[w]; taken {
			t.Errorf("%s measures like %s", font.Name(), other)
		}
		seen[w] = font.Name()
		if pair, apart := width("AV", font), width("A", font)+width("V", font); pair >= apart {
			t.Errorf("%s does not kern AV: %v together, %v apart", font.Name(), pair, apart)
		}
	}
	for _, font := range []fyne.Resource{MonoRegular, MonoBold} {
		for _, text := range []string{"iii", "WWW", "жже", "λςΩ", "->=", "=>>"} {
			if w, cell := width(text, font), width("0", font); w != 3*cell {
				t.Errorf("%s: %q is %v wide, not three cells of %v", font.Name(), text, w, cell)
			}
		}
	}
}

func TestAppIcon(t *testing.T) {
	config, err := png.DecodeConfig(bytes.NewReader(AppIcon.Content()))
	if err != nil {
		t.Fatalf("read icon.png: %v", err)
	}
	if config.Width != 512 || config.Height != 512 {
		t.Errorf("icon.png is %d x %d, not 512 x 512", config.Width, config.Height)
	}
}

func drawIcon(icon fyne.Resource) image.Image {
	window := test.NewWindow(canvas.NewImageFromResource(icon))
	defer window.Close()
	window.SetPadded(false)
	window.Resize(fyne.NewSize(64, 64))
	return software.RenderCanvas(window.Canvas(), whiteTheme{test.Theme()})
}

type whiteTheme struct{ fyne.Theme }

func (whiteTheme) Color(fyne.ThemeColorName, fyne.ThemeVariant) color.Color { return color.White }

// iconConstants are the values of the constants of type Icon.
func iconConstants(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "icons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Icon" {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		return true
	})
	if len(names) == 0 {
		t.Fatal("no constants of type Icon in icons.go")
	}
	return names
}
