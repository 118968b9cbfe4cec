package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// rawTree is a table or an index of a damaged database.
type rawTree struct {
	name string
	root int
	// index says that its pages are of the kind of an index, which those of a table
	// without rowids are, too.
	index bool
	// broken says that a page of it may be missing. Where none is, a row on a page to
	// which nothing leads was deleted, or is an old copy; unless the page is mapped as
	// in a tree: then one that should lead to it is older than it, or wrong.
	broken bool
	// whole are the first and the last key on each leaf of which all can be read.
	whole [][2]int64
}

// has reports whether a row with this key would be on a leaf of which all can be read.
func (t *rawTree) has(key int64) bool {
	i, _ := slices.BinarySearchFunc(t.whole, key, func(keys [2]int64, key int64) int {
		switch {
		case keys[1] < key:
			return -1
		case keys[0] > key:
			return 1
		}
		return 0
	})
	return i < len(t.whole) && t.whole[i][0] <= key && key <= t.whole[i][1]
}

// rawMap tells for each page, from 1, to which tree it belongs; nil if none leads to it.
type rawMap struct {
	of    []*rawTree
	trees map[string]*rawTree
}

// trees finds the pages to which others lead. If not all of the schema can be read, it
// takes the roots of trees that are missing there from likely; whether they are those
// is then not known, and so they count as broken.
func (f rawFile) trees(likely []rawTree) *rawMap {
	m := &rawMap{of: make([]*rawTree, f.pages()+1), trees: map[string]*rawTree{}}
	schema := &rawTree{name: "sqlite_schema", root: 1}
	m.walk(f, schema)
	left := f.allowance()
	for n, t := range m.of {
		if t != schema {
			continue
		}
		whole := f.cells(n, left, func(_ byte, c rawCell) {
			if t, ok := schemaRow(c.values); ok && m.trees[t.name] == nil {
				m.trees[t.name] = &t
			}
		})
		schema.broken = schema.broken || !whole
	}
	for _, t := range likely {
		if m.trees[t.name] == nil {
			t.broken = schema.broken
			if !t.broken { // an earlier schema has no such table
				t.root = 0
			}
			m.trees[t.name] = &t
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.trees)) {
		if t := m.trees[name]; t.root != 0 {
			m.walk(f, t)
		}
	}
	return m
}

// schemaRow reads a row of the schema: type, name, table, root and SQL.
func schemaRow(v row) (t rawTree, ok bool) {
	if len(v) != 5 || v.int(3) < 1 {
		return t, false
	}
	without := strings.Contains(v.text(4), "WITHOUT ROWID")
	return rawTree{name: v.text(1), root: int(v.int(3)), index: v.text(0) == "index" || without}, true
}

// likelyTrees are those of which rows are looked for, in a file of ours into which
// nothing was written yet: their roots are at its beginning and stay there (sqlite.org/fileformat2.html#b_tree_pages).
func likelyTrees(ctx context.Context, tx *sql.Tx) (trees []rawTree, err error) {
	err = rowsOf(ctx, tx, "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema", nil, func(v row) bool {
		if t, ok := schemaRow(v); ok && shapeOf(t.name) != nil {
			trees = append(trees, t)
		}
		return true
	})
	return trees, err
}

// walk notes the pages of a tree.
func (m *rawMap) walk(f rawFile, t *rawTree) {
	for todo := []int{t.root}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		kind, _ := f.kind(n)
		switch index := kind == rawIndexInner || kind == rawIndexLeaf; {
		case kind == 0 || index != t.index:
			t.broken = true
			continue
		case m.of[n] != nil: // one of them does not have it
			t.broken, m.of[n].broken = true, true
			continue
		}
		m.of[n] = t
		next, whole := f.children(n)
		t.broken = t.broken || !whole
		todo = append(todo, next...)
	}
}

// kind returns what a page of a tree is, 0 if it is none, and where its header begins.
func (f rawFile) kind(n int) (kind byte, start int) {
	if n == 1 {
		start = headerSize
	}
	page := f.page(n)
	if page == nil || !slices.Contains([]byte{rawInner, rawLeaf, rawIndexInner, rawIndexLeaf}, page[start]) {
		return 0, start
	}
	return page[start], start
}

// children returns to which pages a page leads, and whether that could all be read.
func (f rawFile) children(n int) (pages []int, whole bool) {
	kind, start := f.kind(n)
	if kind != rawInner && kind != rawIndexInner {
		return nil, true
	}
	page := f.page(n)
	last := binary.BigEndian.Uint32(page[start+8:])
	for i := range int(binary.BigEndian.Uint16(page[start+3:])) {
		at := start + 12 + 2*i
		if at+2 > pageSize {
			return pages, false
		}
		cell := int(binary.BigEndian.Uint16(page[at:]))
		if cell+4 > pageSize {
			return pages, false
		}
		pages = append(pages, int(binary.BigEndian.Uint32(page[cell:])))
	}
	return append(pages, int(last)), true
}
