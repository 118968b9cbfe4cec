//go:build unix

package store

import (
	"encoding/binary"
	"os"
	"syscall"
)

// fileID is the device and inode number of the file.
func fileID(path string) []byte {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	id := binary.BigEndian.AppendUint64(nil, uint64(st.Dev))
	return binary.BigEndian.AppendUint64(id, uint64(st.Ino))
}
