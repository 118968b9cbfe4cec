package crdt

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"starling/crdt/history"
	"starling/crdt/opid"
)

// ErrBadName says that a version can't be called so.
var ErrBadName = errors.New("a version's name has 1 to 100 characters, none of them a line break, and is neither an ID nor \"now\"")

// nameKey begins the root keys that hold the names of versions. A name is a key
// of its own at the root, so that two devices can each give their first name
// while they are apart: each would make a map to hold it, and one map would hide
// the other. The value is a string, the version's heads:
//
//	starling.version/first draft = "6f1c…:19 80aa…:4"
const nameKey = "starling.version/"

// nameMessage is the message of a change that gives or takes names. It belongs to
// no version, so that it does not make one of its own.
const nameMessage = "name a version"

const (
	// maxName is the longest name in code points.
	maxName = 100
	// maxNames is how many names [Document.History] tells: one who wrote very
	// many must not keep it busy. [Document.FindVersion] finds any.
	maxNames = 1000
	// maxHeads is the longest value in bytes: some 100 heads.
	maxHeads = 4 << 10
)

// NameVersion gives a version a name, in a change of its own that travels and
// merges like any other. A version that was called so loses the name. Names are
// for everybody.
func (d *Document) NameVersion(name string, v Version, now time.Time) (Edited, error) {
	if err := checkName(name); err != nil {
		return Edited{}, fmt.Errorf("name version %v %q: %w", v.ID, name, err)
	}
	parts := make([]string, len(v.Heads))
	for i, h := range v.Heads {
		parts[i] = fmt.Sprintf("%v:%d", h.Actor, h.Seq)
	}
	heads := strings.Join(parts, " ")
	if len(heads) > maxHeads {
		return Edited{}, fmt.Errorf("name version %v %q: it has %d heads: %w", v.ID, name, len(parts), ErrBadValue)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.books().indexes(v.Heads); err != nil {
		return Edited{}, fmt.Errorf("name version %v %q: %w", v.ID, name, err)
	}
	return d.writeName(now, func(tx *Tx) error { return tx.Put(ObjID{}, nameKey+name, heads) })
}

// writeName writes or deletes a name. write fails only before it has written.
func (d *Document) writeName(now time.Time, write func(*Tx) error) (Edited, error) {
	if err := d.ready(); err != nil {
		return Edited{}, fmt.Errorf("name a version of document %v: %w", d.id, err)
	}
	tx := d.newTx(now, nameMessage)
	if err := write(tx); err != nil {
		return Edited{}, fmt.Errorf("name a version of document %v: %w", d.id, err)
	}
	return tx.w.finish(nil)
}

// ForgetVersionName takes a name away. The version stays. The error is
// [ErrNoValue] if no version is called so.
func (d *Document) ForgetVersionName(name string, now time.Time) (Edited, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writeName(now, func(tx *Tx) error { return tx.Delete(ObjID{}, nameKey+name) })
}

// checkName refuses what a person could not call a version by.
func checkName(name string) error {
	n := utf8.RuneCountInString(name)
	_, notHex := hex.DecodeString(name)
	if !utf8.ValidString(name) || n == 0 || n > maxName || strings.ContainsFunc(name, unicode.IsControl) || name == "now" ||
		notHex == nil && n == hex.EncodedLen(len(VersionID{})) {
		return ErrBadName
	}
	return nil
}

// versionName is a name, the version that it names, and who gave it.
type versionName struct {
	name  string
	heads []int
	actor ActorID
	time  int64
}

// namedVersion returns the version of a name.
func (d *Document) namedVersion(name string) (versionName, bool) {
	v, _, ok := d.set.Get(opid.ID{}, nameKey+name, nil)
	text, isString := v.Data.(string)
	if !ok || !isString {
		return versionName{}, false
	}
	at, ok := d.parseHeads(text)
	by, held := d.graph.Holding(v.Op)
	if !ok || !held {
		return versionName{}, false
	}
	return versionName{name, at, ActorID(d.actors.Name(v.Op.Actor)), d.graph.Time(by)}, true
}

// parseHeads reads the heads of a version. It may come from anybody.
func (d *Document) parseHeads(text string) ([]int, bool) {
	if len(text) > maxHeads {
		return nil, false
	}
	var heads []Head
	for part := range strings.FieldsSeq(text) {
		name, number, _ := strings.Cut(part, ":")
		actor, err1 := hex.DecodeString(name)
		seq, err2 := strconv.ParseUint(number, 10, 32)
		if err1 != nil || err2 != nil {
			return nil, false
		}
		heads = append(heads, Head{ActorID(actor), seq})
	}
	at, err := d.books().indexes(heads)
	slices.Sort(at)
	return slices.Compact(at), err == nil
}

// nameVersions puts names to versions, and adds those that have one and are not
// listed, each after the last that it has all of.
func (b books) nameVersions(all []Version, listed []history.Version, names []versionName) []Version {
	byID := make(map[VersionID]*Version, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	after := map[int][]*Version{} // those that are not listed
	for _, n := range names {
		id := history.IDOf(b.graph, b.actors, n.heads)
		v := byID[id]
		if v == nil {
			when := time.Unix(n.time, 0)
			v = &Version{ID: id, Heads: b.heads(n.heads), Author: n.actor, From: when, To: when, Before: id}
			byID[id] = v
			at := b.lastWithin(listed, n.heads)
			after[at] = append(after[at], v)
		}
		v.Names = append(v.Names, n.name)
	}
	if len(after) == 0 {
		return all
	}
	var merged []Version
	for i := range len(all) + 1 {
		for _, v := range after[i] {
			merged = append(merged, *v)
		}
		if i < len(all) {
			merged = append(merged, all[i])
		}
	}
	return merged
}

// versionNames are the names of versions, in the order of their bytes, but no
// more than maxNames.
func (d *Document) versionNames() []versionName {
	var names []versionName
	for _, key := range d.set.Keys(opid.ID{}, nil) {
		name, ok := strings.CutPrefix(key, nameKey)
		if !ok || len(names) == maxNames {
			continue
		}
		if n, ok := d.namedVersion(name); ok {
			names = append(names, n)
		}
	}
	return names
}

// lastWithin is how many versions there are up to the last one that the state
// with some heads has all of.
func (b books) lastWithin(listed []history.Version, heads []int) int {
	past := b.graph.Past(heads)
	for i, v := range slices.Backward(listed) {
		if past.HasChange(v.Last) {
			return i + 1
		}
	}
	return 0
}
