// Package window tries the real window: desktop processes on X servers of their
// own (Xvfb), pressed and typed into by xdotool. What came of it is asked of
// the running program by starlingd's commands wherever these can tell; pixels
// are looked at only to find what is to be pressed and to wait until it is
// there. Each step leaves a picture in the folder screenshots at the top of
// the repository.
//
// FYNE_THEME=dark tries all of it in the dark.
package window
