package store

import (
	"encoding/binary"
	"hash/crc32"

	"starling/crdt"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rowSum is a checksum over what the row of a change tells beside its bytes,
// which the hash of these does not vouch for: a CRC-32C over the actor's ID, the
// numbers in eight bytes each, big endian, the hash, the deps, and those first bytes
// that a hash leaves out.
func rowSum(c *crdt.Change) int64 {
	b := make([]byte, 0, 256)
	b = append(b, c.Actor...)
	for _, n := range [...]uint64{c.Seq, c.StartOp, c.MaxOp, uint64(c.Time)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = append(b, c.Hash[:]...)
	for i := range c.Deps {
		b = append(b, c.Deps[i][:]...)
	}
	b = append(b, c.Bytes[:min(len(c.Bytes), hashHeader)]...)
	return int64(crc32.Checksum(b, castagnoli))
}
