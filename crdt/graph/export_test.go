package graph

// HasHashes reports whether no change's hash is absent.
func (g *Graph) HasHashes() bool { return g.hashes.len() == len(g.last) }
