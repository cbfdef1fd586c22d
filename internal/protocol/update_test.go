package protocol

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGoldenFramesHaveTheirKnownShape holds the frames that no encoder of ours makes yet to the words of WIRE.md.
func TestGoldenFramesHaveTheirKnownShape(t *testing.T) {
	t.Parallel()
	swaps := []string{Inner, Outer, Morph, MorphInner, TextContent, Before, Prepend, Append, After, Delete, None}
	type update struct{ Target, HTML, Swap string }
	strict := func(t *testing.T, name string, into any) {
		d := json.NewDecoder(strings.NewReader(golden(t, name)))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(into))
	}
	t.Run("down-batch.json", func(t *testing.T) {
		t.Parallel()
		var f struct {
			Type    string
			Updates []update
		}
		strict(t, "down-batch.json", &f)
		assert.Equal(t, "batch", f.Type)
		require.NotEmpty(t, f.Updates)
		for _, u := range f.Updates {
			assert.NotEmpty(t, u.Target)
			assert.True(t, slices.Contains(swaps, u.Swap))
		}
	})
	t.Run("down-reconnect.json", func(t *testing.T) {
		t.Parallel()
		var f struct {
			Type  string
			After int
		}
		strict(t, "down-reconnect.json", &f)
		assert.Equal(t, "reconnect", f.Type)
		assert.Positive(t, f.After)
	})
}
