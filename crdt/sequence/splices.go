package sequence

// MaxSplices is how many places a [Splices] tells apart.
const MaxSplices = 64

// Splice says that Delete code points at At were replaced by Insert.
type Splice struct {
	At, Delete int
	Insert     []rune
}

// Splices gathers what changes do to a text, each splice referring to the text
// that the one before it left. What goes on where the last one ended, such as
// typing, is joined with it. The zero value is empty.
type Splices struct {
	list []Splice
	many bool
}

// All returns the splices in order, and false if there are more than
// [MaxSplices]. They must not be written to.
func (s *Splices) All() ([]Splice, bool) { return s.list, !s.many }

// Add adds the splices of the next change.
func (s *Splices) Add(next *Splices) {
	s.many = s.many || next.many
	for _, n := range next.list {
		for range n.Delete {
			s.remove(n.At)
		}
		for i, r := range n.Insert {
			s.insert(n.At+i, r)
		}
	}
}

// last is the splice that may go on, nil if there is none yet.
func (s *Splices) last() *Splice {
	if len(s.list) == 0 {
		return nil
	}
	return &s.list[len(s.list)-1]
}

func (s *Splices) insert(at int, r rune) {
	if l := s.last(); l != nil && at == l.At+len(l.Insert) {
		l.Insert = append(l.Insert, r)
		return
	}
	s.begin(Splice{At: at, Insert: []rune{r}})
}

func (s *Splices) remove(at int) {
	if l := s.last(); l != nil {
		switch end := l.At + len(l.Insert); {
		case at == end: // the code point behind
			l.Delete++
			return
		case at == end-1 && len(l.Insert) > 0: // the last one inserted
			l.Insert = l.Insert[:len(l.Insert)-1]
			return
		case at == l.At-1: // the one before
			l.At--
			l.Delete++
			return
		}
	}
	s.begin(Splice{At: at, Delete: 1})
}

func (s *Splices) begin(next Splice) {
	if len(s.list) == MaxSplices {
		s.many = true
	}
	if !s.many {
		s.list = append(s.list, next)
	}
}
