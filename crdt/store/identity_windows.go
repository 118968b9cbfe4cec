package store

import (
	"encoding/binary"

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

// fileID is the volume's serial number and the file's index in it. The handle
// has no access rights, and locks on Windows belong to handles, so closing it
// does no harm.
func fileID(path string) []byte {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil
	}
	share := uint32(windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE)
	h, err := windows.CreateFile(name, 0, share, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(h)
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(h, &info); err != nil {
		return nil
	}
	id := binary.BigEndian.AppendUint32(nil, info.VolumeSerialNumber)
	id = binary.BigEndian.AppendUint32(id, info.FileIndexHigh)
	return binary.BigEndian.AppendUint32(id, info.FileIndexLow)
}
