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

// BackedUp says how many documents a backup holds, that it was read again and found
// whole, and whether it holds the device's key.
type BackedUp struct {
	Documents int  `json:"documents"`
	Checked   bool `json:"checked"`
	Key       bool `json:"key"`
}

// Backup saves all that the home holds, while it goes on being used.
var Backup = single("backup", func(ctx context.Context, p *peer.Peer, a BackupArgs) (BackedUp, error) {
	documents, err := p.Backup(ctx, a.File, a.Passphrase)
	return BackedUp{documents, err == nil, a.Passphrase != ""}, err
})
