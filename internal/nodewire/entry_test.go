package nodewire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var keys = [][]byte{[]byte("the first of two keys"), []byte("the second of two keys")}

func sample() (Entry, []Message) {
	messages := []Message{{
		ID: "i", Room: "tea", Key: "k", Batch: true, Volatile: true,
		Fragments: []Fragment{{"#a", "<b>é</b>", "beforeend"}, {"#b", "", "delete"}},
		Filters: []Filter{
			{Kind: 1, Names: []string{"tea"}},
			{Kind: 7, Of: []Filter{{Kind: 5, Numbers: [3]float64{1.5, -2, 3}, Key: "x", Pages: []string{"p"}}}},
		},
	}, {}}
	return Entry{Kind: Messages, Node: "n1", Mark: NewMark(), Body: AppendMessages(nil, messages)}, messages
}

func TestWhatOneNodeSealsAnotherOpens(t *testing.T) {
	e, messages := sample()
	for _, secret := range keys {
		opened, err := Open(e.Seal(secret), keys)
		require.NoError(t, err)
		assert.Equal(t, e, opened)
		r := NewReader(opened.Body)
		assert.Equal(t, messages, r.Messages())
		assert.True(t, r.Done())
	}
}

func TestAnEntryWithAnotherByteAnywhereIsRefused(t *testing.T) {
	e, _ := sample()
	sealed := e.Seal(keys[0])
	for i := range sealed {
		changed := append([]byte(nil), sealed...)
		changed[i] ^= 1
		_, err := Open(changed, keys)
		want := ErrForged
		if i < 1+keyIDSize {
			want = ErrUnknown
		}
		assert.ErrorIs(t, err, want, "byte %d", i)
	}
	for n := range sealed {
		_, err := Open(sealed[:n], keys)
		assert.Error(t, err, "%d bytes", n)
	}
}

func TestAnEntryOfANewerProgramIsUnknown(t *testing.T) {
	e, _ := sample()
	for name, change := range map[string]func() []byte{
		"a key that is not ours": func() []byte { return e.Seal([]byte("another key altogether")) },
		"another kind":           func() []byte { e := e; e.Kind = kinds; return e.Seal(keys[0]) },
		"no kind":                func() []byte { e := e; e.Kind = 0; return e.Seal(keys[0]) },
	} {
		_, err := Open(change(), keys)
		assert.ErrorIs(t, err, ErrUnknown, name)
	}
}

func TestFiltersHaveABoundedDepth(t *testing.T) {
	deep := Filter{Kind: 1}
	for range MaxFilterDepth + 1 {
		deep = Filter{Kind: 7, Of: []Filter{deep}}
	}
	r := NewReader(AppendFilters(nil, []Filter{deep}))
	r.Filters()
	assert.True(t, r.Failed)
	r = NewReader(AppendFilters(nil, deep.Of))
	assert.Equal(t, deep.Of, r.Filters())
	assert.True(t, r.Done())
}

func FuzzEntry(f *testing.F) {
	e, _ := sample()
	f.Add(e.Seal(keys[0]))
	f.Fuzz(func(t *testing.T, b []byte) {
		if opened, err := Open(b, keys); err == nil {
			assert.Equal(t, b, opened.Seal(keys[0])[:len(b)])
		}
	})
}

// What a reader takes without failing, it writes again unchanged, as far as its length has one form.
func FuzzFilter(f *testing.F) {
	_, messages := sample()
	f.Add(AppendMessages(nil, messages))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		read := r.Messages()
		if !r.Done() {
			return
		}
		again := NewReader(AppendMessages(nil, read))
		assert.Equal(t, len(read), len(again.Messages()))
		assert.True(t, again.Done())
	})
}
