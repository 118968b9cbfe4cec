package build

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"testing"
)

// descriptor is an IMAGE_IMPORT_DESCRIPTOR: "The Import Directory Table" in
// Microsoft's PE Format.
type descriptor struct {
	Lookup, Time, Forwarder, Name, Addresses uint32
}

// libraries are the names of the libraries that a program for Windows is
// linked with; [pe.File.ImportedLibraries] always says none.
func libraries(t *testing.T, file *pe.File) []string {
	t.Helper()
	header := file.OptionalHeader.(*pe.OptionalHeader64)
	table := bytes.NewReader(loaded(t, file, header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress))
	var names []string
	for {
		var d descriptor
		if err := binary.Read(table, binary.LittleEndian, &d); err != nil {
			t.Fatalf("read the import table: %v", err)
		}
		if d.Name == 0 {
			break
		}
		name, _, ok := bytes.Cut(loaded(t, file, d.Name), []byte{0})
		if !ok {
			t.Fatal("the name of a library does not end")
		}
		names = append(names, string(name))
	}
	if len(names) == 0 {
		t.Error("the import table is empty")
	}
	return names
}

// loaded is what lies at an address of the loaded program, to the end of its
// section.
func loaded(t *testing.T, file *pe.File, address uint32) []byte {
	t.Helper()
	for _, s := range file.Sections {
		if address < s.VirtualAddress || address >= s.VirtualAddress+s.Size {
			continue
		}
		data, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		return data[address-s.VirtualAddress:]
	}
	t.Fatalf("no section has the address %#x", address)
	return nil
}
