package opset

import (
	"encoding/binary"
	"maps"
	"slices"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// The compact form, in unsigned LEB128 unless said otherwise:
//
//	objects = count { ID kind } ; but the root, in Lamport's order
//	          { map | list }    ; the root first, then the others
//	map     = count { key place } ; by the bytes of the keys
//	list    = count { place } sequence ; the items along the list
//	place   = count { op } ; in Lamport's order
//	op      = ID head value count { ID } [ more ]
//	more    = count { ID amount } flags name ; the amount in signed LEB128
//
// An ID is the actor's number and the counter. key, value, name and sequence
// are bytes behind their length. head is a byte: the action, from bit 3 on the
// type of the value, and in bit 7 whether more follows.

const (
	headType = 3
	headMore = 1 << 7

	flagExpand  = 1
	flagHasName = 2
)

// AppendBinary appends the compact form of s, which [Decode] reads.
func (s *Set) AppendBinary(b []byte) []byte {
	ids := s.sortedObjects()
	b = binary.AppendUvarint(b, uint64(len(ids)-1))
	for _, id := range ids[1:] {
		b = append(appendID(b, id), byte(s.objects[id].kind))
	}
	for _, id := range ids {
		if o := s.objects[id]; o.kind == Map {
			b = s.appendMap(b, o)
		} else {
			b = s.appendList(b, o)
		}
	}
	return b
}

func (s *Set) appendMap(b []byte, o *object) []byte {
	b = binary.AppendUvarint(b, uint64(len(o.keys)))
	for _, key := range slices.Sorted(maps.Keys(o.keys)) {
		b = appendString(b, key)
		b = s.appendPlace(b, o.keys[key])
	}
	return b
}

func (s *Set) appendList(b []byte, o *object) []byte {
	var items []*place
	if o.items {
		o.seq.All(func(r sequence.Run) bool {
			if p, ok := r.Item.(*place); ok {
				items = append(items, p)
			}
			return true
		})
	}
	b = binary.AppendUvarint(b, uint64(len(items)))
	for _, p := range items {
		b = s.appendPlace(b, p)
	}
	return appendString(b, string(o.seq.AppendBinary(nil)))
}

func (s *Set) appendPlace(b []byte, p *place) []byte {
	b = binary.AppendUvarint(b, uint64(len(p.ops)))
	for i := range p.ops {
		b = s.appendOp(b, &p.ops[i])
	}
	return b
}

func (s *Set) appendOp(b []byte, o *op) []byte {
	head := byte(o.action) | byte(o.typ)<<headType
	if o.more != nil {
		head |= headMore
	}
	b = append(appendID(b, o.id), head)
	b = appendString(b, o.raw)
	succs := slices.Clone(o.succs)
	sortIDs(succs, s.actors)
	b = binary.AppendUvarint(b, uint64(len(succs)))
	for _, id := range succs {
		b = appendID(b, id)
	}
	if o.more == nil {
		return b
	}
	steps := slices.Clone(o.more.steps)
	slices.SortFunc(steps, func(x, y step) int { return s.actors.Compare(x.id, y.id) })
	b = binary.AppendUvarint(b, uint64(len(steps)))
	for _, st := range steps {
		b = appendSigned(appendID(b, st.id), st.by)
	}
	var flags byte
	if o.more.expand {
		flags |= flagExpand
	}
	if o.more.hasName {
		flags |= flagHasName
	}
	return appendString(append(b, flags), o.more.name)
}

func appendID(b []byte, id opid.ID) []byte {
	b = binary.AppendUvarint(b, uint64(id.Actor))
	return binary.AppendUvarint(b, uint64(id.Counter))
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
