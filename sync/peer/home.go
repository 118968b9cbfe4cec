package peer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/names"
)

// prepareHome makes sure that the home folder is there.
func prepareHome(c Config) error {
	_, err := os.Stat(filepath.Join(c.Home, identity.KeyFile))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Home, store.File)); err == nil {
		return nil // load looks what became of the key
	}
	if !c.Make {
		return fmt.Errorf("%s: %w", c.Home, ErrNoHome)
	}
	if err := os.MkdirAll(c.Home, 0o700); err != nil {
		return fmt.Errorf("make the home: %w", err)
	}
	return nil
}

// loadIdentity reads the device's key, or makes it at the first start. Where
// documents are but no key is, it must not make another: that would be another
// device, and nobody could get the old one's rights back.
func (p *Peer) loadIdentity(ctx context.Context) (*identity.Identity, error) {
	if p.config.Identity != nil {
		return p.config.Identity, nil
	}
	id, err := identity.Load(p.config.Home)
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	spaces, err := p.store.Spaces(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(spaces) > 0:
		return nil, fmt.Errorf("%s: %w", p.config.Home, ErrKeyLost)
	case !p.config.Make:
		return nil, fmt.Errorf("%s: %w", p.config.Home, ErrNoHome)
	}
	return identity.LoadOrMake(p.config.Home)
}

// SystemName is what the system calls its user, for a peer without a screen
// whose person gave no name. A window asks instead, and announces no name until
// it has one.
func SystemName() string {
	u, err := user.Current()
	if err != nil {
		return "Someone"
	}
	name, _, _ := strings.Cut(u.Name, ",") // the full name, without the office
	if name = CleanName(name); name == "" {
		name = CleanName(filepath.Base(u.Username))
	}
	if name == "" {
		return "Someone"
	}
	return name
}

// CleanName makes a name fit to be shown: see [names.Clean].
func CleanName(name string) string { return names.Clean(name) }

// cleanColour passes "#RRGGBB" and nothing else.
func cleanColour(c string) string {
	if len(c) != 7 || c[0] != '#' || strings.Trim(c[1:], "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return strings.ToUpper(c)
}
