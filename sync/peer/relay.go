package peer

// alsoHave are the members of a space with which the device that sent something
// says that it is connected: they have it from there too. Nobody for what we
// wrote ourselves.
func (p *Peer) alsoHave(space SpaceID, from DeviceID) (also []DeviceID) {
	if from.IsZero() {
		return nil
	}
	l := p.linkWith(from)
	if l == nil {
		return nil
	}
	reaches := l.session.Reaches()
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil {
		return nil
	}
	also = make([]DeviceID, 0, len(reaches))
	for id := range reaches {
		if _, member := sp.roster.Role(id); member {
			also = append(also, id)
		}
	}
	return also
}

// linkWith is the link with a device, nil if there is none.
func (p *Peer) linkWith(id DeviceID) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net == nil {
		return nil
	}
	return p.net.links[id]
}
