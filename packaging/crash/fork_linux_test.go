package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"starling/packaging/lab"
)

// told is what a home says of others with its key, and of documents that have two
// texts.
type told struct {
	Problem string
	Forks   []struct{ Document, Branch, Name string }
}

func tells(h *lab.Home) (s told) {
	h.T.Helper()
	h.JSON(&s, "status")
	return s
}

// two are Bo and Anna, in one space, with a text of Anna's.
func two(t *testing.T) (bo, anna *side, doc string) {
	t.Helper()
	program := lab.Program(t)
	bo = &side{Home: lab.NewHome(t, "Bo", program), listen: lab.Loopback(t)}
	anna = &side{Home: lab.NewHome(t, "Anna", program), listen: lab.Loopback(t)}
	bo.serve()
	anna.serve()
	space := bo.Line("space", "new", "Notes")
	anna.Must("connect", bo.listen)
	lab.Pair(bo.Home, anna.Home, space)
	lab.Eventually(t, "the space is shared", func() bool { return strings.Contains(anna.Must("space", "list"), space) })
	doc = anna.Line("doc", "new", space)
	anna.put(doc, "begin ")
	bo.awaits(doc, "begin ")
	return bo, anna, doc
}

// put writes a word at the beginning of a text.
func (s *side) put(doc, word string) {
	s.T.Helper()
	s.Must("edit", doc, "--at", "0", "--insert", word)
}

// awaits waits until a text has some words, each once.
func (s *side) awaits(doc string, words ...string) {
	s.T.Helper()
	lab.Eventually(s.T, fmt.Sprint(words, " arrive"), func() bool {
		text, _ := s.Cat(doc)
		for _, word := range words {
			if strings.Count(text, word) != 1 {
				return false
			}
		}
		return true
	})
}

// copyTo copies a folder as it is.
func copyTo(t *testing.T, to, from string) {
	t.Helper()
	if said, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

// A home is copied, at rest or while it runs, and both run on with one key. They
// write as two actors, so nothing forks; a third hears both in turns, and they are
// told.
func TestCopiedHomes(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprintf("running %v", running), func(t *testing.T) {
			bo, anna, doc := two(t)
			if !running {
				anna.peer.Stop()
			}
			twin := &side{Home: lab.NewHome(t, "Anna", lab.Program(t)), listen: lab.Loopback(t)}
			copyTo(t, twin.Dir, anna.Dir)
			if !running {
				anna.serve()
			}
			anna.put(doc, "west ")
			bo.awaits(doc, "west ")
			twin.put(doc, "east ") // nobody has told it yet
			twin.serve()
			for _, s := range []*side{bo, anna, twin} {
				s.awaits(doc, "begin ", "west ", "east ")
			}
			lab.Eventually(t, "both are told", func() bool {
				return tells(anna.Home).Problem != "" && tells(twin.Home).Problem != ""
			})
			if n := len(tells(bo.Home).Forks); n > 0 {
				t.Errorf("%d forks", n)
			}
		})
	}
}

// A machine's image is put back, and goes on as if nothing had been: it numbers
// changes again that others have. All are told, nobody loses text, and all have both
// texts.
func TestAnImagePutBack(t *testing.T) {
	if id, err := os.ReadFile("/etc/machine-id"); err != nil || len(strings.TrimSpace(string(id))) != 32 {
		lab.Unable(t, "needs a machine that has an ID")
	}
	bo, anna, doc := two(t)
	anna.peer.Stop()
	image := filepath.Join(t.TempDir(), "image")
	copyTo(t, image, anna.Dir)
	anna.serve()
	anna.put(doc, "west ")
	bo.awaits(doc, "west ")
	anna.peer.Stop()
	putBack(t, anna.Dir, image)
	anna.put(doc, "east ") // nobody has told it yet
	anna.serve()
	branch := ""
	lab.Eventually(t, "all have both texts and say so", func() bool {
		for _, s := range []*side{bo, anna} {
			forks := tells(s.Home).Forks
			if len(forks) != 1 || forks[0].Document != doc || forks[0].Name != "Anna" {
				return false
			}
			branch = forks[0].Branch
			if !s.hasBoth(doc, branch) {
				return false
			}
		}
		return true
	})
	anna.put(doc, "more ")
	bo.put(branch, "too ")
	bo.awaits(doc, "more ")
	anna.awaits(branch, "too ")
	for _, s := range []*side{bo, anna} {
		if !s.hasBoth(doc, branch) {
			t.Errorf("%s has lost something", s.Name)
		}
	}
	text, _ := bo.Cat(doc)
	other := "west "
	if strings.Contains(text, other) {
		other = "east "
	}
	bo.Must("doc", "choose", branch)
	for _, s := range []*side{bo, anna} {
		lab.Eventually(t, "the other text counts", func() bool {
			text, _ := s.Cat(doc)
			forks := tells(s.Home).Forks
			return strings.Contains(text, other) && len(forks) == 1 && s.hasBoth(doc, forks[0].Branch)
		})
	}
}

// putBack puts the files of an image back as if the clock had gone back too: each
// in its place, and the stamp of the clean stop as good as it was.
func putBack(t *testing.T, home, image string) {
	t.Helper()
	entries, err := os.ReadDir(image)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(image, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(home, e.Name()), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(home, "starling.db"))
	if err != nil {
		t.Fatal(err)
	}
	changed := info.Sys().(*syscall.Stat_t).Ctim
	stamp := fmt.Sprintf("%d.%09d %d", changed.Sec, changed.Nsec, info.Size())
	if err := os.WriteFile(filepath.Join(home, "clean-stop"), []byte(stamp), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hasBoth reports whether the two texts of a forked document are here.
func (s *side) hasBoth(doc, branch string) bool {
	one, _ := s.Cat(doc)
	other, _ := s.Cat(branch)
	return strings.Count(one+other, "west begin ") == 1 && strings.Count(one+other, "east begin ") == 1 &&
		strings.Contains(one, "begin ") && strings.Contains(other, "begin ")
}
