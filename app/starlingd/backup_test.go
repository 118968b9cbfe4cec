package main

import (
	"path/filepath"
	"strings"
	"testing"
)

type restoredJSON struct {
	ID        string `json:"id"`
	NewDevice bool   `json:"new_device"`
	Spaces    int    `json:"spaces"`
	Documents int    `json:"documents"`
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	anna := newHost(t)
	annas := anna.serve("Anna")
	space := anna.must("space", "new", "Notes")
	doc := anna.must("doc", "new", space, "--title", "Plan")
	file := filepath.Join(t.TempDir(), "anna.backup")
	if r := anna.run("backup", file); r.code != 0 || r.out != "" || r.err != "Saved 1 document to "+file+" and checked it. It holds no private key.\n" {
		t.Errorf("a backup: exit %d, %q, %q", r.code, r.out, r.err)
	}
	anna.must("edit", doc, "--at", "0", "--insert", "Later. ")
	if r := anna.run("backup", file); r.code != 1 || !strings.Contains(r.err, file) {
		t.Errorf("a second backup over the first: exit %d, %q", r.code, r.err)
	}

	again := newHost(t)
	var done restoredJSON
	again.json(&done, "restore", file)
	if id := again.must("id"); !done.NewDevice || done.ID != id || id == anna.must("id") || done.Documents != 1 {
		t.Errorf("restoring without a key gives %+v, and %s is %s", done, id, anna.must("id"))
	}
	if text := again.must("cat", doc); text != "# Plan" {
		t.Errorf("the restored text is %q", text)
	}
	if r := execute(t, "correct horse\n", newHost(t).args([]string{"restore", file, "--with-key"})...); r.code != 1 || !strings.Contains(r.err, "new device") {
		t.Errorf("restoring with a key that is not there: exit %d, %q", r.code, r.err)
	}
	if r := again.run("restore", file); r.code != 1 || !strings.Contains(r.err, "empty folder") {
		t.Errorf("restoring over a home: exit %d, %q", r.code, r.err)
	}
	annas.stop()
}

func TestBackupWithKey(t *testing.T) {
	t.Parallel()
	anna := newHost(t)
	space := anna.must("space", "new", "Notes", "--json")
	if space == "" {
		t.Fatal("there is no space")
	}
	file := filepath.Join(t.TempDir(), "anna.backup")
	if r := execute(t, "\n", anna.args([]string{"backup", file, "--with-key"})...); r.code != 1 || !strings.Contains(r.err, "empty") {
		t.Errorf("an empty passphrase: exit %d, %q", r.code, r.err)
	}
	if r := execute(t, "short\n", anna.args([]string{"backup", file, "--with-key"})...); r.code != 1 || !strings.Contains(r.err, "longer") {
		t.Errorf("a short passphrase: exit %d, %q", r.code, r.err)
	}
	r := execute(t, "correct horse\n", anna.args([]string{"backup", file, "--with-key"})...)
	if r.code != 0 || !strings.HasPrefix(r.err, "Saved 0 documents to "+file) || !strings.Contains(r.err, "never start Starling here again") {
		t.Fatalf("a backup with the key: exit %d, %q", r.code, r.err)
	}
	again := newHost(t)
	if r := execute(t, "wrong\n", again.args([]string{"restore", file, "--with-key"})...); r.code != 1 || !strings.Contains(r.err, "passphrase") {
		t.Errorf("a wrong passphrase: exit %d, %q", r.code, r.err)
	}
	if r := again.run("restore", file); r.code != 1 || !strings.Contains(r.err, "restore FILE --with-key") {
		t.Errorf("without its passphrase: exit %d, %q", r.code, r.err)
	}
	again.mustRead("correct horse\n", "restore", file, "--with-key")
	if again.must("id") != anna.must("id") {
		t.Error("a restored key is another one")
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	anna := newHost(t)
	annas := anna.serve("Anna")
	if r := anna.run("connect", "203.0.113.7:4000"); r.code != 1 || !strings.Contains(r.err, "starlingd allow") {
		t.Errorf("connecting beyond this network: exit %d, %q", r.code, r.err)
	}
	if r := anna.run("allow", "203.0.113.7"); r.out != "203.0.113.7\n" || r.err != "" {
		t.Errorf("allow prints %q, %q", r.out, r.err)
	}
	if r := anna.run("allow", "127.0.0.1:9"); r.code != 0 || r.out != "203.0.113.7\n" || !strings.HasPrefix(r.err, "127.0.0.1 is on this network") {
		t.Errorf("allow of what needs none: exit %d, %q, %q", r.code, r.out, r.err)
	}
	if r := anna.run("allow", "10.99.0.0/24"); r.code != 1 || !strings.Contains(r.err, "one such address") {
		t.Errorf("allow of a whole network: exit %d, %q", r.code, r.err)
	}
	var s statusJSON
	if anna.json(&s, "status"); s.HopLimit < 2 || len(s.Far) != 1 {
		t.Errorf("with an address allowed, status gives %+v", s)
	}
	if r := anna.run("invisible", "off"); r.code != 0 || r.out != "" || !strings.HasPrefix(r.err, "You are visible") {
		t.Errorf("invisible off: exit %d, %q, %q", r.code, r.out, r.err)
	}
	if r := anna.run("invisible", "on", "--json"); r.out != `{"invisible":true}`+"\n" || !strings.HasPrefix(r.err, "You are invisible") {
		t.Errorf("invisible on: exit %d, %q, %q", r.code, r.out, r.err)
	}
	annas.stop()
	anna.serve("Anna")
	if out := anna.must("allow", "--list"); out != "203.0.113.7" {
		t.Errorf("after a restart the list is %q", out)
	}
	if out := anna.must("allow", "--remove", "203.0.113.7"); out != "" {
		t.Errorf("with none left, allow prints %q", out)
	}
	if anna.json(&s, "status"); s.HopLimit != 1 || len(s.Far) != 0 || !s.Invisible {
		t.Errorf("with none allowed, status gives %+v", s)
	}
}

// The doctor has something to say even where nothing runs, and names what it was
// asked for.
func TestDoctor(t *testing.T) {
	t.Parallel()
	anna, bo, _, _ := two(t)
	var list []struct {
		Topic string `json:"topic"`
		Level string `json:"level"`
		What  string `json:"what"`
		Do    string `json:"do"`
	}
	anna.json(&list, "doctor", "Bo")
	told := false
	for _, f := range list {
		told = told || f.Topic == "person" && strings.Contains(f.What, "Bo")
		if f.What == "" || f.Level != "ok" && f.Level != "note" && f.Level != "problem" {
			t.Errorf("a finding is %+v", f)
		}
	}
	if !told {
		t.Errorf("asked for Bo, the doctor says %+v", list)
	}
	if out := bo.must("doctor"); out == "" {
		t.Error("asked for nobody, the doctor says nothing")
	}
	alone := newHost(t)
	alone.must("space", "new", "Notes")
	if out := alone.must("doctor"); !strings.Contains(out, "serve") {
		t.Errorf("where nothing runs, the doctor says %q", out)
	}
}
