package hostile

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"starling/packaging/lab"
)

// A member says what makes no sense: places that are none, numbers that no change
// has, secrets that no removal names, lines that were not begun. The peer hangs up
// or passes it over, and nothing is lost.
func TestNonsenseFromAMember(t *testing.T) {
	a := attackOn(t, true)
	id := a.m.space
	doc, nobody := a.doc[:], make([]byte, 16)
	most := uint64(math.MaxUint64)
	far := []any{nobody, uint64(math.MaxUint32), true}
	founder := []byte(a.held[0].Actor)
	tip := a.held[len(a.held)-1].Hash
	presence := func(change fields) fields {
		f := fields{1: id, 2: doc, 3: far}
		for k, v := range change {
			f[k] = v
		}
		return f
	}
	secrets := make([][]byte, 4)
	for name, frames := range map[string][]struct {
		kind byte
		m    fields
	}{
		"a place beyond the end":    {{kindPresence, presence(fields{4: far, 5: nobody, 6: most})}},
		"a place of 64 bits":        {{kindPresence, presence(fields{3: []any{nobody, most, true}})}},
		"a view from nowhere":       {{kindPresence, presence(fields{9: far, 7: true})}},
		"a place in no document":    {{kindPresence, presence(fields{2: nobody})}},
		"the founder's place":       {{kindPresence, presence(fields{3: []any{founder, 1, false}, 5: founder, 6: most})}},
		"holds what nobody wrote":   {{kindHave, fields{1: id, 2: doc, 3: []any{[]any{founder, most, nobodysHash()}}, 4: false}}},
		"wants from beyond":         {{kindHave, fields{1: id, 2: doc, 3: []any{[]any{founder, most, nobodysHash()}}, 4: true}}},
		"holds 0":                   {{kindHave, fields{1: id, 2: doc, 3: []any{[]any{founder, 0, tip[:]}}, 4: false}}},
		"goes back":                 {{kindHave, fields{1: id, 2: doc, 3: []any{[]any{founder, 1, nobodysHash()}}, 4: false}}},
		"vectors out of turn":       {{kindVectors, fields{1: id, 2: []any{fields{1: doc, 2: []any{[]any{founder, most, tip[:]}}}}, 3: true}}},
		"a line that was not begun": {{kindBrief, fields{1: 7, 2: [][]byte{{0}}, 3: make([]byte, 64)}}},
		"line 0":                    {{kindBrief, fields{1: 0, 2: [][]byte{{0}}, 3: make([]byte, 64)}}},
		"a line of 64 bits":         {{kindGot, fields{1: []uint64{most, most}}}},
		"the last line there is":    {{kindChanges, fields{1: id, 2: doc, 3: [][]byte{}, 4: []fields{a.m.head(a.doc, nobody, 1, tip)}, 5: most}}},
		"secrets of no removal":     {{kindKey, fields{1: id, 2: fill(secrets, 1)}}, {kindKey, fields{1: id, 2: fill(secrets, 2)}}},
		"reaches everyone":          {{kindReach, fields{1: [][]byte{a.id(t), a.m.id(), nobodysHash()}}}},
		"a snapshot by the way":     {{kindSnapshot, fields{1: id, 2: doc, 3: nobodysHash(), 4: most, 5: most, 6: []byte("x")}}},
		"has more than there is":    {{kindResume, fields{1: id, 2: []any{fields{1: doc, 2: nobodysHash(), 3: most}}}}},
		"tags without end":          tagsWithoutEnd(),
		"a second digest": {
			{kindDigest, fields{1: id, 2: nobodysHash(), 3: nobodysHash()}}, {kindDigest, fields{1: id, 2: nobodysHash(), 3: nobodysHash()}},
		},
	} {
		l := a.m.join(t, a.victim)
		for range 3 {
			for _, f := range frames {
				l.send(t, f.kind, f.m)
			}
		}
		l.settled(t)
		l.close()
		if !a.alive() {
			t.Fatalf("%s: it died", name)
		}
		a.answers(t, "status", a.doc.String())
	}
	if text, _ := a.Cat(a.doc.String()); text != a.text {
		t.Errorf("the text is %q", text)
	}
	a.check(t)
	a.honest(t)
	if again := a.m.fetch(t, a.victim, a.doc); len(again) != len(a.held) {
		t.Errorf("the member is sent %d changes, want %d", len(again), len(a.held))
	}
}

func tagsWithoutEnd() (frames []struct {
	kind byte
	m    fields
},
) {
	for range 100 {
		frames = append(frames, struct {
			kind byte
			m    fields
		}{kindTags, fields{1: [][]byte{make([]byte, 32)}}})
	}
	return frames
}

func nobodysHash() []byte { return []byte(strings.Repeat("h", 32)) }

func fill(secrets [][]byte, with byte) [][]byte {
	for i := range secrets {
		secrets[i] = []byte(strings.Repeat(string(rune('a'+with)), 31) + string(rune('a'+i)))
	}
	return secrets
}

// A tag that was seen on another connection opens nothing to one who saw it.
func TestTagsAreNotReplayed(t *testing.T) {
	a := attackOn(t, false)
	mine := a.m.join(t, a.victim)
	thief := newDevice(t, "Eve").dial(t, a.victim).greet(t)
	thief.send(t, kindTags, fields{1: [][]byte{a.m.tag(mine)}})
	for _, kind := range thief.heard(300 * time.Millisecond) {
		if kind != kindTags && kind != kindHello {
			t.Errorf("it hears message %d", kind)
		}
	}
}

// One who is in a space with us, and a stranger, would bring us into spaces of their
// own without end.
func TestGrantsThatNobodyAskedFor(t *testing.T) {
	a := attackOn(t, false)
	grants := func(d device, l *line, n int) {
		for range n {
			m := &member{device: d, space: make([]byte, 32)}
			found := m.say(t, fields{1: 1, 7: "Buy now"})
			m.space = hashesOf([][]byte{found})[0]
			in := m.say(t, fields{1: 2, 4: [][]byte{m.space}, 7: "Ada", 8: l.peer, 9: 2})
			l.send(t, kindGrant, fields{1: m.space, 2: [][]byte{nobodysHash()}, 3: [][]byte{found, in}, 4: true})
		}
		l.send(t, 200, fields{})
	}
	eve := newDevice(t, "Eve")
	l := eve.dial(t, a.victim).greet(t)
	l.send(t, kindTags, fields{1: [][]byte{}})
	grants(eve, l, 3)
	l.heard(200 * time.Millisecond)
	if n := a.spaces(); n != 1 {
		t.Errorf("a stranger has brought us into spaces: there are %d", n)
	}
	l = a.m.join(t, a.victim)
	grants(a.m.device, l, maxSpaces+100)
	l.await(t, kindUnknown)
	if n := a.spaces(); n > maxSpaces+1 {
		t.Errorf("a member has brought us into spaces: there are %d", n)
	}
	a.check(t)
	a.honest(t)
}

// maxSpaces is into how many spaces one device can bring us: as many as two can
// speak about.
const maxSpaces = 128

func (v *victim) spaces() int { return strings.Count(v.Must("space", "list"), "\n") }

// Names that are full of what steers a terminal or turns the direction of writing,
// that are very long, or that look like somebody known: what is printed is one
// harmless line for each, and says which is not the one we know.
func TestNamesThatDeceive(t *testing.T) {
	v := attacked(t, "Ada")
	grace := pairWith(t, v, "Grace")
	defer grace.join(t, v).close()
	v.settle(t)
	for _, name := range []string{
		"Gr\u0430ce", "GRACE", "Gr\u00e0ce", "\u202eecarG", "Grace\u2066", "\x1b[2J\x1b]0;owned\x07", "a\nb", "\r\n",
		strings.Repeat("\u0301", 64), strings.Repeat("x", 64), "\u200b\u200b", "\u0000",
	} {
		l := newDevice(t, name).dial(t, v)
		l.send(t, kindHello, fields{1: version, 2: name, 3: "#zz\x1b[m", 4: newNonce(t)})
		l.settled(t)
		for line := range strings.Lines(v.answers(t, "peers")) {
			for _, r := range strings.TrimSuffix(line, "\n") {
				if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Errorf("%q: peers prints %q", name, line)
				}
			}
		}
		if name == "Gr\u0430ce" || name == "GRACE" {
			lab.Eventually(t, name+" is told from Grace", func() bool {
				out := v.Must("peers", "--json")
				return strings.Contains(out, `"looks_like":"Grace"`) || strings.Contains(out, `"looks_like": "Grace"`)
			})
		}
		l.close()
	}
	v.check(t)
}
