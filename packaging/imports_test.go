package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is what the tests read of `go list -json`.
type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	CgoLDFLAGS   []string
	CgoPkgConfig []string
}

func TestImports(t *testing.T) {
	for _, problem := range importProblems(goList(t, "./...")) {
		t.Error(problem)
	}
}

func TestHeadlessProgramsNeedNoScreen(t *testing.T) {
	ours := goList(t, "./...")
	for _, program := range headless {
		path := module + "/" + program
		if !slices.ContainsFunc(ours, func(p goPackage) bool { return p.ImportPath == path }) {
			t.Errorf("%s does not exist", program)
			continue
		}
		for _, problem := range screenProblems(program, goList(t, "-deps", path)) {
			t.Error(problem)
		}
	}
}

func TestTopLevel(t *testing.T) {
	for _, name := range strayNames(strings.Split(output(t, "git", "ls-files", "-z"), "\x00")) {
		t.Errorf("%s may not lie at the top of the repository", name)
	}
}

// The rules must find what they are there for.
func TestRulesFindProblems(t *testing.T) {
	for _, c := range []struct {
		name string
		pkg  goPackage
		want int
	}{
		{"allowed", goPackage{ImportPath: "starling/app/editor", Imports: []string{"starling/app/buffer", "fyne.io/fyne/v2", "strings"}}, 0},
		{"upwards", goPackage{ImportPath: "starling/crdt", Imports: []string{"starling/sync/peer"}}, 1},
		{"a room that only its owner may enter", goPackage{ImportPath: "starling/app/buffer", Imports: []string{"starling/crdt/store"}}, 1},
		{"no place yet", goPackage{ImportPath: "starling/sync/blob"}, 1},
		{"fyne in the model", goPackage{ImportPath: "starling/app/buffer", Imports: []string{"fyne.io/fyne/v2/canvas"}}, 1},
		{"the screen outside main.go", goPackage{ImportPath: "starling/app/desktop", Imports: []string{"fyne.io/fyne/v2/app"}}, 1},
		{"the screen in a test", goPackage{ImportPath: "starling/app/desktop", TestImports: []string{"fyne.io/fyne/v2/app"}}, 1},
		{"the screen in main.go", goPackage{ImportPath: "starling", Imports: []string{"fyne.io/fyne/v2/app"}}, 0},
		{"a test may reach further", goPackage{ImportPath: "starling/sync/protocol", TestImports: []string{"starling/crdt/store"}}, 0},
		{"beyond the standard library", goPackage{ImportPath: "starling/sync/identity", Imports: []string{"golang.org/x/crypto/ssh"}}, 1},
		{"within the standard library", goPackage{ImportPath: "starling/sync/identity", Imports: []string{"crypto/ed25519", "C"}}, 0},
	} {
		if got := importProblems([]goPackage{c.pkg}); len(got) != c.want {
			t.Errorf("%s: %d problems, want %d: %v", c.name, len(got), c.want, got)
		}
	}

	screens := []goPackage{
		{ImportPath: "fyne.io/fyne/v2"},
		{ImportPath: "github.com/go-gl/gl/v2.1/gl"},
		{ImportPath: "example.com/window", CgoLDFLAGS: []string{"-lm", "-lX11"}},
		{ImportPath: "example.com/surface", CgoPkgConfig: []string{"wayland-client"}},
	}
	harmless := []goPackage{{ImportPath: "github.com/automerge/automerge-go", CgoLDFLAGS: []string{"-lm"}}, {ImportPath: "net/http"}}
	if got := screenProblems("app/starlingd", append(screens, harmless...)); len(got) != len(screens) {
		t.Errorf("%d problems in a program with a screen, want %d: %v", len(got), len(screens), got)
	}

	got := strayNames([]string{"app/desktop/window.go", "util/x.go", ".ci/run", "go.mod", "NOTES.md", "util/y.go", ""})
	if want := []string{"NOTES.md", "util"}; !slices.Equal(got, want) {
		t.Errorf("stray names are %v, want %v", got, want)
	}
}

// Every name on the right of a rule must stand on the left of one, or a
// misspelt rule would allow nothing and say nothing.
func TestRulesNameKnownPackages(t *testing.T) {
	check := func(rule string, names []string) {
		for _, name := range names {
			if _, known := mayImport[name]; !known {
				t.Errorf("the rule for %s names %s, which has no rule", rule, name)
			}
		}
	}
	for pkg, allowed := range mayImport {
		check(pkg, allowed)
	}
	for outside, allowed := range onlyIn {
		check(outside, allowed)
	}
	check("the standard library", standardOnly)
	check("headless programs", headless)
}

// importProblems holds packages of ours against the rules.
func importProblems(pkgs []goPackage) []string {
	var problems []string
	for _, p := range pkgs {
		name := relative(p.ImportPath)
		allowed, placed := mayImport[name]
		if !placed {
			problems = append(problems, fmt.Sprintf("%s has no place in mayImport yet", name))
			continue
		}
		for _, imported := range p.Imports {
			if problem := importProblem(name, allowed, imported); problem != "" {
				problems = append(problems, problem)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if imported == "fyne.io/fyne/v2/app" && name != "." {
				problems = append(problems, fmt.Sprintf("a test of %s imports %s, which needs a screen", name, imported))
			}
		}
	}
	return problems
}

func importProblem(name string, allowed []string, imported string) string {
	if imported == module || strings.HasPrefix(imported, module+"/") {
		if !slices.Contains(allowed, relative(imported)) {
			return fmt.Sprintf("%s may not import %s", name, relative(imported))
		}
		return ""
	}
	if slices.Contains(standardOnly, name) && strings.Contains(strings.Split(imported, "/")[0], ".") {
		return fmt.Sprintf("%s may import the standard library only, not %s", name, imported)
	}
	for start, who := range onlyIn {
		if strings.HasPrefix(imported+"/", strings.TrimSuffix(start, "/")+"/") && !slices.Contains(who, name) {
			return fmt.Sprintf("%s may not import %s: only %v may", name, imported, who)
		}
	}
	return ""
}

// screenProblems looks for a window system in what a program is made of.
func screenProblems(program string, deps []goPackage) []string {
	var problems []string
	for _, p := range deps {
		for _, start := range notHeadless {
			if strings.HasPrefix(p.ImportPath, start) {
				problems = append(problems, fmt.Sprintf("%s is made of %s", program, p.ImportPath))
			}
		}
		flags := slices.Clone(p.CgoLDFLAGS)
		for _, lib := range p.CgoPkgConfig {
			flags = append(flags, "-l"+lib)
		}
		for _, flag := range flags {
			if slices.Contains(notLinked, flag) {
				problems = append(problems, fmt.Sprintf("%s is linked with %s by %s", program, flag, p.ImportPath))
			}
		}
	}
	return problems
}

// strayNames are the first parts of paths that may not lie at the top, sorted.
func strayNames(paths []string) []string {
	var stray []string
	for _, path := range paths {
		name, _, _ := strings.Cut(path, "/")
		if name != "" && !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			stray = append(stray, name)
		}
	}
	slices.Sort(stray)
	return slices.Compact(stray)
}

// relative is an import path of ours without the module's name.
func relative(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// goList runs `go list -json` at the top of the repository. Whether everything
// compiles is for the compiler to say, so a broken package is listed, too.
func goList(t *testing.T, args ...string) []goPackage {
	t.Helper()
	fields := "-json=ImportPath,Imports,TestImports,XTestImports,CgoLDFLAGS,CgoPkgConfig"
	decoder := json.NewDecoder(bytes.NewReader([]byte(output(t, "go", append([]string{"list", "-e", fields}, args...)...))))
	var pkgs []goPackage
	for {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read go list %v: %v", args, err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) == 0 {
		t.Fatalf("go list %v names no package", args)
	}
	return pkgs
}

// output is what a command prints when run at the top of the repository.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, stderr.String())
	}
	return string(out)
}
