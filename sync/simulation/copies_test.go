package simulation

// copyDeeds copy homes, as machines that are put back to an earlier image do, and
// folders that are copied. Two changes of one actor with one number come of it.
var copyDeeds = []deed{
	{"keep an image", 4, (*world).imaging, false},
	{"put an image back", 4, (*world).puttingBack, false},
	{"copy a home", 1, (*world).copying, false},
}

// imaging keeps what somebody's disk holds after a clean stop, from which they go
// on as if nothing had been.
func (w *world) imaging() {
	p := w.anyone()
	if p == nil || p.role() == "" {
		return
	}
	p.keepImage()
}

// keepImage keeps what the disk holds, in the midst of a clean stop and a start.
func (p *person) keepImage() {
	w := p.w
	w.log("%s leaves, and an image of the disk is kept", p.name)
	if err := p.leave(); err != nil {
		w.log("%s: %v", p.name, err)
	}
	w.model.gather(p)
	p.image = p.disk.Copy()
	p.come()
}

// keeper draws one whose image is kept, nil if there is none.
func (w *world) keeper() *person {
	var keepers []*person
	for _, p := range w.people {
		if p.image != nil {
			keepers = append(keepers, p)
		}
	}
	if len(keepers) == 0 {
		return nil
	}
	return keepers[w.rng.IntN(len(keepers))]
}

// puttingBack puts somebody's disk back to the image, and lets them come.
func (w *world) puttingBack() {
	if p := w.keeper(); p != nil {
		p.putBack()
	}
}

// putBack puts the disk back to the image, and lets its owner come.
func (p *person) putBack() {
	w := p.w
	if p.up() {
		p.crash(false)
	}
	w.log("%s's disk is put back", p.name)
	w.count.add("homes put back")
	w.model.gather(p)
	left := p.image.Copy()
	w.model.rewind(p, p.disk.Committed(), left.Committed(), "older images")
	p.disk = left
	p.come()
}

// maxTwins is how many copied homes are used beside the first ones.
const maxTwins = 2

// copying has a copy of a home be used beside it, at another address.
func (w *world) copying() {
	p := w.keeper()
	if p == nil || len(w.people) >= w.plan.people+maxTwins {
		return
	}
	twin := w.newPerson()
	twin.id, twin.disk, twin.image = p.id, p.image.Copy(), nil
	w.log("%s uses a copy of %s's home", twin.name, p.name)
	w.count.add("homes copied")
	twin.come()
}
