package control

import (
	"context"

	"starling/sync/peer"
)

// BackupArgs is the file to make, as the peer sees the path: absolute. With a
// Passphrase the backup holds the device's key and is encrypted.
type BackupArgs struct {
	File       string `json:"file"`
	Passphrase string `json:"passphrase"`
}

// Backup saves all that the home holds, while it goes on being used.
var Backup = single("backup", func(ctx context.Context, p *peer.Peer, a BackupArgs) (None, error) {
	return None{}, p.Backup(ctx, a.File, a.Passphrase)
})
