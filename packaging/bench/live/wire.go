package main

// wire is what has gone over the network between the peers.
type wire struct {
	bytes   int // IP headers included
	packets int
}

// wireSince is what has gone over it since an earlier reading.
func wireSince(before wire) (wire, error) {
	now, err := readWire()
	return wire{now.bytes - before.bytes, now.packets - before.packets}, err
}
