// Package recent keeps what was used lately within a bound, for what is dear to
// compute and can be computed again.
package recent

// Cache keeps values in two generations: when the newer one weighs its limit, it
// becomes the older one, and what that held goes. So what is asked for at least
// once in a generation stays, and neither putting nor getting ever costs more
// than a look into two maps. It is for one goroutine.
type Cache[K comparable, V any] struct {
	limit        int
	weight       int // of the newer
	newer, older map[K]weighed[V]
}

type weighed[V any] struct {
	value  V
	weight int
}

// New returns a cache whose generations weigh a limit each, or what the one
// value more weighs.
func New[K comparable, V any](limit int) Cache[K, V] { return Cache[K, V]{limit: limit} }

// Get returns the value under a key, if it is kept.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	kept, ok := c.newer[key]
	if !ok {
		if kept, ok = c.older[key]; ok {
			c.Put(key, kept.value, kept.weight)
		}
	}
	return kept.value, ok
}

// Put keeps a value under a key, in place of the one before.
func (c *Cache[K, V]) Put(key K, value V, weight int) {
	if c.newer == nil || c.weight >= c.limit {
		c.older, c.newer, c.weight = c.newer, make(map[K]weighed[V]), 0
	}
	c.weight += weight - c.newer[key].weight
	c.newer[key] = weighed[V]{value, weight}
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() { *c = New[K, V](c.limit) }

// Len is how many values are kept, at most.
func (c *Cache[K, V]) Len() int { return len(c.newer) + len(c.older) }
