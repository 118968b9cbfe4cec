package trust

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"starling/sync/identity"
)

func bad(why string) error { return fmt.Errorf("%s: %w", why, ErrBadStatement) }

// check holds that a signed statement keeps its limits and says what its kind
// says, and nothing else.
func (s *Statement) check() error {
	if utf8.RuneCountInString(s.Name) > MaxName {
		return bad("the name is too long")
	}
	if !ordered(s.Known) {
		return bad("the known statements are not in order")
	}
	if len(s.Pages) > MaxPages {
		return bad("too many pages")
	}
	if s.Kind != Found && (s.Space == (SpaceID{}) || len(s.Known) == 0) {
		return bad("a statement without a space or knowledge")
	}
	if err := s.checkKind(); err != nil {
		return err
	}
	if !s.onlyItsOwn() {
		return bad("a statement that says more than its kind may")
	}
	return nil
}

// ordered reports whether hashes are sorted and none is there twice.
func ordered(hashes []StatementHash) bool {
	for i := 1; i < len(hashes); i++ {
		if compareHashes(hashes[i-1], hashes[i]) >= 0 {
			return false
		}
	}
	return true
}

func (s *Statement) checkKind() error {
	switch s.Kind {
	case Found:
		if s.Space != (SpaceID{}) || len(s.Known) > 0 {
			return bad("a founding that says more than it may")
		}
		return nil
	case Admit:
		if s.Subject.IsZero() || !s.Role.known() {
			return bad("an admission of nobody or to nothing")
		}
		if len(s.Pages) > 0 && s.Role.Writes() {
			return bad("lines for one who may write")
		}
	case Remove:
		if s.Subject.IsZero() {
			return bad("a removal of nobody")
		}
	case Link:
		if s.Subject.IsZero() || s.Person.IsZero() {
			return bad("a link of nothing")
		}
		return CheckConsent(s.Subject, s.To, s.Consent)
	case Invite:
		if s.Key == ([32]byte{}) || !s.Role.known() || s.Expiry < 0 {
			return bad("an invitation to nothing")
		}
	case Cancel:
		if s.Names == (StatementHash{}) {
			return bad("a cancellation of nothing")
		}
	case Choose:
		if s.Names == (StatementHash{}) {
			return bad("a choice of nothing")
		}
	case Renew:
		if s.SecretHash == ([32]byte{}) {
			return bad("a renewal of nothing")
		}
	default:
		return bad("an unknown kind")
	}
	return nil
}

func (r Role) known() bool { return r >= Owner && r <= Viewer }

// onlyItsOwn reports whether the fields that the kind does not use are empty.
func (s *Statement) onlyItsOwn() bool {
	unused := func(kinds ...Kind) bool { return !slices.Contains(kinds, s.Kind) }
	return !(unused(Found, Admit, Invite) && s.Name != "" ||
		unused(Admit, Remove, Link) && s.Subject != (identity.DeviceID{}) ||
		unused(Admit, Invite) && s.Role != 0 ||
		unused(Admit, Remove) && len(s.Pages) > 0 ||
		unused(Remove) && s.Whole || unused(Remove, Renew) && s.SecretHash != [32]byte{} ||
		unused(Link) && (s.Person != identity.DeviceID{} || s.To != identity.DeviceID{} || len(s.Consent) > 0) ||
		unused(Invite) && (s.Key != [32]byte{} || s.Count != 0 || s.Expiry != 0) ||
		unused(Admit, Cancel, Choose) && s.Names != StatementHash{} ||
		unused(Choose) && s.Choice != [32]byte{})
}
