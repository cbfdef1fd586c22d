package wsx_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

func TestVerbs(t *testing.T) {
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	c := s.stream(t)
	for what, row := range map[string]struct {
		fragment wsx.Fragment
		target   string
		args     string
	}{
		"value":        {wsx.SetValue("#name", `"Ada"`), "#name", `["value","\"Ada\""]`},
		"attribute":    {wsx.SetAttr("#name", "placeholder", "Who?"), "#name", `["attr","placeholder","Who?"]`},
		"no attribute": {wsx.RemoveAttr("#name", "disabled"), "#name", `["attr","disabled"]`},
		"classes":      {wsx.AddClass("#name", "a", "b"), "#name", `["addClass","a","b"]`},
		"fewer":        {wsx.RemoveClass("#name", "a"), "#name", `["removeClass","a"]`},
		"other":        {wsx.ToggleClass("#name", "a"), "#name", `["toggleClass","a"]`},
		"focus":        {wsx.Focus("#name"), "#name", `["focus"]`},
		"scroll":       {wsx.ScrollTo("#name"), "#name", `["scroll"]`},
		"event":        {wsx.Dispatch("#map", "moved", map[string]int{"x": 1}), "#map", `["dispatch","moved","{\"x\":1}"]`},
		"title":        {wsx.SetTitle("2 new"), "html", `["title","2 new"]`},
		"push":         {wsx.PushURL("/a?b"), "html", `["push","/a?b"]`},
		"replace":      {wsx.ReplaceURL("/ü"), "html", `["replace","/%C3%BC"]`},
		"navigate":     {wsx.Navigate("/a"), "html", `["redirect","/a"]`},
		"reload":       {wsx.Reload(), "html", `["reload"]`},
		"announce":     {wsx.Announce("Ann has come"), "html", `["announce","Ann has come"]`},
	} {
		t.Run(what, func(t *testing.T) {
			require.NoError(t, s.hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{row.fragment}}))
			assert.Contains(t, c.next(), `"target":"`+row.target+`","html":"","swap":"action","args":`+row.args+`}`)
		})
	}
	t.Run("a plain client is told what is html", func(t *testing.T) {
		plain := s.dial(t)
		before := s.hub.Stats().Dropped["verb"]
		require.NoError(t, s.hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{wsx.Focus("#a"), wsx.SetText("#b", "<"), wsx.Remove("#c")}}))
		assert.Contains(t, plain.next(), `"target":"#b","html":"&lt;","swap":"innerHTML","oob":[{"target":"#c","html":"","swap":"delete"}]}`)
		assert.Equal(t, before+1, s.hub.Stats().Dropped["verb"])
	})
}

func TestVerbsThatAreRefused(t *testing.T) {
	hub := newHub(t, nil)
	for what, f := range map[string]wsx.Fragment{
		"a script as event":     wsx.SetAttr("#a", "onclick", "alert(1)"),
		"in other letters":      wsx.SetAttr("#a", "OnClick", "alert(1)"),
		"a page in a frame":     wsx.SetAttr("#a", "srcdoc", "<script>"),
		"a script as address":   wsx.SetAttr("#a", "href", "javascript:alert(1)"),
		"with blanks in it":     wsx.SetAttr("#a", "href", " java\tscript\n:alert(1)"),
		"a page as address":     wsx.SetAttr("#a", "src", "data:text/html,<script>"),
		"no name":               wsx.SetAttr("#a", "", "x"),
		"a name and more":       wsx.SetAttr("#a", "x onclick=alert(1)", "x"),
		"another origin":        wsx.Navigate("https://evil.example"),
		"an address of it":      wsx.PushURL("//evil.example"),
		"a backslash":           wsx.ReplaceURL("/\\evil.example"),
		"a detail like no JSON": wsx.Dispatch("#a", "b", math.Inf(1)),
		"a verb by hand":        {Target: "#a", Swap: `action ["eval","alert(1)"]`},
		"too much by hand":      {Target: "#a", Swap: `action ["focus","b"]`},
		"nothing by hand":       {Target: "#a", Swap: `action []`},
		"no list by hand":       {Target: "#a", Swap: `action focus`},
		"no texts by hand":      {Target: "#a", Swap: `action [["focus"]]`},
		"no target":             wsx.Focus(" "),
		"too many classes":      wsx.AddClass("#a", strings.Split(strings.Repeat("a ", 100), " ")...),
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
