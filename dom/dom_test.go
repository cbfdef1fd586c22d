package dom_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/protocol"
)

// TestVerbsAreTheGoldenFrames compares the verbs with the frames that the tests of the browser client apply.
func TestVerbsAreTheGoldenFrames(t *testing.T) {
	t.Parallel()
	for name, fragments := range map[string][]wsx.Fragment{
		"verbs.json": {
			dom.SetText("#text", "1 < 2"), dom.Remove("#gone"), dom.SetValue("#field", `"Ada"`), dom.SetAttr("#field", "placeholder", "Who?"),
			dom.RemoveAttr("#field", "disabled"), dom.AddClass("#text", "a", "b"), dom.RemoveClass("#text", "b", "c"),
			dom.ToggleClass("#text", "d", "e"), dom.Focus("#field"), dom.ScrollTo("#text"), dom.Dispatch("#text", "moved", map[string]int{"x": 1}),
			dom.SetTitle("2 new"), dom.PushURL("?pushed"), dom.ReplaceURL("?replaced"), dom.Navigate("#there"), dom.Announce("Ann has come"),
		},
		"reload.json": {dom.Reload()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var checked []protocol.Fragment
			for _, f := range fragments {
				one, err := protocol.Check(f.Target, string(f.HTML), string(f.Swap))
				require.NoError(t, err)
				checked = append(checked, one)
			}
			want, err := os.ReadFile(filepath.Join("..", "testdata", "frames", name))
			require.NoError(t, err)
			got := frame.Payload(protocol.UpdateFrame("p1-1", checked, protocol.RoomPosition{}, false))
			assert.Equal(t, strings.TrimSpace(string(want)), string(got))
		})
	}
}
