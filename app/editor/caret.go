package editor

import (
	"time"

	"fyne.io/fyne/v2/canvas"
)

const (
	blinkTime = 530 * time.Millisecond
	// blinks is how often the caret changes before it stays, so that an editor
	// that nobody touches costs nothing: about six seconds.
	blinks = 12
)

// blinker shows and hides the caret.
type blinker struct {
	hidden bool
	left   int
	stop   func()
}

// wake shows the caret and starts its blinking anew.
func (e *Editor) wake() {
	e.sleep()
	if e.focused {
		e.blink.left = blinks
		e.blink.stop = e.after(blinkTime, e.tick)
	}
}

// sleep ends the blinking.
func (e *Editor) sleep() {
	if e.blink.stop != nil {
		e.blink.stop()
	}
	e.blink = blinker{}
}

func (e *Editor) tick() {
	e.blink.hidden = !e.blink.hidden
	e.blink.left--
	if e.blink.left > 0 || e.blink.hidden {
		e.blink.stop = e.after(blinkTime, e.tick)
	}
	if e.page != nil {
		e.page.caret.Hidden = e.blink.hidden
		canvas.Refresh(e.page.caret)
	}
}

// FocusGained implements [fyne.Focusable].
func (e *Editor) FocusGained() {
	e.focused = true
	e.wake()
	e.update()
}

// FocusLost implements [fyne.Focusable].
func (e *Editor) FocusLost() {
	e.focused, e.shift = false, false
	e.sleep()
	e.mouse.release()
	e.update()
}
