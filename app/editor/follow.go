package editor

// Follow keeps the caret of somebody else in view until the person here types,
// clicks or scrolls; an empty id ends it. [Config.OnFollow] is told of each
// change.
func (e *Editor) Follow(id string) {
	if id == e.following {
		return
	}
	e.following = id
	if e.config.OnFollow != nil {
		e.config.OnFollow(id)
	}
	if id != "" {
		e.keepInView()
		e.paint()
	}
}

// keepInView brings the caret of whom the person follows into view. One that is
// gone is waited for.
func (e *Editor) keepInView() {
	if e.following == "" || len(e.view.lines) == 0 {
		return
	}
	for _, r := range e.buf.Remotes() {
		if r.ID == e.following {
			e.bringIntoView(r.Caret)
		}
	}
}
