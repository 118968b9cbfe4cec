package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// KeyFile is the name of the private key in the home folder: PKCS #8 (RFC 5958)
// in PEM, mode 0600. The device's ID stands in a header, so that a damaged key
// is never taken for another one.
const KeyFile = "device.key"

const (
	pemType   = "PRIVATE KEY"
	pemDevice = "Device" // the header
)

// ErrBadKey says that the key file can't be read as an Ed25519 key.
var ErrBadKey = errors.New("the device key is damaged")

// Identity is this device: it signs. It is safe for concurrent use.
type Identity struct {
	key ed25519.PrivateKey
	id  DeviceID
}

// New makes an identity that is kept nowhere.
func New() (*Identity, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a device key: %w", err)
	}
	return fromKey(key), nil
}

func fromKey(key ed25519.PrivateKey) *Identity {
	return &Identity{key: key, id: DeviceID(key.Public().(ed25519.PublicKey))}
}

// Load reads the key in home. It fails with [fs.ErrNotExist] where there is
// none and with [ErrBadKey] where it can't be read; it never replaces one.
func Load(home string) (*Identity, error) {
	path := filepath.Join(home, KeyFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the device key: %w", err)
	}
	id, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", path, ErrBadKey, err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // a copy may have opened it to others
		return nil, fmt.Errorf("keep the device key to its owner: %w", err)
	}
	return id, nil
}

func (i *Identity) encode() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{
		Type:    pemType,
		Headers: map[string]string{pemDevice: i.id.String()},
		Bytes:   der,
	}), nil
}

func decode(data []byte) (*Identity, error) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(rest) != 0 {
		return nil, errors.New("not one private key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key")
	}
	id := fromKey(key)
	if block.Headers[pemDevice] != id.id.String() {
		return nil, errors.New("the key is not that of the device named beside it")
	}
	return id, nil
}

// LoadOrMake reads the key in home or, at the first start, makes one and
// flushes it to the disk before it returns: a device whose ID others have seen
// must find it again. The home folder must exist and its lock be held.
func LoadOrMake(home string) (*Identity, error) {
	id, err := Load(home)
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	if id, err = New(); err != nil {
		return nil, err
	}
	data, err := id.encode()
	if err != nil {
		return nil, fmt.Errorf("encode the device key: %w", err)
	}
	if err := writeDurable(home, KeyFile, data); err != nil {
		return nil, fmt.Errorf("keep the device key: %w", err)
	}
	return id, nil
}

// writeDurable writes a new file with mode 0600 so that after a power cut it is
// there whole or not at all.
func writeDurable(dir, name string, data []byte) error {
	f, err := os.CreateTemp(dir, name+".*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // a no-op once renamed
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

// ID is the public key.
func (i *Identity) ID() DeviceID { return i.id }

// Sign signs msg (RFC 8032). Every caller puts a label of its own in front, so
// that no signature can serve as another's.
func (i *Identity) Sign(msg []byte) []byte { return ed25519.Sign(i.key, msg) }
