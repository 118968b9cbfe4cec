package editor

// Command names something that a person can ask of the editor, by a key, from a
// menu or from another part of the window.
type Command string

// hands is what the editor knows of the keyboard.
type hands struct {
	// system is whose keys these are, as runtime.GOOS says it.
	system string
}
