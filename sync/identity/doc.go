// Package identity is who a device is: an Ed25519 key pair made at the first
// start and kept in the home folder, its public half as the device's ID, the
// certificate that shows it in TLS, and the six digits that two people compare.
package identity
