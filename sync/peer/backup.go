package peer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"starling/crdt/store"
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

// Backup writes a copy of all that the peer holds to a new file and checks it.
// The peer goes on meanwhile. Without a passphrase the copy holds no private key:
// a home restored from it is a new device, to be linked or invited. With one it
// holds the key and is encrypted; then the old home must not be used again once
// it has been restored, since two homes with one key would fork each other's
// documents.
func (p *Peer) Backup(ctx context.Context, file, passphrase string) error {
	b, ok := p.store.(backer)
	if !ok {
		return fmt.Errorf("back up to %s: this store can't be copied", file)
	}
	if passphrase == "" {
		if _, err := b.Backup(ctx, file); err != nil {
			return fmt.Errorf("back up to %s: %w", file, err)
		}
		return nil
	}
	if err := p.backupWithKey(ctx, b, file, passphrase); err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	return nil
}

func (p *Peer) backupWithKey(ctx context.Context, b backer, file, passphrase string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fs.ErrExist
	}
	stage, err := os.MkdirTemp(filepath.Dir(file), ".starling-backup-*") // for this user alone
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	if _, err := b.Backup(ctx, filepath.Join(stage, store.File)); err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(p.config.Home, identity.KeyFile))
	if err != nil {
		return fmt.Errorf("read the device key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(stage, identity.KeyFile), key, 0o600); err != nil {
		return err
	}
	sealed, again := filepath.Join(stage, "sealed"), filepath.Join(stage, "again")
	if err := seal(stage, sealed, passphrase); err != nil {
		return err
	}
	if err := os.Mkdir(again, 0o700); err != nil {
		return err
	}
	if err := unseal(sealed, again, passphrase); err != nil {
		return fmt.Errorf("read the copy again: %w", err)
	}
	if err := sameFiles(stage, again); err != nil {
		return err
	}
	return os.Rename(sealed, file)
}

var backedUp = []string{store.File, identity.KeyFile}

// work is how much it costs to try a passphrase, as a power of two: 256 MB of
// memory, about a second. maxWork is the most that a backup can ask for, as
// somebody may have made it up: 512 MB.
const (
	work    = 18
	maxWork = 19
)

// seal packs the files of a folder and encrypts them.
func seal(from, to, passphrase string) (err error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	recipient.SetWorkFactor(work)
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	encrypted, err := age.Encrypt(out, recipient)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(encrypted)
	for _, name := range backedUp {
		if err := pack(archive, from, name); err != nil {
			return err
		}
	}
	if err := errors.Join(archive.Close(), encrypted.Close()); err != nil {
		return err
	}
	return out.Sync()
}

func pack(archive *tar.Writer, folder, name string) error {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer f.Close() // it is only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// unseal decrypts a backup into an empty folder. It takes the two files that a
// backup holds and no others.
func unseal(from, to, passphrase string) error {
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
		if err := write(filepath.Join(to, name), archive); err != nil {
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

// sameFiles fails unless two folders hold the same backup.
func sameFiles(a, b string) error {
	for _, name := range backedUp {
		x, err := os.Open(filepath.Join(a, name))
		if err != nil {
			return err
		}
		y, err := os.Open(filepath.Join(b, name))
		if err != nil {
			return errors.Join(err, x.Close())
		}
		same, err := sameContent(x, y)
		if err = errors.Join(err, x.Close(), y.Close()); err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("the copy of %s differs: %w", name, ErrBadBackup)
		}
	}
	return nil
}

func sameContent(x, y io.Reader) (bool, error) {
	a, b := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errX := io.ReadFull(x, a)
		m, errY := io.ReadFull(y, b)
		if !bytes.Equal(a[:n], b[:m]) {
			return false, nil
		}
		ended := errors.Is(errX, io.EOF) || errors.Is(errX, io.ErrUnexpectedEOF)
		switch {
		case ended:
			return true, nil
		case errX != nil || errY != nil:
			return false, errors.Join(errX, errY)
		}
	}
}
