package sequence

import (
	"fmt"
	"slices"
	"strings"

	"starling/crdt/opid"
)

// cell is an element as the model has it.
type cell struct {
	id, origin opid.ID
	char       rune
	values     []value // the insertion's and those of revivals
	item       *testItem
}

// value is what one operation wrote, and who deleted it.
type value struct {
	op      opid.ID
	deleted []opid.ID
}

// testItem shows an x more or less for each operation that replaced it.
type testItem struct {
	id, greatest opid.ID
	width        int
}

func (i *testItem) Frozen() Item { return i }

func (i *testItem) Text(at opid.Clock) string {
	if !at.Has(i.id) {
		return ""
	}
	return strings.Repeat("x", i.width)
}

// model is a sequence that does everything element by element.
type model struct {
	actors *opid.Actors
	cells  []*cell
}

func (m *model) index(id opid.ID) int {
	return slices.IndexFunc(m.cells, func(c *cell) bool { return c.id == id })
}

func (m *model) insert(id, origin opid.ID, char rune, item *testItem) {
	i := m.index(origin) + 1
	for i < len(m.cells) && m.actors.Less(id, m.cells[i].id) {
		i++
	}
	c := &cell{id: id, origin: origin, char: char, item: item}
	if item == nil {
		c.values = []value{{op: id}}
	}
	m.cells = slices.Insert(m.cells, i, c)
}

func (m *model) delete(elem, val, by opid.ID) {
	c := m.cells[m.index(elem)]
	for i := range c.values {
		if c.values[i].op == val {
			c.values[i].deleted = append(c.values[i].deleted, by)
		}
	}
}

func (m *model) revive(elem, by opid.ID) {
	c := m.cells[m.index(elem)]
	c.values = append(c.values, value{op: by})
}

// text is what the element shows in a version.
func (c *cell) text(at opid.Clock) string {
	if c.item != nil {
		return c.item.Text(at)
	}
	for _, v := range c.values {
		if at.Has(v.op) && !slices.ContainsFunc(v.deleted, at.Has) {
			return string(c.char)
		}
	}
	return ""
}

func (m *model) text(at opid.Clock) string {
	var b strings.Builder
	for _, c := range m.cells {
		b.WriteString(c.text(at))
	}
	return b.String()
}

// String tells all there is to know of an element.
func (c *cell) String() string {
	if c.item != nil {
		return fmt.Sprint(c.id, c.origin, "item ", c.item.width)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v%v%q", c.id, c.origin, c.char)
	slices.SortFunc(c.values[1:], func(x, y value) int { return order(x.op, y.op) })
	for _, v := range c.values {
		slices.SortFunc(v.deleted, order)
		fmt.Fprint(&b, " ", v.op, v.deleted)
	}
	return b.String()
}

// order is any total order.
func order(a, b opid.ID) int {
	if a.Counter != b.Counter {
		return int(a.Counter) - int(b.Counter)
	}
	return int(a.Actor) - int(b.Actor)
}

// cellsOf takes a run apart.
func cellsOf(r Run) []*cell {
	if r.Item != nil {
		return []*cell{{id: r.First, origin: r.Origin, item: r.Item.(*testItem)}}
	}
	var cells []*cell
	chars := []rune(r.Content)
	if len(chars) != r.N {
		panic(fmt.Sprintf("%d code points in a run of %d", len(chars), r.N))
	}
	at := func(spans []Span, i int) (ids []opid.ID) {
		for _, s := range spans {
			ids = append(ids, s.At(i))
		}
		return ids
	}
	for i := range r.N {
		c := &cell{id: r.First.Plus(i), origin: r.Origin, char: chars[i]}
		if i > 0 {
			c.origin = r.First.Plus(i - 1)
		}
		c.values = []value{{r.First.Plus(i), at(r.Deleted, i)}}
		for _, l := range r.Revived {
			c.values = append(c.values, value{l.At(i), at(l.Deleted, i)})
		}
		cells = append(cells, c)
	}
	return cells
}

// describe is a line for each cell.
func describe(cells []*cell) string {
	lines := make([]string, len(cells))
	for i, c := range cells {
		lines[i] = c.String()
	}
	return strings.Join(lines, "\n")
}

// describeAll is the same of a sequence.
func describeAll(s *Sequence) string {
	var cells []*cell
	s.All(func(r Run) bool {
		cells = append(cells, cellsOf(r)...)
		return true
	})
	return describe(cells)
}
