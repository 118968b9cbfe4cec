package editor

// Found says how a search stands.
type Found struct {
	// Count is how many matches there are, at least that many if More is set;
	// Current is which of them is selected, from 1, or 0 for none.
	Count, Current int
	More           bool
	// Err is why there can't be any, a sentence for a person.
	Err error
}

type search struct{}

func findings() []action {
	return []action{
		{ShowFind, "Find", passed, nil},
		{"find.next", "Find next", passed, nil},
		{"find.previous", "Find previous", passed, nil},
		{ShowReplace, "Replace", passed, nil},
		{ShowLine, "Go to line", passed, nil},
	}
}

func (e *Editor) finding() bool { return false }
