package editor

import (
	"errors"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/app/buffer"
	"starling/app/highlight"
	"starling/app/markdown"
	"starling/app/recent"
	"starling/app/typeset"
)

// Config is what an editor is made of. All functions are called on the UI
// goroutine and may be nil.
type Config struct {
	Document buffer.Document
	// Text is the document's text after its patch number Seen.
	Text string
	Seen uint64

	Theme Theme
	// Placeholder stands where the text would begin while there is none.
	Placeholder string

	// OnCaret is told where caret and anchor are after the person moved them.
	OnCaret func(caret, anchor int)
	// OnScroll is told where the first row in view starts after another one has
	// become it, but while the view follows somebody else's.
	OnScroll func(top int)
	// OnError is told of edits that failed. The text is as it was.
	OnError func(error)
	// OnChange is told once after each action, of the person or of others, that
	// may have changed the text, the selection or the settings.
	OnChange func()

	Settings Settings
	// OnSettings is told of settings that the person changed by a key.
	OnSettings func(Settings)

	// ReadOnly, if not empty, is why nobody may write here. Typing is refused,
	// and OnRefused is given this sentence.
	ReadOnly  string
	OnRefused func(sentence string)

	// Pieces tells who wrote n code points of the text from place at on, as it
	// stood after patch number seen, and with deleted what was deleted among
	// them. ok is false if the text is another one by now: its patches come
	// soon, and the editor asks again.
	Pieces func(at, n int, seen uint64, deleted bool) (pieces []Piece, ok bool)
	// Writer tells who an actor is, the raw bytes of [buffer.Patch]'s.
	Writer func(actor string) Writer

	// Background runs work on a goroutine of its owner's, then done on the UI
	// goroutine, unless the program ends before. nil runs both at once.
	Background func(work, done func())

	// OnFollow is told whose view is followed, empty for nobody's, when that
	// changes.
	OnFollow func(id string)

	// Spell tells which words are right; nil for nobody.
	Spell Speller

	// OnMenu is asked for a menu, by the mouse or a key.
	OnMenu func(Menu)
	// OnCommand is asked for what the editor can't do itself, such as
	// [ShowFind], and returns whether it did it.
	OnCommand func(Command) bool
	// OnFound is told how a search stands, as often as that changes.
	OnFound func(Found)
	// OpenLink is given the address of a link that the person wants to follow.
	OpenLink func(url string)
	// Reload returns the document's text and the number of its last patch. It
	// is called when this view has fallen too far behind.
	Reload func() (text string, seen uint64)
}

// Editor is the text widget. Its methods belong to the UI goroutine.
type Editor struct {
	widget.BaseWidget

	config Config
	buf    *buffer.Buffer
	setter *typeset.Setter
	view   view
	page   *page // nil until Fyne asks for it

	settings Settings
	focused  bool
	shift    bool
	hands    hands
	goal     goal
	blink    blinker
	mouse    mouse

	codes     codes
	written   authorship
	glows     glows
	others    others
	hover     hover
	spelling  int         // how often the speller has changed
	following string      // whose view is kept to, empty for nobody's
	told      buffer.Mark // the first row in view that OnScroll knows

	now   func() time.Time
	after func(d time.Duration, f func()) (stop func())
	// tokens is [highlight.Tokens], which gives up what takes it too long.
	tokens func(language, code string) []highlight.Token
	// canvas is where the editor is shown, nil while it is nowhere.
	canvas func() fyne.Canvas
}

var (
	_ fyne.Focusable     = (*Editor)(nil)
	_ fyne.Shortcutable  = (*Editor)(nil)
	_ fyne.Tabbable      = (*Editor)(nil)
	_ fyne.Scrollable    = (*Editor)(nil)
	_ fyne.Draggable     = (*Editor)(nil)
	_ desktop.Keyable    = (*Editor)(nil)
	_ desktop.Mouseable  = (*Editor)(nil)
	_ desktop.Hoverable  = (*Editor)(nil)
	_ desktop.Cursorable = (*Editor)(nil)
)

// New returns an editor.
func New(c Config) *Editor {
	e := &Editor{config: c, settings: c.Settings, now: time.Now, after: after, tokens: highlight.Tokens}
	e.canvas = func() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(e) }
	e.ExtendBaseWidget(e)
	e.buf = buffer.New(c.Document, c.Text, c.Seen)
	e.buf.Flow(markdown.Next)
	e.buf.Track(&e.view.top)
	e.buf.Track(&e.told)
	e.buf.Observe(e.shine)
	e.buf.Observe(e.carryWritten)
	e.buf.Observe(e.carrySights)
	e.useKeysOf(runtime.GOOS)
	e.setter = typeset.New(e.config.Theme.fonts(e.settings.Face))
	e.view.layouts = recent.New[layoutKey, *laid](maxRows)
	e.view.cells = recent.New[cellsKey, cellRow](maxCellRows)
	e.view.own = recent.New[ownKey, *typeset.Layout](maxOwn)
	e.codes.lines = recent.New[uint64, codeLine](maxCoded)
	e.codes.done = make(map[uint64]bool)
	e.view.home()
	return e
}

// after calls f once on the UI goroutine unless it is stopped there before.
func after(d time.Duration, f func()) (stop func()) {
	stopped := false
	t := time.AfterFunc(d, func() {
		fyne.Do(func() {
			if !stopped {
				f()
			}
		})
	})
	return func() {
		stopped = true
		t.Stop()
	}
}

// Apply takes patches that the document made without this editor, in order.
// The row that one writes in stays where it is on the screen, or else the first
// row in view.
func (e *Editor) Apply(patches []buffer.Patch) {
	e.holdCaret()
	if err := e.buf.Apply(patches); err != nil && !e.reload() {
		e.report(err)
	}
	e.update()
	e.changed()
}

// Reset takes a whole new text.
func (e *Editor) Reset(text string, seen uint64) {
	e.buf.Reset(text, seen)
	e.update()
	e.changed()
}

// SetReadOnly says why nobody may write here, empty if one may. See
// [Config.ReadOnly].
func (e *Editor) SetReadOnly(why string) { e.config.ReadOnly = why }

// SetTheme changes how the page looks.
func (e *Editor) SetTheme(t Theme) {
	e.config.Theme = t
	e.setter = typeset.New(t.fonts(e.settings.Face))
	e.written.forget() // people have other colours
	e.view.forget()
	e.update()
}

// GoTo puts the caret at a place and brings it into view.
func (e *Editor) GoTo(at int) {
	e.own(func() error {
		e.buf.MoveTo(at, false)
		return nil
	})
}

// Begin puts the caret where one goes on writing a text that was just opened,
// without scrolling: at the text's end if all of it is in view, else behind its
// first line. It waits for the first layout.
func (e *Editor) Begin() {
	e.view.fresh = true
	if e.Size().IsZero() {
		return
	}
	e.settle()
	at := 0
	height := e.Size().Height
	last := &e.view.lines[len(e.view.lines)-1]
	if first := e.lineAt(0); e.view.lines[0].i == 0 && e.atEnd() && last.y+last.Height <= height-revealGap {
		at = e.buf.Len()
	} else if columnTop+first.Height <= height-revealGap {
		at = first.end()
	}
	e.GoTo(at)
}

// Text returns the whole text.
func (e *Editor) Text() string { return e.buf.Text() }

// Caret returns the ends of the selection, equal if there is none.
func (e *Editor) Caret() (caret, anchor int) { return e.buf.Caret(), e.buf.Anchor() }

// own runs an action of the person and shows what came of it.
func (e *Editor) own(act func() error) {
	e.view.fresh = false
	e.Follow("")
	e.hush()
	caret, anchor := e.Caret()
	e.try(act)
	e.wake()
	e.reveal()
	e.paint()
	if c, a := e.Caret(); (c != caret || a != anchor) && e.config.OnCaret != nil {
		e.config.OnCaret(c, a)
	}
	e.changed()
}

// try runs an action, and tells of its error.
func (e *Editor) try(act func() error) {
	err := act()
	switch {
	case errors.Is(err, buffer.ErrStale) && e.reload():
		// Nothing was changed, and the text is new: once more.
		err = act()
	case errors.Is(err, buffer.ErrReload) && e.reload():
		err = nil
	}
	e.report(err)
}

func (e *Editor) changed() {
	if e.config.OnChange != nil {
		e.config.OnChange()
	}
}

// Snapshot returns the whole text and the number of its last patch.
func (e *Editor) Snapshot() (text string, seen uint64) { return e.buf.Text(), e.buf.Seen() }

// Menu is what a menu at a place of the text is about.
type Menu struct {
	// At is where it opens, on the canvas.
	At    fyne.Position
	Place int
	// Word is a word from place From to To that is not spelt right.
	Word     string
	From, To int
	// URL is the address of the link at the place.
	URL          string
	HasSelection bool
}

// background runs work elsewhere, then done here.
func (e *Editor) background(work, done func()) {
	if e.config.Background == nil {
		work()
		done()
		return
	}
	e.config.Background(work, done)
}

// edit is own for what changes the text. Nothing is selected by a drag that goes
// on meanwhile: the next movement would select what was just written.
func (e *Editor) edit(act func() error) {
	e.endSelecting()
	e.goal.set = false
	e.own(act)
}

// reload reads the document's text again, if it can.
func (e *Editor) reload() bool {
	if e.config.Reload == nil {
		return false
	}
	e.buf.Reset(e.config.Reload())
	return true
}

func (e *Editor) report(err error) {
	if err != nil && e.config.OnError != nil {
		e.config.OnError(err)
	}
}

// update lays out what is in view and paints it.
func (e *Editor) update() {
	e.settle()
	e.paint()
}

// MinSize is small and constant: the editor fills what it is given and scrolls
// by itself.
func (e *Editor) MinSize() fyne.Size { return fyne.NewSize(200, 80) }
