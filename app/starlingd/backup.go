package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"starling/app/control"
	"starling/sync/peer"
)

// passphraseFrom reads the first line of standard input, so that the passphrase
// stands neither in the list of processes nor in the shell's history.
func passphraseFrom(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errNoPassphrase
	}
	return line, nil
}

func backupCommand() *command {
	withKey := false
	return &command{
		name: "backup", forms: []string{"FILE [--with-key]"}, min: 1, max: 1,
		about: "save everything to FILE, checked; without this device's key\n" +
			"--with-key  with the key too, encrypted with a passphrase that is read from\n" +
			"            standard input: after \"restore\" the old installation must not run again",
		flags: func(set *flag.FlagSet) { set.BoolVar(&withKey, "with-key", false, "") },
		run: func(ctx context.Context, j *job) error {
			file, err := filepath.Abs(j.args[0])
			if err != nil {
				return fmt.Errorf("backup to %s: %w", j.args[0], err)
			}
			args := control.BackupArgs{File: file}
			if withKey {
				if args.Passphrase, err = j.newPassphrase(); err != nil {
					return err
				}
			}
			return simple(ctx, j, control.Backup, args, func(b control.BackedUp) []string {
				j.tell(backedUp(b, j.args[0]))
				return nil
			})
		},
	}
}

// backedUp says what was saved and what that means.
func backedUp(b control.BackedUp, file string) string {
	if b.Key {
		return fmt.Sprintf("Saved %s to %s and checked it. This backup is this device. "+
			"Once it is restored elsewhere, never start Starling here again.", count(b.Documents, "document"), file)
	}
	return fmt.Sprintf("Saved %s to %s and checked it. It holds no private key.", count(b.Documents, "document"), file)
}

// askPassphrase reads the passphrase: from a person at a terminal without showing
// it, else from the first line.
func (j *job) askPassphrase() (string, error) {
	if f, ok := j.terminal(); ok {
		return j.typed(f, "Passphrase: ")
	}
	return passphraseFrom(j.in)
}

// newPassphrase is askPassphrase for one that is to be kept: a person types it
// twice, since with a slip in it nobody could open what it protects.
func (j *job) newPassphrase() (string, error) {
	f, ok := j.terminal()
	if !ok {
		once, err := passphraseFrom(j.in)
		return once, cmp.Or(err, strong(once))
	}
	once, err := j.typed(f, "Passphrase: ")
	if err != nil {
		return "", err
	}
	if err := strong(once); err != nil {
		return "", err
	}
	again, err := j.typed(f, "The same again: ")
	if err == nil && again != once {
		err = errors.New("the two passphrases differ; nothing was written; try again")
	}
	return once, err
}

// minPassphrase is how many code points a passphrase has at least. Each try costs whoever
// has the file a second of a computer's time (age's scrypt), so that shorter ones are
// found.
const minPassphrase = 10

func strong(passphrase string) error {
	if utf8.RuneCountInString(passphrase) < minPassphrase {
		return fmt.Errorf("the passphrase has fewer than %d characters; nothing was written; use a longer one, such as five words", minPassphrase)
	}
	return nil
}

func (j *job) terminal() (*os.File, bool) {
	f, ok := j.in.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// typed asks at a terminal.
func (j *job) typed(f *os.File, prompt string) (string, error) {
	fmt.Fprint(j.err, prompt)
	line, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(j.err)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if len(line) == 0 {
		return "", errNoPassphrase
	}
	return string(line), nil
}

var errNoPassphrase = errors.New("the passphrase is empty; type it on standard input, as its first line")

func restoreCommand() *command {
	withKey := false
	return &command{
		name: "restore", forms: []string{"FILE [--with-key]"}, min: 1, max: 1,
		about: "make the home out of a backup, and print its ID; it must hold no Starling. Without a\n" +
			"key this is a new device: link it with \"device link\", or have it invited\n" +
			"--with-key  the backup holds the key; its passphrase is read from standard input",
		flags: func(set *flag.FlagSet) { set.BoolVar(&withKey, "with-key", false, "") },
		run: func(ctx context.Context, j *job) error {
			passphrase := ""
			if withKey {
				var err error
				if passphrase, err = j.askPassphrase(); err != nil {
					return err
				}
			}
			report, err := peer.Restore(ctx, j.home, j.args[0], passphrase)
			if err != nil && report.Aside != "" {
				return fmt.Errorf("%w; what an earlier Starling had left here is in %s", err, report.Aside)
			}
			if err != nil {
				return err
			}
			return j.printRestored(report)
		},
	}
}

// restored is what "restore" prints with --json.
type restored struct {
	ID        string `json:"id"`
	NewDevice bool   `json:"new_device"`
	Spaces    int    `json:"spaces"`
	Documents int    `json:"documents"`
	Aside     string `json:"aside,omitempty"`
}

func (j *job) printRestored(r peer.RestoreReport) error {
	next := "It is a new device: link it with your other one (starlingd device link), or have it invited."
	if !r.NewDevice {
		next = "It is the device that was backed up. Never start the old installation again."
	}
	if r.Aside != "" {
		next += fmt.Sprintf(" What an earlier Starling had left here is in %s.", r.Aside)
	}
	fmt.Fprintf(j.err, "Restored %s in %s. %s\n", count(r.Documents, "document"), count(r.Spaces, "space"), next)
	return j.print(restored{r.Device.String(), r.NewDevice, r.Spaces, r.Documents, r.Aside}, r.Device.String())
}
