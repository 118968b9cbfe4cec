package trust

import (
	"fmt"

	"starling/sync/identity"
)

const labelConsent = "starling/consent/1"

func consentMessage(subject, to identity.DeviceID) []byte {
	m := append([]byte(labelConsent), subject[:]...)
	return append(m, to[:]...)
}

// Consent is a device's word that it is the same person's as to, in any space.
func Consent(id *identity.Identity, to identity.DeviceID) []byte {
	return id.Sign(consentMessage(id.ID(), to))
}

// CheckConsent fails with [ErrBadSignature] if the consent is not subject's to
// be one with to.
func CheckConsent(subject, to identity.DeviceID, consent []byte) error {
	if !subject.Verify(consentMessage(subject, to), consent) {
		return fmt.Errorf("consent of %v to be one with %v: %w", subject, to, ErrBadSignature)
	}
	return nil
}
