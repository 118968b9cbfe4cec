package opset

import (
	"slices"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// element is an element of which some operations may still come. If it is more
// than a plain insertion so far, the Builder's place has its operations.
type element struct {
	open       bool
	id, origin opid.ID
	raw        []byte
	succs      []opid.ID
}

// run gathers plain elements that are one run.
type run struct {
	first, origin opid.ID
	n             int
	content       []byte
	deleted       []sequence.Span
}

// addElem begins an element.
func (b *Builder) addElem(op *format.DocOp) error {
	if err := b.closeElem(); err != nil {
		return err
	}
	e := &b.elem
	e.open, e.id, e.origin = true, b.id(op.ID), b.id(op.Key.Elem)
	if b.obj.kind == Text && isPlain(op.Action, op.Value) {
		e.raw, e.succs = append(e.raw[:0], op.Value.Raw...), append(e.succs[:0], b.shared...)
		return nil
	}
	b.place = &place{}
	return b.addToPlace(op)
}

// addToElem adds an operation on the element that was begun last.
func (b *Builder) addToElem(next *format.DocOp) error {
	e := &b.elem
	if !e.open || b.id(next.Key.Elem) != e.id {
		return ErrElem
	}
	if b.place == nil {
		b.place = &place{sorted: 1, ops: []op{{
			id: e.id, action: format.Set, typ: format.String, raw: string(e.raw), succs: slices.Clone(e.succs),
		}}}
	}
	return b.addToPlace(next)
}

// closeElem gives the element to the sequence.
func (b *Builder) closeElem() error {
	e, p := &b.elem, b.place
	switch {
	case !e.open:
		return nil
	case p == nil:
		e.open = false
		return b.append(e)
	}
	e.open = false
	if err := b.closePlace(); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	r := sequence.Run{First: e.id, N: 1, Origin: e.origin}
	if b.obj.kind == Text && p.isLayers(b.s.actors) {
		r.Content, r.Deleted, r.Revived = p.layers()
	} else {
		b.obj.items = true
		r.Item, r.Width = p, p.width(b.obj.kind)
	}
	return b.list.Append(r)
}

// append adds a plain element to the run if it goes on there, else begins a new
// one.
func (b *Builder) append(e *element) error {
	r := &b.run
	if r.n == 0 || e.id != r.first.Plus(r.n) || e.origin != r.first.Plus(r.n-1) || !r.deletedBy(e.succs) {
		if err := b.flush(); err != nil {
			return err
		}
		r.first, r.origin = e.id, e.origin
		for _, s := range e.succs {
			r.deleted = append(r.deleted, sequence.Span{Op: s, Step: 1})
		}
	}
	r.n++
	r.content = append(r.content, e.raw...)
	return nil
}

// deletedBy reports whether the deletions of the run's next element go on as
// those of the run do, and takes their direction from the second element.
func (r *run) deletedBy(succs []opid.ID) bool {
	if len(succs) != len(r.deleted) {
		return false
	}
	for i, s := range succs {
		d := r.deleted[i]
		if s != d.At(r.n) && (r.n > 1 || s != d.Op.Plus(-1)) {
			return false
		}
	}
	if r.n == 1 {
		for i, s := range succs {
			if d := &r.deleted[i]; s != d.Op.Plus(1) {
				d.Step = -1
			}
		}
	}
	return true
}

// flush gives the run to the sequence.
func (b *Builder) flush() error {
	r := &b.run
	if r.n == 0 {
		return nil
	}
	err := b.list.Append(sequence.Run{
		First: r.first, N: r.n, Origin: r.origin, Content: string(r.content), Deleted: slices.Clone(r.deleted),
	})
	r.n, r.content, r.deleted = 0, r.content[:0], r.deleted[:0]
	return err
}

// isLayers reports whether a place of a text is no more than a plain element
// that was revived: each value is its character, and was only ever deleted.
func (p *place) isLayers(actors *opid.Actors) bool {
	for i := range p.ops {
		o := &p.ops[i]
		if o.more != nil || o.raw != p.ops[0].raw || !isPlain(o.action, format.Value{Type: o.typ, Raw: []byte(o.raw)}) {
			return false
		}
		if slices.ContainsFunc(o.succs, func(id opid.ID) bool { return p.find(id, actors) != nil }) {
			return false
		}
	}
	return true
}

// layers is what a sequence keeps of such a place.
func (p *place) layers() (content string, deleted []sequence.Span, revived []sequence.Layer) {
	for i := range p.ops {
		o := &p.ops[i]
		var spans []sequence.Span
		for _, s := range o.succs {
			spans = append(spans, sequence.Span{Op: s, Step: 1})
		}
		if i == 0 {
			content, deleted = o.raw, spans
			continue
		}
		revived = append(revived, sequence.Layer{Span: sequence.Span{Op: o.id, Step: 1}, Deleted: spans})
	}
	return content, deleted, revived
}
