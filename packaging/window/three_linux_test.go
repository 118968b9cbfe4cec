package window

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"starling/assets"
	"starling/packaging/lab"
)

// riverDay is what three people write in TestThreePeople.
const riverDay = `# A day at the river

Class 7b walks to the weir on **Thursday**. We find out how fast the water runs, and *what lives under the stones*.

## Who brings what
- [x] Nets and buckets, from school
- [x] Two stopwatches that work
- [ ] An orange for each of us, to eat or to float
- [ ] The long tape, 30 m

## How we measure
| try | feet | seconds |
|:----|-----:|--------:|
| bridge | 60 | 31.4 |
| willow | 60 | 29.8 |

` + "```python\nspeed = feet / seconds  # the middle one counts\n```" + `

If it rains, `

// Three people are in one document, each seen by the others. The picture of it
// is what the README shows, as assets/readme.png.
func TestThreePeople(t *testing.T) {
	desktopProgram(t)
	in := network(t)
	mira, jonas, noor := newPerson(t, "Mira", in...), newPerson(t, "Jonas", in...), newPerson(t, "Noor", in...)
	for i, p := range []*person{mira, jonas, noor} {
		p.flags = nil
		p.open()
		p.firstStart([]int{0, 3, 7}[i])
	}
	space := mira.Line("space", "new", "Class 7b")
	for _, title := range []string{"Bus and tickets", "Packing list", "What we saw last year"} {
		mira.Line("doc", "new", space, "--title", title)
	}
	// The others' windows open what was changed last, by whole seconds.
	before := time.Now().Unix()
	lab.Eventually(t, "the next second has come", func() bool { return time.Now().Unix() > before })
	doc := mira.Line("doc", "new", space)
	mira.Must("edit", doc, "--at", "0", "--insert", riverDay)
	for _, p := range []*person{jonas, noor} {
		mira.Must("connect", p.listen)
		lab.Pair(mira.Home, p.Home, space)
		p.awaitText(doc, riverDay)
		p.press(link) // the space is shared: open it
		p.awaitTitle("A day at the river - Starling")
	}
	mira.close()
	// With the marks of Markdown hidden where one is not.
	if err := os.WriteFile(filepath.Join(mira.Dir, "view.json"), []byte(`{"HideMarks": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	mira.open()
	mira.awaitTitle("Welcome, Mira - Starling")
	mira.into()
	mira.keys("ctrl+p")
	mira.write("orange for each")
	mira.keys("Return")
	mira.awaitTitle("A day at the river - Starling")
	lab.Eventually(t, "all are connected", func() bool { return mira.ConnectedTo(jonas.Home, noor.Home) })

	mira.keys(line(9, "End")...)
	noor.keys(line(8, "End", "ctrl+Left", "ctrl+Left", "ctrl+Left", "ctrl+Left", "ctrl+Left", "shift+End")...)
	jonas.into()
	jonas.write("we go on Friday. I tell the bus")
	for _, p := range []*person{mira, noor, jonas} {
		p.awaitText(doc, riverDay+"we go on Friday. I tell the bus")
	}
	lab.Eventually(t, "Mira sees the others' carets", func() bool {
		img := mira.picture()
		for _, n := range []int{3, 7} {
			name := thing{"a name at a caret", full.Inset(1), tokens.Person(n).Fill, 24, 0}
			name.area.Min.X, name.area.Max.X = notice.Min.X, notice.Max.X
			name.area.Min.Y = assets.BarHeight
			if _, ok := name.find(img); !ok {
				return false
			}
		}
		return true
	})
	mira.shot("readme")
	for _, p := range []*person{mira, jonas, noor} {
		p.close()
	}
}

// line are the keys that lead to the n-th row of the text, from 0, and then.
func line(n int, then ...string) []string {
	keys := []string{"ctrl+Home"}
	for range n {
		keys = append(keys, "Down")
	}
	return append(keys, then...)
}
