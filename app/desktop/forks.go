package desktop

import (
	"fmt"
	"slices"

	"starling/sync/peer"
)

// tellForks tells of documents in which a copied home has written on beside the
// one that it is a copy of, as soon as the other text is there, and once for all
// times.
func (w *window) tellForks() {
	var tell []peer.ForkInfo
	for _, f := range w.world.Forks {
		if w.world.document(f.Branch).ID == f.Branch && !slices.Contains(w.settings.Told, f.Branch.String()) {
			tell = append(tell, f)
		}
	}
	if len(tell) == 0 {
		return
	}
	w.change(func(s *settings) {
		if len(s.Told) > maxTold {
			s.Told = slices.DeleteFunc(slices.Clone(s.Told), func(branch string) bool {
				return !slices.ContainsFunc(w.world.Forks, func(f peer.ForkInfo) bool { return f.Branch.String() == branch })
			})
		}
		for _, f := range tell {
			s.Told = append(s.Told, f.Branch.String())
		}
	})
	first := tell[0]
	w.announce(false, forkLine(&w.world, first, len(tell)-1), "Open it", func() { w.openWanted(first.Branch) })
}

// forkLine says what happened to a document, and to how many more.
func forkLine(w *world, f peer.ForkInfo, more int) string {
	document := w.document(f.Doc)
	what := "“" + titleOf(document) + "”"
	switch {
	case more == 1:
		what += " and in another document"
	case more > 1:
		what += fmt.Sprintf(" and in %d other documents", more)
	}
	if f.Chosen {
		return "An owner has chosen which text goes on in " + what + ". The one that was there is kept as a document of its own beside it."
	}
	line := copiedLine(w, w.space(document.Space), f.Device)
	if f.Device == w.Me.ID {
		line += ", or put back from a backup"
	}
	return line + ", and both copies wrote in " + what +
		". Nothing is lost: what the other one wrote is a document of its own beside it."
}

// copiedLine says whose device was copied.
func copiedLine(w *world, space peer.Space, device peer.DeviceID) string {
	if device == w.Me.ID {
		return "This device was copied"
	}
	if m, ok := insider(space, device); ok {
		return "A device of " + nameOr(m.Name, "somebody") + "’s was copied"
	}
	return "A device of somebody’s was copied"
}
