package build

import (
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/packaging/lab"
)

// target is a program that was built for a system.
type target struct {
	system, arch string
	program      string
	window       bool // not headless, with cgo
}

// targets are all programs that there must be.
var targets = []target{
	{"linux", "amd64", "starlingd", false},
	{"linux", "arm64", "starlingd", false},
	{"darwin", "arm64", "starlingd", false},
	{"windows", "amd64", "starlingd.exe", false},
	{"windows", "amd64", "starling.exe", true},
}

// path is where the target lies. Without one the test is skipped.
func (c target) path(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("STARLING_CROSS")
	if folder == "" {
		lab.Unable(t, "needs STARLING_CROSS, the folder of the programs: run make cross")
	}
	return filepath.Join(folder, c.system+"-"+c.arch, c.program)
}

func (c target) String() string { return c.system + "-" + c.arch + "/" + c.program }

// Go notes in each program how it was built and of what modules.
func TestMadeAsMeant(t *testing.T) {
	for _, c := range targets {
		t.Run(c.String(), func(t *testing.T) {
			info, err := buildinfo.ReadFile(c.path(t))
			if err != nil {
				t.Fatal(err)
			}
			cgo := "0"
			if c.window {
				cgo = "1"
			}
			want := map[string]string{"GOOS": c.system, "GOARCH": c.arch, "CGO_ENABLED": cgo}
			got := map[string]string{}
			for _, s := range info.Settings {
				if _, asked := want[s.Key]; asked {
					got[s.Key] = s.Value
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("built with %v, want %v", got, want)
			}
			unwanted := []string{"github.com/automerge/automerge-go"}
			if !c.window {
				unwanted = append(unwanted, "fyne.io/fyne/v2")
			}
			for _, m := range info.Deps {
				if slices.Contains(unwanted, m.Path) {
					t.Errorf("made of %s", m.Path)
				}
			}
		})
	}
}

// A static program names no interpreter and no library.
func TestLinuxIsStatic(t *testing.T) {
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	for _, c := range targets {
		if c.system != "linux" {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			file, err := elf.Open(c.path(t))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if file.Machine != machines[c.arch] {
				t.Errorf("for a machine %v", file.Machine)
			}
			for _, p := range file.Progs {
				if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
					t.Errorf("has a part of type %v", p.Type)
				}
			}
			if file.Section(".dynamic") != nil {
				t.Error("has a dynamic section")
			}
		})
	}
}

func TestDarwinIsForItsMachine(t *testing.T) {
	for _, c := range targets {
		if c.system != "darwin" {
			continue
		}
		file, err := macho.Open(c.path(t))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if file.Cpu != macho.CpuArm64 || file.Type != macho.TypeExec {
			t.Errorf("%v: type %v for a %v", c, file.Type, file.Cpu)
		}
	}
}

// ofWindows are libraries that each Windows has.
var ofWindows = []string{
	"advapi32.dll", "bcrypt.dll", "bcryptprimitives.dll", "comdlg32.dll", "gdi32.dll", "imm32.dll", "kernel32.dll",
	"msvcrt.dll", "ole32.dll", "opengl32.dll", "shell32.dll", "user32.dll", "winmm.dll", "ws2_32.dll",
}

// A program for Windows asks for no library that does not come with it, as
// those of mingw; and only the one without a window opens a console.
func TestWindowsHasWhatItNeeds(t *testing.T) {
	for _, c := range targets {
		if c.system != "windows" {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			file, err := pe.Open(c.path(t))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			header, ok := file.OptionalHeader.(*pe.OptionalHeader64)
			if !ok || file.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
				t.Fatalf("for a machine %#x", file.Machine)
			}
			want := uint16(pe.IMAGE_SUBSYSTEM_WINDOWS_CUI)
			if c.window {
				want = pe.IMAGE_SUBSYSTEM_WINDOWS_GUI
			}
			if header.Subsystem != want {
				t.Errorf("subsystem %d, want %d", header.Subsystem, want)
			}
			for _, name := range libraries(t, file) {
				if !slices.Contains(ofWindows, strings.ToLower(name)) {
					t.Errorf("needs %s", name)
				}
			}
		})
	}
}
