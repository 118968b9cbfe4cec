package peer

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"starling/crdt/store"
	"starling/crdt/store/durable"
	"starling/sync/identity"
)

// A backup without the key is a store's file as it is. One with the key is a tar
// archive of both, encrypted with a passphrase in the format of age
// (age-encryption.org/v1).
const (
	plainMagic  = "SQLite format 3\x00"
	sealedMagic = "age-encryption.org/v1\n"
	// maxKeyFile is more than a key file takes, in bytes.
	maxKeyFile = 64 << 10
)

// backer is a storage that can be copied while it works.
type backer interface {
	Backup(ctx context.Context, path string) (store.Summary, error)
}

// Backup writes a copy of all that the peer holds to a new file and checks it, and
// returns how many documents it holds.
// The peer goes on meanwhile. Without a passphrase the copy holds no private key:
// a home restored from it is a new device, to be linked or invited. With one it
// holds the key and is encrypted; then the old home must not be used again once
// it has been restored, since two homes with one key would fork each other's
// documents.
func (p *Peer) Backup(ctx context.Context, file, passphrase string) (documents int, err error) {
	b, ok := p.store.(backer)
	if !ok {
		return 0, fmt.Errorf("back up to %s: this store can't be copied", file)
	}
	var copied store.Summary
	if passphrase == "" {
		copied, err = b.Backup(ctx, file)
	} else {
		copied, err = p.backupWithKey(ctx, b, file, passphrase)
	}
	if err != nil {
		return 0, fmt.Errorf("back up to %s: %w", file, err)
	}
	return copied.Documents, nil
}

// keyStage begins the names of folders in the home in which a backup with the key is
// prepared: nothing that is not encrypted leaves the home.
const keyStage = ".backup-"

func (p *Peer) backupWithKey(ctx context.Context, b backer, file, passphrase string) (copied store.Summary, err error) {
	if gone, err := missing(file); err != nil || !gone {
		return copied, errors.Join(err, fs.ErrExist)
	}
	if p.config.Home == "" {
		return copied, ErrNoHome
	}
	if err := p.dropStages(); err != nil {
		return copied, err
	}
	stage, err := os.MkdirTemp(p.config.Home, p.ownStage()+"*") // for this user alone
	if err != nil {
		return copied, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	if copied, err = b.Backup(ctx, filepath.Join(stage, store.File)); err != nil {
		return copied, err
	}
	key, err := os.ReadFile(filepath.Join(p.config.Home, identity.KeyFile))
	if err != nil {
		return copied, fmt.Errorf("read the device key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(stage, identity.KeyFile), key, 0o600); err != nil {
		return copied, err
	}
	return copied, sealTo(stage, file, passphrase)
}

// ownStage begins the names of the folders that this run makes.
func (p *Peer) ownStage() string { return fmt.Sprintf("%s%x-", keyStage, p.run[:4]) }

// dropStages removes what earlier runs, which were killed, have prepared.
func (p *Peer) dropStages() error {
	entries, err := os.ReadDir(p.config.Home)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), keyStage) && !strings.HasPrefix(e.Name(), p.ownStage()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(p.config.Home, e.Name())))
		}
	}
	return err
}

// sealTo encrypts the files of a folder into a new file, which gets its name when it
// was read again and is on the disk.
func sealTo(from, file, passphrase string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(file), ".starling-backup-*") // for this user alone
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	sums, err := seal(from, part, passphrase)
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := verifySealed(part.Name(), passphrase, sums); err != nil {
		return fmt.Errorf("read the copy again: %w", err)
	}
	return durable.Place(part.Name(), file)
}

// verifySealed decrypts a backup into nothing but hashes.
func verifySealed(file, passphrase string, want map[string]sum) error {
	return unsealWith(file, passphrase, func(name string, content io.Reader) error {
		h := sha256.New()
		if _, err := io.Copy(h, content); err != nil {
			return err
		}
		if sum(h.Sum(nil)) != want[name] {
			return fmt.Errorf("the copy of %s differs: %w", name, ErrBadBackup)
		}
		return nil
	})
}

var backedUp = []string{store.File, identity.KeyFile}

// work is how much it costs to try a passphrase, as a power of two: 256 MB of
// memory, about a second. maxWork is the most that a backup can ask for, as
// somebody may have made it up: 512 MB.
const (
	work    = 18
	maxWork = 19
)

// sum is the hash of a file.
type sum [sha256.Size]byte

// seal packs the files of a folder, encrypts them into out, and flushes that. It
// returns what each of them holds.
func seal(from string, out *os.File, passphrase string) (map[string]sum, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(work)
	encrypted, err := age.Encrypt(out, recipient)
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(encrypted)
	sums := make(map[string]sum)
	for _, name := range backedUp {
		if sums[name], err = pack(archive, from, name); err != nil {
			return nil, err
		}
	}
	return sums, errors.Join(archive.Close(), encrypted.Close(), out.Sync())
}

func pack(archive *tar.Writer, folder, name string) (s sum, err error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return s, err
	}
	defer f.Close() // it is only read
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), Format: tar.FormatPAX}); err != nil {
		return s, err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(archive, h), f)
	return sum(h.Sum(nil)), err
}

// unseal decrypts a backup into an empty folder.
func unseal(from, to, passphrase string) error {
	return unsealWith(from, passphrase, func(name string, content io.Reader) error {
		return write(filepath.Join(to, name), content)
	})
}

// unsealWith decrypts a backup and gives the two files that it holds, and no others.
func unsealWith(from, passphrase string, take func(name string, content io.Reader) error) error {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	id.SetMaxWorkFactor(maxWork)
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // it is only read
	plain, err := age.Decrypt(bufio.NewReader(in), id)
	if err != nil {
		var wrong *age.NoIdentityMatchError
		if errors.As(err, &wrong) {
			return ErrPassphrase
		}
		return fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	content := damaged{plain}
	archive := tar.NewReader(content)
	for _, name := range backedUp {
		head, err := archive.Next()
		if err != nil || head.Name != name || name == identity.KeyFile && head.Size > maxKeyFile {
			return fmt.Errorf("%w: its %s is missing", ErrBadBackup, name)
		}
		if err := take(name, archive); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, content) // the last piece proves that nothing was cut off
	return err
}

// damaged tells what can't be read in a backup from a disk that takes no more.
type damaged struct{ io.Reader }

func (d damaged) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	return n, err
}

// write makes a file for this user alone.
func write(path string, content io.Reader) (err error) {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, content); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return out.Sync()
}
