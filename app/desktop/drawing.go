package desktop

import (
	"context"
	"errors"
	"strings"
	"time"

	"starling/sync/peer"
)

// draw has the peer take a right from somebody, which draws a line in what they have
// written. What others hold of that is waited for; if it does not come the person is
// asked whether to do it all the same. deed is what is done, such as "remove Ada"; done,
// which may be "", is said after it.
func (w *window) draw(deed, done string, line func(context.Context, peer.LineOptions) (peer.LineReport, error)) {
	w.drawBy(peer.LineOptions{}, deed, done, line)
}

func (w *window) drawBy(o peer.LineOptions, deed, done string, line func(context.Context, peer.LineOptions) (peer.LineReport, error)) {
	var report peer.LineReport
	said := w.sayFetching(deed, o.Now)
	w.bridge.do(func(ctx context.Context) (err error) {
		report, err = line(ctx, o)
		return err
	}, func(err error) {
		defer w.bridge.wake()
		said()
		lacks := (*peer.NotAllHereError)(nil)
		switch {
		case errors.As(err, &lacks):
			w.ask("Not everything is here yet to "+deed, lacksLine(deed, lacks), "Do it now", func() {
				w.drawBy(peer.LineOptions{Now: true}, deed, done, line)
			})
		case err != nil:
			w.complain(err)
		case report.Warning() != "":
			w.notify(strings.TrimSpace(done+" "+report.Warning()), "", nil)
		case done != "":
			w.mention(done)
		}
	})
}

// fetchingAfter is for how long nothing is said of a line that is being drawn.
const fetchingAfter = time.Second

// sayFetching says why a line that is not drawn now takes long, until the function that
// it returns is called.
func (w *window) sayFetching(deed string, now bool) (end func()) {
	over := now
	var said *notice
	w.bridge.later(fetchingAfter, func() {
		if !over {
			w.notify("One moment: to "+deed+", what others have and is not here yet is fetched first, for 20 seconds at most.", "", nil)
			said = w.page.notice
		}
	})
	return func() {
		over = true
		if said != nil && w.page.notice == said {
			w.page.showNotice(nil)
		}
	}
}

// lacksLine says what is not here, and what becomes of it.
func lacksLine(deed string, lacks *peer.NotAllHereError) string {
	words := lacks.Error()
	return strings.ToUpper(words[:1]) + words[1:] + ". Cancel and try again when it has come, or " + deed + " now: " +
		"what comes later is kept, and whoever may write can take it in."
}
