//go:build unix

package store

import (
	"encoding/binary"
	"fmt"
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

// fileStamp says when the file's content or attributes last changed, which no
// ordinary call can forge, and its size; "" if that cannot be told.
func fileStamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	changed := changeTime(st)
	return fmt.Sprintf("%d.%09d %d", changed.Sec, changed.Nsec, info.Size())
}
