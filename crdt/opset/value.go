package opset

import (
	"encoding/binary"
	"math"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// Value is what stands at a place. Data is nil, bool, uint64, int64, float64,
// string, []byte, [Counter], [Timestamp], [Object] or [Unknown].
type Value struct {
	Op   opid.ID // what wrote it
	Data any
}

// Counter is the sum of a counter.
type Counter int64

// Timestamp is a time in milliseconds since 1970.
type Timestamp int64

// Object is a value that has places of its own.
type Object struct {
	ID   opid.ID
	Kind Kind
}

// Unknown is a value of a type that only later formats know, or whose bytes do
// not fit its type.
type Unknown struct {
	Type format.ValueType
	Raw  []byte
}

// value decodes o as it is in a version.
func (o *op) value(at opid.Clock) Value {
	if kind, ok := KindOf(o.action); ok {
		return Value{o.id, Object{o.id, kind}}
	}
	return Value{o.id, o.data(at)}
}

func (o *op) data(at opid.Clock) any {
	switch o.typ {
	case format.Null:
		return nil
	case format.False, format.True:
		return o.typ == format.True
	case format.String:
		return o.raw
	case format.Bytes:
		return []byte(o.raw)
	case format.Uint:
		if v, n := binary.Uvarint([]byte(o.raw)); n > 0 && n == len(o.raw) {
			return v
		}
	case format.Float:
		if len(o.raw) == 8 {
			return math.Float64frombits(binary.LittleEndian.Uint64([]byte(o.raw)))
		}
	case format.Int, format.Counter, format.Timestamp:
		if v, ok := signed(o.raw); ok {
			return o.number(v, at)
		}
	}
	return Unknown{o.typ, []byte(o.raw)}
}

// number is the value of a signed type.
func (o *op) number(v int64, at opid.Clock) any {
	switch o.typ {
	case format.Counter:
		if o.more != nil {
			for _, s := range o.more.steps {
				if at.Has(s.id) {
					v += s.by
				}
			}
		}
		return Counter(v)
	case format.Timestamp:
		return Timestamp(v)
	default:
		return v
	}
}

// signed decodes signed LEB128 that must be all of raw.
func signed(raw string) (int64, bool) {
	var v int64
	for i := range len(raw) {
		shift := 7 * uint(i)
		if shift > 63 {
			return 0, false
		}
		b := raw[i]
		v |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if b&0x40 != 0 && shift < 57 {
				v |= -1 << (shift + 7)
			}
			return v, i == len(raw)-1
		}
	}
	return 0, false
}
