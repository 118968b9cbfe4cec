package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"starling/assets"
)

// look returns the colours of the variant that is shown now.
func look() *assets.Tokens {
	return tokens(fyne.CurrentApp().Settings().ThemeVariant())
}

func tokens(variant fyne.ThemeVariant) *assets.Tokens {
	if variant == theme.VariantDark {
		return &assets.Dark
	}
	return &assets.Light
}

// Theme gives Fyne's own parts, of which few are seen, our look.
type Theme struct{}

// Color returns the token that comes closest to a name of Fyne's.
func (Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	t := tokens(variant)
	switch name {
	case theme.ColorNameBackground:
		return t.Page
	case theme.ColorNameForeground:
		return t.Text
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return t.Accent
	case theme.ColorNameForegroundOnPrimary:
		return t.OnAccent
	case theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return t.Panel
	case theme.ColorNameHover, theme.ColorNamePressed:
		return t.Hover
	case theme.ColorNameSelection:
		return t.Selection
	case theme.ColorNameFocus:
		return t.Halo
	case theme.ColorNamePlaceHolder:
		return t.Dim
	case theme.ColorNameDisabled:
		return t.Faint
	case theme.ColorNameInputBackground:
		return t.Page
	case theme.ColorNameInputBorder, theme.ColorNameSeparator:
		return t.Line
	case theme.ColorNameScrollBar:
		return t.Line
	case theme.ColorNameScrollBarBackground, theme.ColorNameShadow:
		return color.Transparent
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font returns Inter, or JetBrains Mono for monospaced text.
func (Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace && style.Bold:
		return assets.MonoBold
	case style.Monospace:
		return assets.MonoRegular
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return assets.InterBold
	}
	return assets.InterRegular
}

// Icon returns Fyne's icons; ours are drawn through package assets.
func (Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// Size returns our measures for Fyne's parts.
func (Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return assets.TextSize
	case theme.SizeNameCaptionText:
		return assets.SmallSize
	case theme.SizeNamePadding:
		return assets.Space
	case theme.SizeNameInnerPadding:
		return 2 * assets.Space
	case theme.SizeNameInputRadius:
		return assets.FieldRadius
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}
