package acceptance

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestVerbs(t *testing.T) {
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	c := s.stream(t)
	for what, row := range map[string]struct {
		fragment wsx.Fragment
		target   string
		args     string
	}{
		"value":        {dom.SetValue("#name", `"Ada"`), "#name", `["value","\"Ada\""]`},
		"attribute":    {dom.SetAttr("#name", "placeholder", "Who?"), "#name", `["attr","placeholder","Who?"]`},
		"no attribute": {dom.RemoveAttr("#name", "disabled"), "#name", `["attr","disabled"]`},
		"classes":      {dom.AddClass("#name", "a", "b"), "#name", `["addClass","a","b"]`},
		"fewer":        {dom.RemoveClass("#name", "a"), "#name", `["removeClass","a"]`},
		"other":        {dom.ToggleClass("#name", "a"), "#name", `["toggleClass","a"]`},
		"focus":        {dom.Focus("#name"), "#name", `["focus"]`},
		"scroll":       {dom.ScrollTo("#name"), "#name", `["scroll"]`},
		"event":        {dom.Dispatch("#map", "moved", map[string]int{"x": 1}), "#map", `["dispatch","moved","{\"x\":1}"]`},
		"title":        {dom.SetTitle("2 new"), "html", `["title","2 new"]`},
		"push":         {dom.PushURL("/a?b"), "html", `["push","/a?b"]`},
		"replace":      {dom.ReplaceURL("/ü"), "html", `["replace","/%C3%BC"]`},
		"navigate":     {dom.Navigate("/a"), "html", `["redirect","/a"]`},
		"reload":       {dom.Reload(), "html", `["reload"]`},
		"announce":     {dom.Announce("Ann has come"), "html", `["announce","Ann has come"]`},
	} {
		t.Run(what, func(t *testing.T) {
			require.NoError(t, s.hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{row.fragment}}))
			assert.Contains(t, c.next(), `"target":"`+row.target+`","html":"","swap":"action","args":`+row.args+`}`)
		})
	}
	t.Run("a plain client is told what is html", func(t *testing.T) {
		plain := s.dial(t)
		before := s.hub.Stats().Dropped["verb"]
		require.NoError(t, s.hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{dom.Focus("#a"), dom.SetText("#b", "<"), dom.Remove("#c")}}))
		assert.Contains(t, plain.next(), `"target":"#b","html":"&lt;","swap":"innerHTML","oob":[{"target":"#c","html":"","swap":"delete"}]}`)
		assert.Equal(t, before+1, s.hub.Stats().Dropped["verb"])
	})
}

// A program's test sees the verb that its handler made, wherever in a frame it came.
func TestVerbsInWsxtest(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		want := []wsx.Fragment{dom.SetTitle("1 < 2"), {Target: "#a", HTML: "x", Swap: wsx.Append}, dom.AddClass("#a", "b", "c")}
		hub.On("go", func(context.Context, *wsx.Request) (*wsx.Response, error) {
			return new(wsx.Response).With(want...), nil
		})
		page := wsxtest.Open(t, hub, nil)
		assert.Equal(t, want, page.Ask("go", nil))
		require.NoError(t, page.Conn().Publish(wsx.Message{Fragments: want}))
		var b wsx.Batch
		b.AddMessage(wsx.Message{Fragments: want})
		require.NoError(t, hub.Flush(&b))
		synctest.Wait()
		assert.Equal(t, append(slices.Clone(want), want...), page.Pushed())
	})
}

func TestVerbsThatAreRefused(t *testing.T) {
	hub := newHub(t, nil)
	for what, f := range map[string]wsx.Fragment{
		"a script as event":     dom.SetAttr("#a", "onclick", "alert(1)"),
		"in other letters":      dom.SetAttr("#a", "OnClick", "alert(1)"),
		"a page in a frame":     dom.SetAttr("#a", "srcdoc", "<script>"),
		"a script as address":   dom.SetAttr("#a", "href", "javascript:alert(1)"),
		"with blanks in it":     dom.SetAttr("#a", "href", " java\tscript\n:alert(1)"),
		"a page as address":     dom.SetAttr("#a", "src", "data:text/html,<script>"),
		"no name":               dom.SetAttr("#a", "", "x"),
		"a name and more":       dom.SetAttr("#a", "x onclick=alert(1)", "x"),
		"another origin":        dom.Navigate("https://evil.example"),
		"an address of it":      dom.PushURL("//evil.example"),
		"a backslash":           dom.ReplaceURL("/\\evil.example"),
		"a detail like no JSON": dom.Dispatch("#a", "b", math.Inf(1)),
		"a verb by hand":        {Target: "#a", Swap: `action ["eval","alert(1)"]`},
		"too much by hand":      {Target: "#a", Swap: `action ["focus","b"]`},
		"nothing by hand":       {Target: "#a", Swap: `action []`},
		"no list by hand":       {Target: "#a", Swap: `action focus`},
		"no texts by hand":      {Target: "#a", Swap: `action [["focus"]]`},
		"no target":             dom.Focus(" "),
		"too many classes":      dom.AddClass("#a", strings.Split(strings.Repeat("a ", 100), " ")...),
	} {
		t.Run(what, func(t *testing.T) {
			err := hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{f}})
			if what == "no target" {
				assert.ErrorIs(t, err, wsx.ErrTarget)
				return
			}
			assert.ErrorIs(t, err, wsx.ErrSwap)
		})
	}
}
