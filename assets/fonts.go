package assets

import (
	_ "embed"

	"fyne.io/fyne/v2"
)

// The fonts. Set one as a text's FontSource, or return it from a theme; all of
// them are immutable. Weights that [fyne.TextStyle] can't name (medium and
// semibold) are reached through FontSource only.
var (
	InterRegular  fyne.Resource = fyne.NewStaticResource("Inter-Regular.ttf", interRegular)
	InterMedium   fyne.Resource = fyne.NewStaticResource("Inter-Medium.ttf", interMedium)
	InterSemiBold fyne.Resource = fyne.NewStaticResource("Inter-SemiBold.ttf", interSemiBold)
	InterBold     fyne.Resource = fyne.NewStaticResource("Inter-Bold.ttf", interBold)

	InterItalic     fyne.Resource = fyne.NewStaticResource("Inter-Italic.ttf", interItalic)
	InterBoldItalic fyne.Resource = fyne.NewStaticResource("Inter-BoldItalic.ttf", interBoldItalic)

	SerifRegular    fyne.Resource = fyne.NewStaticResource("SourceSerif4-Regular.ttf", serifRegular)
	SerifSemiBold   fyne.Resource = fyne.NewStaticResource("SourceSerif4-SemiBold.ttf", serifSemiBold)
	SerifBold       fyne.Resource = fyne.NewStaticResource("SourceSerif4-Bold.ttf", serifBold)
	SerifItalic     fyne.Resource = fyne.NewStaticResource("SourceSerif4-Italic.ttf", serifItalic)
	SerifBoldItalic fyne.Resource = fyne.NewStaticResource("SourceSerif4-BoldItalic.ttf", serifBoldItalic)

	MonoRegular fyne.Resource = fyne.NewStaticResource("JetBrainsMono-Regular.ttf", monoRegular)
	MonoBold    fyne.Resource = fyne.NewStaticResource("JetBrainsMono-Bold.ttf", monoBold)
)

var (
	//go:embed fonts/Inter-Regular.ttf
	interRegular []byte
	//go:embed fonts/Inter-Medium.ttf
	interMedium []byte
	//go:embed fonts/Inter-SemiBold.ttf
	interSemiBold []byte
	//go:embed fonts/Inter-Bold.ttf
	interBold []byte
	//go:embed fonts/Inter-Italic.ttf
	interItalic []byte
	//go:embed fonts/Inter-BoldItalic.ttf
	interBoldItalic []byte

	//go:embed fonts/SourceSerif4-Regular.ttf
	serifRegular []byte
	//go:embed fonts/SourceSerif4-SemiBold.ttf
	serifSemiBold []byte
	//go:embed fonts/SourceSerif4-Bold.ttf
	serifBold []byte
	//go:embed fonts/SourceSerif4-Italic.ttf
	serifItalic []byte
	//go:embed fonts/SourceSerif4-BoldItalic.ttf
	serifBoldItalic []byte

	//go:embed fonts/JetBrainsMono-Regular.ttf
	monoRegular []byte
	//go:embed fonts/JetBrainsMono-Bold.ttf
	monoBold []byte
)
