package guard

import (
	"fmt"
	"slices"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// Keys of the root.
const (
	// ContentKey holds the document's text.
	ContentKey = "content"
	// TextKey holds the key of the text where that is another one.
	TextKey = "starling.text"
)

// founding reports whether the change may be the document's first that is not
// foreign.
func (k *checker) founding() bool {
	return k.c.Seq == 1 && (k.rules.Founder == "" || k.rules.Founder == string(k.c.Actor))
}

// checkFounder checks that the change builds on the founding one.
func (k *checker) checkFounder() error {
	if k.rules.Foreign || k.rules.Founder == "" || k.founding() {
		return nil
	}
	if founder, ok := k.g.Actors().Find(k.rules.Founder); !ok || k.past.Seq(founder) == 0 {
		return ErrFounder
	}
	return nil
}

// checkRootKey holds a write to the root to the rule on the document's text.
func (k *checker) checkRootKey(op *format.Op) error {
	err := error(nil)
	switch op.Key.Name {
	case ContentKey:
		err = k.checkContent(op)
	case TextKey:
		err = k.checkTextKey(op)
	case k.textKeyBefore():
		err = ErrTextReplaced
	}
	if err != nil {
		return fmt.Errorf("key %q: %w", op.Key.Name, err)
	}
	return nil
}

// checkContent lets only a first change make the text: alone, or on top of a
// file that has none.
func (k *checker) checkContent(op *format.Op) error {
	if op.Action != format.MakeText || len(op.Pred) > 0 || !k.founding() || k.wrote(ContentKey) {
		return ErrTextReplaced
	}
	if len(k.c.Deps) == 0 {
		return nil
	}
	if _, _, ok := k.s.Get(opid.ID{}, ContentKey, k.past.Clock()); ok || k.rules.Founder == "" || k.textKeyBefore() != "" {
		return ErrTextReplaced
	}
	return nil
}

// checkTextKey lets only the first change on top of a file name the text's key.
func (k *checker) checkTextKey(op *format.Op) error {
	switch {
	case !k.founding() || len(k.c.Deps) == 0 || k.wrote(TextKey):
		return ErrTextReplaced
	case k.rules.Founder == "" && k.textKeyBefore() != "":
		return ErrTextReplaced
	case op.Action != format.Set || op.Value.Type != format.String:
		return ErrValue
	}
	key := string(op.Value.Raw)
	if slices.ContainsFunc(k.c.Ops, func(o format.Op) bool { return o.Obj.IsZero() && o.Key.Name == key }) {
		return ErrTextReplaced
	}
	winner, _, ok := k.s.Get(opid.ID{}, key, k.past.Clock())
	if object, isObject := winner.Data.(opset.Object); !ok || !isObject || object.Kind != opset.Text {
		return fmt.Errorf("%q holds no text: %w", key, ErrValue)
	}
	return nil
}

// wrote reports whether an earlier operation of the change wrote a key of the
// root.
func (k *checker) wrote(key string) bool {
	before := k.c.Ops[:k.next-uint32(k.c.StartOp)]
	return slices.ContainsFunc(before, func(o format.Op) bool { return o.Obj.IsZero() && o.Key.Name == key })
}

// textKeyBefore returns what the root's [TextKey] says in the past, or "".
func (k *checker) textKeyBefore() string {
	if k.hasTextKey {
		return k.textKey
	}
	k.hasTextKey = true
	if winner, _, ok := k.s.Get(opid.ID{}, TextKey, k.past.Clock()); ok {
		k.textKey, _ = winner.Data.(string)
	}
	return k.textKey
}
