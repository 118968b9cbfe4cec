package store

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// machineID is the MachineGuid that Windows made at its installation, or "".
func machineID() string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Cryptography`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return ""
	}
	defer key.Close()
	id, _, err := key.GetStringValue("MachineGuid")
	if err != nil {
		return ""
	}
	return id
}

// fileID is the volume's serial number and the file's index in it.
func fileID(path string) []byte {
	var info windows.ByHandleFileInformation
	err := withHandle(path, func(h windows.Handle) error {
		return windows.GetFileInformationByHandle(h, &info)
	})
	if err != nil {
		return nil
	}
	id := binary.BigEndian.AppendUint32(nil, info.VolumeSerialNumber)
	id = binary.BigEndian.AppendUint32(id, info.FileIndexHigh)
	return binary.BigEndian.AppendUint32(id, info.FileIndexLow)
}

// basicInfo is FILE_BASIC_INFO of winbase.h.
type basicInfo struct {
	created, accessed, written, changed int64
	attributes                          uint32
	_                                   uint32
}

// fileStamp says when the file's content or attributes last changed; "" if that
// cannot be told.
func fileStamp(path string) string {
	var info basicInfo
	err := withHandle(path, func(h windows.Handle) error {
		return windows.GetFileInformationByHandleEx(h, windows.FileBasicInfo,
			(*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	})
	if err != nil {
		return ""
	}
	return strconv.FormatInt(info.changed, 10)
}

// withHandle opens a file for its attributes alone. Locks on Windows belong to
// handles, so closing this one does no harm.
func withHandle(path string, f func(windows.Handle) error) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	share := uint32(windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE)
	h, err := windows.CreateFile(name, windows.FILE_READ_ATTRIBUTES, share, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(h)
	return f(h)
}
