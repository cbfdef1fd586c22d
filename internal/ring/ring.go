// Package ring is a queue of a bounded number of values in one piece of memory, which grows with what it holds.
package ring

// Ring is a queue of values. The zero value is empty and ready. It is not safe for concurrent use.
type Ring[T any] struct {
	values []T // all of it is used, from first on and round its end
	first  int
	count  int
}

// minimum is how many values the first piece of memory holds.
const minimum = 4

// Len returns how many values there are.
func (r *Ring[T]) Len() int { return r.count }

// At returns the value behind i others, to be read or changed in place until the next Push. It panics unless 0 <= i < Len().
func (r *Ring[T]) At(i int) *T {
	if i < 0 || i >= r.count {
		panic("ring: index out of range")
	}
	return &r.values[(r.first+i)%len(r.values)]
}

// Push adds a value at the end. Memory is taken for up to limit values, and for more only if more are pushed than that.
func (r *Ring[T]) Push(v T, limit int) {
	if r.count == len(r.values) {
		r.grow(limit)
	}
	r.count++
	*r.At(r.count - 1) = v
}

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

// Pop takes out the first value. It panics if there is none.
func (r *Ring[T]) Pop() T {
	var none T
	p := r.At(0)
	v := *p
	*p = none
	r.first = (r.first + 1) % len(r.values)
	r.count--
	return v
}

// Clear takes out all values and gives the memory back.
func (r *Ring[T]) Clear() { *r = Ring[T]{} }
