// Package ring has a bounded queue in one slice that grows with its content.
package ring

// Ring is a queue of values. The zero value is empty and ready to use. It must not be used
// concurrently.
type Ring[T any] struct {
	values []T // used from first on, and around its end
	first  int
	count  int
}

// minimum is the size of the first slice.
const minimum = 4

// Len returns the number of values.
func (r *Ring[T]) Len() int { return r.count }

// At returns a pointer to the value behind i others, which is valid until the next Push or Pop. It
// panics unless 0 <= i < Len().
func (r *Ring[T]) At(i int) *T {
	if i < 0 || i >= r.count {
		panic("ring: index out of range")
	}
	return &r.values[(r.first+i)%len(r.values)]
}

// Push adds a value at the end. The slice doubles up to limit, and grows beyond that only if more
// values are pushed.
func (r *Ring[T]) Push(v T, limit int) {
	if r.count == len(r.values) {
		r.grow(limit)
	}
	r.count++
	*r.At(r.count - 1) = v
}

// grow moves the values to a larger slice. It doesn't allocate beyond limit while that suffices,
// because rooms keep theirs for long.
func (r *Ring[T]) grow(limit int) {
	size := max(2*len(r.values), minimum)
	if r.count < limit {
		size = min(size, limit)
	}
	values := make([]T, size)
	for i := range r.count {
		values[i] = *r.At(i)
	}
	r.values, r.first = values, 0
}

// Pop removes and returns the first value. It panics if there is none. It clears the place, so that
// the slice keeps nothing alive.
func (r *Ring[T]) Pop() T {
	var none T
	p := r.At(0)
	v := *p
	*p = none
	r.first = (r.first + 1) % len(r.values)
	r.count--
	return v
}

// Clear removes all values and frees the slice.
func (r *Ring[T]) Clear() { *r = Ring[T]{} }
