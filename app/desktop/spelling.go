package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"starling/app/spell"
)

// ownWords is the file in the home with the words that the person added, one a
// line.
const ownWords = "words.txt"

// spelling is what is known of the dictionaries of this computer. It belongs to
// the window's goroutine; the dictionaries are read by the bridge.
type spelling struct {
	installed []spell.Info
	looked    bool // for dictionaries
	checker   *spell.Checker
	turn      int // counts what was asked to be read
}

// fitting are the dictionaries to use: those chosen, or if none is, those that
// fit the person's system.
func fitting(installed []spell.Info, chosen []string) []spell.Info {
	if len(chosen) == 0 {
		return spell.Preferred(installed, os.Getenv)
	}
	var some []spell.Info
	for _, info := range installed {
		if slices.Contains(chosen, info.Language) {
			some = append(some, info)
		}
	}
	return some
}

// loadSpelling reads the dictionaries that are wanted. Spelling is off until
// they are read, and stays so if there are none.
func (w *window) loadSpelling() {
	w.spelling.turn++
	turn := w.spelling.turn
	off, chosen, own := w.settings.NoSpelling, slices.Clone(w.settings.Languages), filepath.Join(w.home, ownWords)
	var installed []spell.Info
	var checker *spell.Checker
	w.bridge.do(func(ctx context.Context) error {
		installed = spell.Installed()
		if off {
			return nil
		}
		var err error
		checker, err = openChecker(ctx, own, fitting(installed, chosen))
		return err
	}, func(err error) {
		if turn != w.spelling.turn {
			return
		}
		w.spelling.installed, w.spelling.looked, w.spelling.checker = installed, true, checker
		if w.editor != nil {
			w.editor.SetSpell(w.speller())
		}
		if err != nil {
			w.complain(err)
		}
	})
}

// openChecker reads dictionaries; nil if there are none. One that can't be read
// is left out, and said.
func openChecker(ctx context.Context, own string, infos []spell.Info) (*spell.Checker, error) {
	var dictionaries []*spell.Dictionary
	var bad error
	for _, info := range infos {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		d, err := spell.Open(info)
		if err != nil {
			bad = err
			continue
		}
		dictionaries = append(dictionaries, d)
	}
	if len(dictionaries) == 0 {
		return nil, bad
	}
	c, err := spell.New(own, dictionaries...)
	if err != nil {
		return nil, err
	}
	return c, bad
}

// learn makes a word right for ever.
func (w *window) learn(word string) {
	checker := w.spelling.checker
	if checker == nil || word == "" {
		return
	}
	w.bridge.do(func(context.Context) error { return checker.Add(word) }, func(err error) {
		if err != nil {
			w.complain(err)
			return
		}
		if w.editor != nil && w.spelling.checker == checker {
			w.editor.SetSpell(w.speller()) // looks at every word again
		}
		w.mention("“" + clean(word) + "” is one of your words now.")
	})
}

// spellingRows are what the menu of the page's looks says of spelling.
func (w *window) spellingRows() []fyne.CanvasObject {
	s := &w.spelling
	if s.looked && len(s.installed) == 0 {
		return []fyne.CanvasObject{newQuietRow("No spelling dictionaries on this computer")}
	}
	on := newCheck("Check spelling", "", !w.settings.NoSpelling, func(on bool) {
		w.change(func(s *settings) { s.NoSpelling = !on })
	})
	languages := newRowButton("", "Languages…", w.languagesLine(), w.showLanguages)
	languages.indent = 21
	return []fyne.CanvasObject{on, languages}
}

// used are the dictionaries that are used, or would be with spelling on.
func (w *window) used() []spell.Info {
	return fitting(w.spelling.installed, w.settings.Languages)
}

// languagesLine names the languages that are used, the first and how many more.
func (w *window) languagesLine() string {
	used := w.used()
	switch len(used) {
	case 0:
		return "none"
	case 1:
		return languageName(used[0].Language)
	}
	return fmt.Sprintf("%s and %d more", languageName(used[0].Language), len(used)-1)
}

// showLanguages opens the menu of dictionaries.
func (w *window) showLanguages() {
	used := map[string]bool{}
	for _, info := range w.used() {
		used[info.Language] = true
	}
	rows := newStack(1)
	for _, info := range w.spelling.installed {
		rows.Add(newCheck(languageName(info.Language), "", used[info.Language], func(on bool) {
			used[info.Language] = on
			w.change(func(set *settings) { set.Languages = chosen(w.spelling.installed, used) })
		}))
	}
	scroll := container.NewVScroll(rows)
	box := newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(240, min(rows.MinSize().Height, menuHeight)) },
		func(size fyne.Size) { place(scroll, 0, 0, size.Width, size.Height) }, scroll)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.header.view)
	w.openDialog(newMenu(box, at.AddXY(w.header.view.Size().Width-240-12, w.header.view.Size().Height+6), w.closeDialog))
}

// chosen are the languages to keep: those used. With none the choice is void,
// and the person's own language is checked.
func chosen(installed []spell.Info, used map[string]bool) []string {
	var all []string
	for _, info := range installed {
		if used[info.Language] {
			all = append(all, info.Language)
		}
	}
	return all
}

// languageName is how a language is written for people.
func languageName(code string) string {
	code = strings.ReplaceAll(code, "-", "_")
	start, rest, _ := strings.Cut(code, "_")
	name, ok := languageNames[start]
	switch {
	case !ok:
		return code
	case rest == "":
		return name
	}
	return name + " (" + strings.ReplaceAll(rest, "_", " ") + ")"
}

var languageNames = map[string]string{
	"af": "Afrikaans", "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "br": "Breton",
	"ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
	"eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
	"fr": "French", "ga": "Irish", "gd": "Gaelic", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
	"hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ko": "Korean",
	"lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "nb": "Norwegian Bokmål", "nl": "Dutch",
	"nn": "Norwegian Nynorsk", "oc": "Occitan", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
	"ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
	"sw": "Swahili", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}

// newQuietRow says something in a menu that can't be pressed.
func newQuietRow(words string) *ground {
	text := newCutLabel(words, faceText, inkDim)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(120, 30) },
		func(size fyne.Size) { place(text, 8, 0, size.Width-16, size.Height) }, text)
}
