package typeset

// recent keeps what was used lately, in two generations: when the newer one
// weighs its limit, it becomes the older one, and what that held goes.
type recent[K comparable, V any] struct {
	limit        int
	weight       int // of the newer
	newer, older map[K]weighed[V]
}

type weighed[V any] struct {
	value  V
	weight int
}

func (r *recent[K, V]) get(key K) (value V, ok bool) {
	kept, ok := r.newer[key]
	if !ok {
		if kept, ok = r.older[key]; ok {
			r.put(key, kept.value, kept.weight)
		}
	}
	return kept.value, ok
}

// put keeps a value that is not among the newer ones.
func (r *recent[K, V]) put(key K, value V, weight int) {
	if r.newer == nil || r.weight >= r.limit {
		r.older, r.newer, r.weight = r.newer, make(map[K]weighed[V]), 0
	}
	r.newer[key] = weighed[V]{value, weight}
	r.weight += weight
}

// clear forgets everything.
func (r *recent[K, V]) clear() { *r = recent[K, V]{limit: r.limit} }
