package ring

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func contents(r *Ring[int]) []int {
	all := []int{}
	for i := range r.Len() {
		all = append(all, *r.At(i))
	}
	return all
}

func TestRing(t *testing.T) {
	t.Run("returns what was pushed in its order", func(t *testing.T) {
		var r Ring[int]
		for i := range 3 {
			r.Push(i, 10)
		}
		assert.Equal(t, []int{0, 1, 2}, contents(&r))
		assert.Equal(t, 0, r.Pop())
		assert.Equal(t, []int{1, 2}, contents(&r))
	})
	t.Run("goes round the end of its memory", func(t *testing.T) {
		var r Ring[int]
		for i := range 100 {
			if r.Len() == 5 {
				r.Pop()
			}
			r.Push(i, 5)
		}
		assert.Equal(t, []int{95, 96, 97, 98, 99}, contents(&r))
		assert.Len(t, r.values, 5, "no more memory than the limit")
	})
	t.Run("keeps the order when it grows after it went round", func(t *testing.T) {
		var r Ring[int]
		for i := range 4 {
			r.Push(i, 64)
		}
		r.Pop()
		for i := 4; i < 20; i++ {
			r.Push(i, 64)
		}
		assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, contents(&r))
	})
	t.Run("grows beyond the limit when it must", func(t *testing.T) {
		var r Ring[int]
		for i := range 9 {
			r.Push(i, 2)
		}
		assert.Len(t, contents(&r), 9)
	})
	t.Run("gives its memory back", func(t *testing.T) {
		var r Ring[int]
		r.Push(1, 1)
		r.Clear()
		assert.Nil(t, r.values)
		assert.Zero(t, r.Len())
	})
	t.Run("panics instead of returning what is not there", func(t *testing.T) {
		var r Ring[int]
		assert.Panics(t, func() { r.Pop() })
		assert.Panics(t, func() { r.At(0) })
	})
}
