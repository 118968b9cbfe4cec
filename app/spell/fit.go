package spell

// carried reports whether affixes of the flag are named by a suffix, as the
// second suffix of a word must be.
func (r *rules) carried(f flag) bool { return r.suffixes.nested[f] }

// contOf returns an affix's own flags.
func contOf(x *affix) set {
	if x == nil {
		return nil
	}
	return x.cont
}

// any reports whether one of the affixes taken off has a flag.
func (f found) any(want flag) bool {
	return contOf(f.prefix).has(want) || contOf(f.suffix).has(want) || contOf(f.outer).has(want)
}

// fits reports whether a stem with these flags may have the affixes that were
// taken off, where the word stands.
func (r *rules) fits(flags set, f found) bool {
	if flags.has(r.forbidden) || f.at != alone && flags.has(onlyUpper) {
		return false
	}
	if !r.allows(flags, f) || !r.whole(flags, f) {
		return false
	}
	if f.at == alone {
		return !flags.has(r.onlyInCompound) && !f.any(r.onlyInCompound)
	}
	return r.joins(flags, f)
}

// allows reports whether the stem, or another affix, names each affix.
func (r *rules) allows(flags set, f found) bool {
	if s := f.suffix; s != nil && !flags.has(s.flag) && !contOf(f.prefix).has(s.flag) {
		return false
	}
	if p := f.prefix; p != nil && !flags.has(p.flag) &&
		!contOf(f.suffix).has(p.flag) && !contOf(f.outer).has(p.flag) {
		return false
	}
	before := contOf(f.prefix).has(r.circumfix)
	after := contOf(f.suffix).has(r.circumfix) || contOf(f.outer).has(r.circumfix)
	return before == after
}

// whole reports whether stem and affixes make a word without one more affix.
func (r *rules) whole(flags set, f found) bool {
	if f.prefix == nil && f.suffix == nil {
		return !flags.has(r.needAffix)
	}
	for _, x := range []*affix{f.prefix, f.suffix, f.outer} {
		if x != nil && !x.cont.has(r.needAffix) {
			return true
		}
	}
	return false
}

// joins reports whether stem and affixes may be the part of a compound at the
// place.
func (r *rules) joins(flags set, f found) bool {
	if f.any(r.forbid) {
		return false
	}
	// Suffixes stand at a compound's end only, and prefixes at its beginning,
	// if they aren't permitted elsewhere.
	if f.at == last && f.prefix != nil && !f.prefix.cont.has(r.permit) {
		return false
	}
	if f.at != last && f.suffix != nil && !contOf(f.suffix).has(r.permit) && !contOf(f.outer).has(r.permit) {
		return false
	}
	want := r.middle
	switch f.at {
	case first:
		want = r.begin
	case last:
		want = r.end
	}
	for _, w := range [2]flag{r.compound, want} {
		if flags.has(w) || f.any(w) {
			return true
		}
	}
	return false
}
