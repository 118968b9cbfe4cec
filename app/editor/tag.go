package editor

import "starling/app/typeset"

// A tag goes with each span through typesetting and comes back with what is
// drawn of it: the role in the low byte, then flags, then the number of the
// hole of the line, from 1.
const (
	tagCode uint32 = 1 << 8 // on the background of code
	tagPad  uint32 = 1 << 9 // only room, between the cells of a table
	tagHole        = 16     // shift of the hole's number
)

func roleOf(f *typeset.Fragment) role { return role(f.Tag & 0xff) }

// holeOf is -1 for what is in no hole.
func holeOf(f *typeset.Fragment) int { return int(f.Tag>>tagHole) - 1 }
